#pragma once
// One of a list. Long lists are searched by typing any part of a name.

#include <string>

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

    const ChoiceField& field_;
    QComboBox* box_;
    std::string shown_;
    bool filling_ = false;
};

}  // namespace moeplan
