#include "gui/panels/candidates_panel.h"

#include <algorithm>

#include <QAction>
#include <QDragEnterEvent>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QScrollArea>
#include <QTimer>
#include <QVBoxLayout>

#include "gui/models/study_edits.h"
#include "gui/models/text.h"
#include "gui/panels/candidate_card.h"
#include "gui/panels/field_form.h"
#include "gui/panels/message_line.h"
#include "gui/panels/model_picker.h"
#include "gui/panels/scroll_column.h"
#include "gui/session/session.h"

namespace moeplan {

CandidatesPanel::CandidatesPanel(Session& session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      column_(make_scroll_column(this)),
      note_(new MessageLine(MessageLine::Kind::note, this)),
      adder_(nullptr) {
    setObjectName("candidates");
    setAcceptDrops(true);
    note_->setObjectName("candidates.note");
    column_->addWidget(note_);
    auto* add = new QPushButton(tr("Add a candidate"), this);
    add->setObjectName("candidates.add");
    add->setToolTip(tr("Search a model for another candidate (Ctrl+Shift+N)"));
    adder_ = new ModelPicker(session, "candidates.model", this);
    column_->addWidget(add);
    column_->addWidget(adder_);
    auto* cluster = new FieldForm(session, 0, this);
    cluster->begin_fold(tr("Nodes and cold starts"), "cluster.fold", false);
    cluster->add({"cluster.gpus_per_node", "cluster.network", "cluster.cold_from", "cluster.cold_rate", "cluster.engine_start"});
    cluster->end_fold();
    column_->addWidget(cluster);
    column_->addStretch(1);
    connect(add, &QPushButton::clicked, this, &CandidatesPanel::add_candidate);
    connect(adder_, &ModelPicker::picked, this, &CandidatesPanel::add_model);
    auto* shortcut = new QAction(tr("Add a candidate"), this);
    shortcut->setShortcut(QKeySequence("Ctrl+Shift+N"));
    shortcut->setShortcutContext(Qt::WindowShortcut);
    connect(shortcut, &QAction::triggered, this, &CandidatesPanel::add_candidate);
    addAction(shortcut);
    connect(&session, &Session::scenario_changed, this, &CandidatesPanel::follow);
    follow();
}

QSize CandidatesPanel::sizeHint() const { return {330, 560}; }

// Cards show a place in the list, so only their number makes new ones: order and content are followed in place.
void CandidatesPanel::follow() {
    const std::size_t count = session_.scenario().candidates.size();
    if (count != cards_.size()) make_cards(count);
    for (CandidateCard* card : cards_) card->refresh();
}

void CandidatesPanel::make_cards(std::size_t count) {
    while (cards_.size() > count) {
        // A card's own button may have asked for this.
        cards_.back()->hide();
        cards_.back()->deleteLater();
        cards_.back()->setObjectName({});
        cards_.pop_back();
    }
    while (cards_.size() < count) {
        auto* card = new CandidateCard(session_, cards_.size(), this);
        connect(card, &CandidateCard::duplicate_wanted, this, &CandidatesPanel::duplicate);
        connect(card, &CandidateCard::move_wanted, this, &CandidatesPanel::move);
        connect(card, &CandidateCard::remove_wanted, this, &CandidatesPanel::remove);
        column_->insertWidget(1 + static_cast<int>(cards_.size()), card);
        card->show();
        cards_.push_back(card);
    }
}

void CandidatesPanel::add_candidate() { adder_->start_search(); }

bool CandidatesPanel::take_model(const QString& model) { return adder_->take(model); }

void CandidatesPanel::add_model(const QString& model) {
    std::size_t added = 0;
    session_.edit(tr("add a candidate"), [&](Scenario& s) { added = moeplan::add_candidate(s, model.toStdString()); });
    adder_->show_model({});
    note_->say({});
    focus_card(added);
}

void CandidatesPanel::duplicate(std::size_t index) {
    std::size_t copy = index;
    session_.edit(tr("duplicate %1").arg(text_of(session_.scenario().candidates[index].name)),
                  [&](Scenario& s) { copy = duplicate_candidate(s, index); });
    note_->say({});
    focus_card(copy);
}

void CandidatesPanel::move(std::size_t index, int by) {
    const std::size_t count = session_.scenario().candidates.size();
    const auto to = static_cast<std::ptrdiff_t>(index) + by;
    if (to < 0 || to >= static_cast<std::ptrdiff_t>(count)) return;
    session_.edit(tr("move %1").arg(text_of(session_.scenario().candidates[index].name)),
                  [&](Scenario& s) { move_candidate(s, index, static_cast<std::size_t>(to)); });
    focus_card(static_cast<std::size_t>(to));
}

void CandidatesPanel::remove(std::size_t index) {
    const auto& all = session_.scenario().candidates;
    if (all.size() < 2) return note_->say(tr("A study needs a candidate: add another one before this one goes."));
    const QString name = text_of(all[index].name);
    Scenario without = session_.scenario();
    const QString with = text_of(describe(remove_candidate(without, index)));
    session_.edit(with.isEmpty() ? tr("remove %1").arg(name) : tr("remove %1 with %2").arg(name, with),
                  [&](Scenario& s) { s = without; });
    note_->say(with.isEmpty() ? QString() : tr("%1 went with %2 that named it. Undo brings them back.").arg(name, with));
    focus_card(std::min(index, cards_.size() - 1));
}

std::size_t CandidatesPanel::current() const {
    for (std::size_t i = 0; i < cards_.size(); ++i) {
        if (cards_[i]->isAncestorOf(focusWidget()) || cards_[i] == focusWidget()) return i;
    }
    return cards_.empty() ? 0 : cards_.size() - 1;
}

void CandidatesPanel::focus_card(std::size_t index) {
    if (index >= cards_.size()) return;
    CandidateCard* card = cards_[index];
    card->focus_name();
    // Its place is known once the layout has settled.
    QTimer::singleShot(0, card, [this, card] {
        if (auto* area = findChild<QScrollArea*>()) area->ensureWidgetVisible(card, 0, 8);
    });
}

void CandidatesPanel::duplicate_current() {
    if (!cards_.empty()) duplicate(current());
}
void CandidatesPanel::remove_current() {
    if (!cards_.empty()) remove(current());
}
void CandidatesPanel::move_current(int by) {
    if (!cards_.empty()) move(current(), by);
}

void CandidatesPanel::dragEnterEvent(QDragEnterEvent* event) {
    if (!dropped_model(*event->mimeData()).isEmpty()) event->acceptProposedAction();
}

// Beside the cards: another candidate.
void CandidatesPanel::dropEvent(QDropEvent* event) {
    take_model(dropped_model(*event->mimeData()));
    event->acceptProposedAction();
}

}  // namespace moeplan
