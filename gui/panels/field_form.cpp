#include "gui/panels/field_form.h"

#include <algorithm>

#include <QEvent>
#include <QLabel>
#include <QVBoxLayout>

#include "core/base/require.h"
#include "gui/panels/choice_editor.h"
#include "gui/panels/fold.h"
#include "gui/panels/number_editor.h"
#include "gui/panels/text_editor.h"
#include "gui/session/session.h"

namespace moeplan {
namespace {

FieldEditor* make_editor(Session& session, const std::string& id, std::size_t index, QWidget* parent) {
    if (const NumberField* number = find_number_field(id)) return new NumberEditor(session, *number, index, parent);
    if (const ChoiceField* choice = find_choice_field(id)) return new ChoiceEditor(session, *choice, index, parent);
    const TextField* text = find_text_field(id);
    require(text != nullptr, "a form's field is in the tables");
    return new TextEditor(session, *text, index, true, parent);
}

}  // namespace

FieldForm::FieldForm(Session& session, std::size_t index, QWidget* parent)
    : QWidget(parent), session_(session), index_(index), column_(new QVBoxLayout(this)), into_(column_) {
    column_->setContentsMargins(0, 0, 0, 0);
    column_->setSpacing(8);
    connect(&session, &Session::scenario_changed, this, &FieldForm::refresh);
}

void FieldForm::add(const std::vector<std::string>& ids) {
    for (const auto& id : ids) {
        FieldEditor* editor = make_editor(session_, id, index_, this);
        into_->addWidget(editor);
        editors_.push_back(editor);
        if (folding_) folds_.back().editors.push_back(editor);
    }
    refresh();
}

void FieldForm::add_beside(const std::vector<std::string>& ids, QLabel* too) {
    add(ids);
    if (too) beside_.push_back(too);
    for (const auto& id : ids) {
        editor(id)->put_label_beside();
        beside_.push_back(editor(id)->label());
    }
    align_labels();
}

void FieldForm::align_labels() {
    int widest = 0;
    for (const QLabel* label : beside_) widest = std::max(widest, label->fontMetrics().horizontalAdvance(label->text()) + 2);
    for (QLabel* label : beside_) label->setMinimumWidth(widest);
}

void FieldForm::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange) align_labels();
}

void FieldForm::set_spacing(int between_rows) { column_->setSpacing(between_rows); }

void FieldForm::add_widget(QWidget* widget) {
    into_->addWidget(widget);
    if (folding_) folds_.back().always = true;
}

void FieldForm::begin_fold(const QString& title, const QString& name, bool open) {
    auto* fold = new Fold(title, name, open, this);
    column_->addWidget(fold);
    folds_.push_back({.fold = fold});
    into_ = fold->body();
    folding_ = true;
}

void FieldForm::end_fold() {
    into_ = column_;
    folding_ = false;
    refresh();
}

FieldEditor* FieldForm::editor(const std::string& id) const {
    const auto found = std::ranges::find_if(editors_, [&](const FieldEditor* editor) { return editor->id() == id; });
    return found == editors_.end() ? nullptr : *found;
}

void FieldForm::reveal(const std::string& id) {
    for (const Folded& folded : folds_) {
        const bool here = std::ranges::any_of(folded.editors, [&](const FieldEditor* editor) { return editor->id() == id; });
        if (here) folded.fold->set_open(true);
    }
}

void FieldForm::refresh() {
    for (FieldEditor* editor : editors_) editor->refresh();
    // A fold of which nothing applies is none.
    for (Folded& folded : folds_) {
        const bool any = folded.always || std::ranges::any_of(folded.editors, &FieldEditor::is_there);
        if (folded.shown != any) folded.fold->setVisible(any);
        folded.shown = any;
    }
}

}  // namespace moeplan
