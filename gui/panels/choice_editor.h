#pragma once
// One of a list. Long lists are searched by typing any part of a name.

#include <optional>
#include <string>

#include "core/scenario/scenario.h"
#include "gui/models/fields.h"
#include "gui/panels/field_editor.h"

class QComboBox;

namespace moeplan {

class ChoiceEditor : public FieldEditor {
    Q_OBJECT

public:
    // `field` outlives it.
    ChoiceEditor(Session& session, const ChoiceField& field, std::size_t index, QWidget* parent = nullptr);

    void refresh() override;
    void take_typed() override;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void make_searchable();
    void fill();
    void choose(int row);
    void show_current(const std::string& value);

    bool may_be_worded_otherwise();

    const ChoiceField& field_;
    QComboBox* box_;
    std::string shown_;
    // What words of options depend on, as they were last looked up.
    std::optional<Candidate> worded_for_;
    MoneySpec worded_at_;
    bool filling_ = false;
};

}  // namespace moeplan
