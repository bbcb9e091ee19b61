#pragma once
// A text of a study: a name, or a file with a button that chooses one.

#include <functional>
#include <utility>

#include "gui/models/fields.h"
#include "gui/panels/field_editor.h"

class QLineEdit;

namespace moeplan {

class TextEditor : public FieldEditor {
    Q_OBJECT

public:
    // `field` outlives it. Without a label the name says it: card headings.
    TextEditor(Session& session, const TextField& field, std::size_t index, bool labelled = true, QWidget* parent = nullptr);

    // What is wrong with a value beyond what the field knows, as a sentence; empty when nothing is.
    void set_check(std::function<QString(const QString& value)> check) { check_ = std::move(check); }

    void refresh() override;
    void take_typed() override;
    // As if typed: dropped files. The message says what is wrong with it.
    void take(const QString& text);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void choose_file();
    void give_back();

    const TextField& field_;
    QLineEdit* text_;
    std::string shown_;
    std::function<QString(const QString&)> check_;
};

}  // namespace moeplan
