#include "gui/panels/meaning_panel.h"

#include <QLabel>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include "gui/models/meaning_text.h"
#include "gui/models/metric_table_model.h"
#include "gui/panels/figures_table.h"
#include "gui/session/session.h"

namespace moeplan {
namespace {

constexpr int kLateMs = 200;

QLabel* text_label(const char* name) {
    auto* label = new QLabel;
    label->setObjectName(name);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Minimum);
    return label;
}

// A label of its own only while it has something to say; the same text again costs no layout.
void say(QLabel& label, const QString& text) {
    if (label.text() != text) {
        label.setText(text);
        label.setAccessibleName(text);
    }
    if (label.isHidden() != text.isEmpty()) label.setVisible(!text.isEmpty());
}

}  // namespace

MeaningPanel::MeaningPanel(Session& session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      key_(new MetricTableModel(this, key_metrics())),
      all_(new MetricTableModel(this)),
      state_(text_label("meaning.state")),
      decided_(text_label("meaning.decided")),
      verdict_(text_label("meaning.verdict")),
      flips_(text_label("meaning.flips")),
      warnings_(text_label("meaning.warnings")),
      expectations_(text_label("meaning.expectations")),
      key_table_(new FiguresTable),
      all_table_(new FiguresTable),
      more_(new QToolButton) {
    setObjectName("meaning");
    auto* inside = new QWidget;
    auto* column = new QVBoxLayout(inside);
    build(*column);
    auto* scroll = new QScrollArea;
    scroll->setObjectName("meaning.scroll");
    scroll->setAccessibleName(tr("What the answer means"));
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    // What is inside is lower where it is wider: a bar that comes and goes with the height would do so for ever.
    scroll->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
    scroll->setWidget(inside);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(scroll);
    setMinimumWidth(300);
    late_.setSingleShot(true);
    late_.setInterval(kLateMs);
    connect(&late_, &QTimer::timeout, this, &MeaningPanel::show_state);
    connect(&session, &Session::answered, this, &MeaningPanel::show_answer);
    connect(&session, &Session::partly_answered, this, &MeaningPanel::show_answer);
    connect(&session, &Session::problems_changed, this, &MeaningPanel::show_state);
    connect(&session, &Session::answering_changed, this, [this](bool on) {
        if (on) late_.start();
        else show_state();
    });
    show_answer();
}

void MeaningPanel::build(QVBoxLayout& column) {
    column.setContentsMargins(10, 8, 10, 8);
    column.setSpacing(8);
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.25);
    verdict_->setFont(large);
    QFont bold = font();
    bold.setBold(true);
    decided_->setFont(bold);
    key_table_->setObjectName("meaning.key_figures");
    key_table_->setAccessibleName(tr("The figures a decision is made by, by candidate"));
    key_table_->setModel(key_);
    all_table_->setObjectName("meaning.all_figures");
    all_table_->setAccessibleName(tr("All figures, by candidate"));
    more_->setObjectName("meaning.more");
    more_->setText(tr("All figures"));
    more_->setAccessibleName(tr("Show all figures"));
    more_->setCheckable(true);
    more_->setAutoRaise(true);
    more_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    more_->setArrowType(Qt::RightArrow);
    all_table_->hide();
    connect(more_, &QToolButton::toggled, this, [this](bool on) {
        more_->setArrowType(on ? Qt::DownArrow : Qt::RightArrow);
        if (on && !all_table_->model()) all_table_->setModel(all_);
        if (on && session_.report()) all_->show(session_.report());
        all_table_->setVisible(on);
    });
    for (QWidget* widget :
         std::initializer_list<QWidget*>{state_, decided_, verdict_, flips_, key_table_, warnings_, expectations_, more_, all_table_})
        column.addWidget(widget);
    column.addStretch(1);
}

void MeaningPanel::show_answer() {
    show_state();
    const auto report = session_.report();
    more_->setVisible(report != nullptr);
    if (!report) return key_table_->hide();
    key_->show(report);
    key_table_->setVisible(key_->columnCount() > 0);
    if (more_->isChecked()) all_->show(report);
    say(*decided_, decided_text(*report));
    say(*verdict_, verdict_text(*report));
    say(*flips_, flips_text(*report));
    say(*warnings_, warnings_text(*report));
    say(*expectations_, expectations_text(*report, session_.scenario().claim));
}

void MeaningPanel::show_state() {
    const bool late = session_.answering() && !late_.isActive();
    if (!session_.answering()) late_.stop();
    QString text;
    if (!session_.report()) {
        text = session_.answering() ? tr("Working out the first answer…") : tr("What a study means stands here as soon as there is one.");
    } else if (session_.is_partial()) {
        text = session_.answering() ? tr("What the simulation has found so far") : tr("What the simulation had found when it was stopped");
    } else if (!session_.problems().empty()) {
        text = tr("⚠ This is the answer of the last study that could be answered.");
    } else if (late) {
        text = tr("Updating…");
    } else if (!session_.is_current() && !session_.answering()) {
        text = tr("This is the answer of an earlier study.");
    }
    say(*state_, text);
}

}  // namespace moeplan
