#include "gui/panels/choice_editor.h"

#include <algorithm>
#include <vector>

#include <QAbstractItemView>
#include <QComboBox>
#include <QCompleter>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QScopedValueRollback>

#include "core/base/nearest.h"
#include "gui/models/text.h"
#include "gui/session/session.h"

namespace moeplan {
namespace {

constexpr int kLongList = 12;

}  // namespace

ChoiceEditor::ChoiceEditor(Session& session, const ChoiceField& field, std::size_t index, QWidget* parent)
    : FieldEditor(session, field.id, index, parent), field_(field), box_(new QComboBox(this)) {
    QGridLayout* grid = make_layout(field.label, field.help);
    box_->setObjectName(name_of_part("choice"));
    box_->setAccessibleName(text_of(field.label));
    box_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box_->setMinimumContentsLength(6);
    box_->setMaxVisibleItems(16);
    box_->setAcceptDrops(false);
    leave_wheel_to_parent(box_);
    box_->installEventFilter(this);
    grid->addWidget(box_, 1, 1, 1, 2);
    grid->setColumnStretch(1, 1);
    set_buddy(box_);
    refresh();
    connect(box_, &QComboBox::currentIndexChanged, this, &ChoiceEditor::choose);
}

void ChoiceEditor::make_searchable() {
    box_->setEditable(true);
    box_->setInsertPolicy(QComboBox::NoInsert);
    box_->completer()->setCompletionMode(QCompleter::PopupCompletion);
    box_->completer()->setFilterMode(Qt::MatchContains);
    box_->lineEdit()->setAcceptDrops(false);
    box_->lineEdit()->setAccessibleName(text_of(field_.label));
    box_->lineEdit()->installEventFilter(this);
    connect(box_->lineEdit(), &QLineEdit::editingFinished, this, &ChoiceEditor::take_typed);
}

// Options are many and change seldom: they are looked up when somebody is about to choose.
void ChoiceEditor::fill() {
    const QScopedValueRollback<bool> quiet(filling_, true);
    const auto options = field_.options(session_.scenario(), session_.catalog(), index_);
    bool same = static_cast<int>(options.size()) == box_->count();
    for (int row = 0; same && row < box_->count(); ++row) {
        const Choice& option = options[static_cast<std::size_t>(row)];
        same = box_->itemData(row).toString() == text_of(option.value) && box_->itemText(row) == text_of(option.label);
    }
    if (same) return;
    box_->clear();
    for (const auto& option : options) box_->addItem(text_of(option.label), text_of(option.value));
    if (box_->count() > kLongList && !box_->isEditable()) make_searchable();
    box_->setCurrentIndex(box_->findData(text_of(shown_)));
    // The list may be wider than the panel.
    const int wanted = box_->view()->sizeHintForColumn(0) + 32;
    box_->view()->setMinimumWidth(std::min(wanted, 480));
}

void ChoiceEditor::choose(int row) {
    if (filling_ || row < 0) return;
    const std::string value = box_->itemData(row).toString().toStdString();
    if (value == shown_) return;
    set_message({});
    session_.edit(tr("change %1").arg(text_of(field_.label)),
                  [this, &value](Scenario& scenario) { field_.set(scenario, session_.catalog(), index_, value); });
    fill();   // what was chosen before may be gone
    refresh();
}

void ChoiceEditor::take_typed() {
    if (!box_->isEditable()) return;
    const QString typed = box_->lineEdit()->text().trimmed();
    if (typed == box_->currentText() && box_->findText(typed, Qt::MatchExactly) == box_->currentIndex()) return set_message({});
    int found = box_->findText(typed, Qt::MatchFixedString);
    if (found < 0) found = box_->findData(typed, Qt::UserRole, Qt::MatchFixedString);
    int matches = 0, last = -1;
    for (int row = 0; row < box_->count() && !typed.isEmpty(); ++row) {
        if (!box_->itemText(row).contains(typed, Qt::CaseInsensitive) &&
            !box_->itemData(row).toString().contains(typed, Qt::CaseInsensitive))
            continue;
        ++matches;
        last = row;
    }
    if (found < 0 && matches == 1) found = last;
    if (found >= 0) {
        set_message({});
        if (found != box_->currentIndex()) box_->setCurrentIndex(found);
        box_->lineEdit()->setText(box_->itemText(box_->currentIndex()));
        return;
    }
    std::vector<std::string> names;
    for (int row = 0; row < box_->count(); ++row) names.push_back(box_->itemData(row).toString().toStdString());
    const std::string hint = did_you_mean(typed.left(60).toStdString(), names);
    set_message(matches > 1
                    ? tr("'%1' fits %2 of the list; type more of the name").arg(typed.left(24)).arg(matches)
                    : tr("expected one of the list, found '%1'%2").arg(typed.left(24), hint.empty() ? QString() : "; " + text_of(hint)));
}

bool ChoiceEditor::eventFilter(QObject* watched, QEvent* event) {
    const bool about_to_choose = event->type() == QEvent::FocusIn || (event->type() == QEvent::MouseButtonPress && watched == box_);
    if (about_to_choose) fill();
    if (watched == box_->lineEdit() && event->type() == QEvent::FocusIn)
        QMetaObject::invokeMethod(box_->lineEdit(), "selectAll", Qt::QueuedConnection);
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape && box_->isEditable() &&
        box_->lineEdit()->text() != box_->itemText(box_->currentIndex())) {
        box_->lineEdit()->setText(box_->itemText(box_->currentIndex()));
        set_message({});
        return true;
    }
    return FieldEditor::eventFilter(watched, event);
}

void ChoiceEditor::refresh() {
    const auto value = field_.get(session_.scenario(), index_);
    set_there(value.has_value());
    if (!value) return;
    if (may_be_worded_otherwise()) fill();
    show_current(*value);
}

// The same layout is of fewer replicas on fewer GPUs, the same GPU at another price when it is rented otherwise.
bool ChoiceEditor::may_be_worded_otherwise() {
    const Scenario& scenario = session_.scenario();
    const auto now = index_ < scenario.candidates.size() ? std::optional(scenario.candidates[index_]) : std::nullopt;
    if (now == worded_for_ && scenario.money == worded_at_) return false;
    worded_for_ = now;
    worded_at_ = scenario.money;
    return true;
}

void ChoiceEditor::show_current(const std::string& value) {
    if (value == shown_ && box_->currentIndex() >= 0 && box_->itemData(box_->currentIndex()).toString() == text_of(value)) return;
    shown_ = value;
    int row = box_->findData(text_of(value));
    if (row < 0 || box_->count() == 0) {
        fill();
        row = box_->findData(text_of(value));
    }
    const QScopedValueRollback<bool> quiet(filling_, true);
    box_->setCurrentIndex(row);
    box_->setAccessibleDescription(box_->currentText());
}

}  // namespace moeplan
