#include "gui/panels/candidate_card.h"

#include <initializer_list>

#include <QAction>
#include <QContextMenuEvent>
#include <QDragEnterEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

#include "gui/models/study_edits.h"
#include "gui/models/text.h"
#include "gui/panels/field_form.h"
#include "gui/panels/model_picker.h"
#include "gui/panels/sign_button.h"
#include "gui/panels/text_editor.h"
#include "gui/plots/theme.h"
#include "gui/session/session.h"

namespace moeplan {
namespace {

constexpr int kMargin = 8, kStripe = 5, kRows = 4;
// Candidates beyond the palette share colours in turn, as in the pictures.
constexpr std::size_t kColours = 8;

}  // namespace

CandidateCard::CandidateCard(Session& session, std::size_t index, QWidget* parent) : QWidget(parent), session_(session), index_(index) {
    setObjectName(QStringLiteral("candidate[%1]").arg(index));
    setAcceptDrops(true);
    inside_ = new QWidget(this);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(kMargin + kStripe, 5, kMargin, 4);
    column->setSpacing(kRows);
    column->addWidget(make_heading());
    column->addWidget(inside_);
    make_fields();
    make_actions();
    refresh();
}

void CandidateCard::give_names(QToolButton& button, const QString& what, const char* name) {
    button.setAutoRaise(true);
    button.setFocusPolicy(Qt::StrongFocus);
    button.setObjectName(objectName() + QLatin1Char('.') + QLatin1String(name));
    button.setAccessibleName(what);
    button.setToolTip(what);
}

QWidget* CandidateCard::make_heading() {
    auto* heading = new QWidget(this);
    auto* row = new QHBoxLayout(heading);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(2);
    fold_ = new QToolButton(heading);
    give_names(*fold_, tr("show or hide the fields"), "fold");
    fold_->setArrowType(Qt::DownArrow);
    connect(fold_, &QToolButton::clicked, this, [this] { set_open(!is_open()); });
    name_ = new TextEditor(session_, *find_text_field("candidate.name"), index_, false, heading);
    QToolButton* copy = new SignButton(SignButton::Sign::duplicate, heading);
    up_ = new SignButton(SignButton::Sign::up, heading);
    down_ = new SignButton(SignButton::Sign::down, heading);
    remove_ = new SignButton(SignButton::Sign::remove, heading);
    give_names(*copy, tr("Duplicate (Ctrl+D)"), "duplicate");
    give_names(*up_, tr("Move up (Alt+Up)"), "up");
    give_names(*down_, tr("Move down (Alt+Down)"), "down");
    give_names(*remove_, tr("Remove (Ctrl+Del)"), "remove");
    connect(copy, &QToolButton::clicked, this, [this] { emit duplicate_wanted(index_); });
    connect(up_, &QToolButton::clicked, this, [this] { emit move_wanted(index_, -1); });
    connect(down_, &QToolButton::clicked, this, [this] { emit move_wanted(index_, 1); });
    connect(remove_, &QToolButton::clicked, this, [this] { emit remove_wanted(index_); });
    row->addWidget(fold_, 0, Qt::AlignTop);
    row->addWidget(name_, 1);
    for (QToolButton* button : std::initializer_list<QToolButton*>{copy, up_, down_, remove_}) row->addWidget(button, 0, Qt::AlignTop);
    return heading;
}

void CandidateCard::make_fields() {
    auto* column = new QVBoxLayout(inside_);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kRows);
    model_ = new ModelPicker(session_, QStringLiteral("candidate[%1].model").arg(index_), inside_);
    connect(model_, &ModelPicker::picked, this, [this](const QString& model) {
        session_.edit(tr("change the model"), [&](Scenario& s) { set_model(s, session_.catalog(), index_, model.toStdString()); });
    });
    auto* label = new QLabel(tr("model"), inside_);
    label->setBuddy(model_->findChild<QLineEdit*>());
    auto* model = new QHBoxLayout;
    model->setSpacing(8);
    model->addWidget(label);
    model->addWidget(model_, 1);
    column->addLayout(model);
    form_ = new FieldForm(session_, index_, inside_);
    form_->set_spacing(kRows);
    form_->add_beside({"candidate.gpu", "candidate.count", "candidate.layout", "candidate.precision", "candidate.engine"}, label);
    form_->begin_fold(tr("More"), objectName() + ".more", false);
    form_->add({"candidate.engine_version", "candidate.profile", "candidate.profile_file", "candidate.kv", "candidate.experts_format",
                "candidate.linear_format", "candidate.embedding_format", "candidate.memory_fraction", "candidate.max_sequences",
                "candidate.token_budget", "candidate.whole_prompts", "candidate.graph_tokens", "candidate.async_scheduling",
                "candidate.batch_wait", "candidate.kv_blocks", "candidate.speculative",
                "candidate.experts_on_host",
                "candidate.offload_rate", "candidate.input", "candidate.output"});
    form_->end_fold();
    column->addWidget(form_);
}

void CandidateCard::make_actions() {
    const auto add = [&](const QString& text, const QKeySequence& keys, auto wanted) {
        auto* action = new QAction(text, this);
        action->setShortcut(keys);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        connect(action, &QAction::triggered, this, wanted);
        addAction(action);
    };
    add(tr("Duplicate"), QKeySequence("Ctrl+D"), [this] { emit duplicate_wanted(index_); });
    add(tr("Move up"), QKeySequence("Alt+Up"), [this] { emit move_wanted(index_, -1); });
    add(tr("Move down"), QKeySequence("Alt+Down"), [this] { emit move_wanted(index_, 1); });
    add(tr("Remove"), QKeySequence("Ctrl+Del"), [this] { emit remove_wanted(index_); });
}

void CandidateCard::refresh() {
    const auto& all = session_.scenario().candidates;
    if (index_ >= all.size()) return;
    name_->refresh();
    model_->show_model(text_of(all[index_].model));
    setAccessibleName(tr("candidate %1").arg(text_of(all[index_].name)));
    up_->setEnabled(index_ > 0);
    down_->setEnabled(index_ + 1 < all.size());
    // A study without candidates plans nothing.
    remove_->setEnabled(all.size() > 1);
    remove_->setToolTip(all.size() > 1 ? tr("Remove (Ctrl+Del)") : tr("A study needs a candidate"));
}

bool CandidateCard::is_open() const { return fold_->arrowType() == Qt::DownArrow; }

void CandidateCard::set_open(bool open) {
    fold_->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
    inside_->setVisible(open);
}

void CandidateCard::focus_name() { name_->findChild<QLineEdit*>()->setFocus(); }
bool CandidateCard::take_model(const QString& file) { return model_->take(file); }

void CandidateCard::contextMenuEvent(QContextMenuEvent* event) {
    QMenu* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto all = actions();
    all.at(1)->setEnabled(up_->isEnabled());
    all.at(2)->setEnabled(down_->isEnabled());
    all.at(3)->setEnabled(remove_->isEnabled());
    menu->addActions(all);
    // Shortcuts ask for themselves: a disabled one would be given to nobody.
    connect(menu, &QMenu::aboutToHide, this, [all] {
        for (QAction* action : all) action->setEnabled(true);
    });
    menu->popup(event->globalPos());
}

void CandidateCard::dragEnterEvent(QDragEnterEvent* event) {
    if (dropped_model(*event->mimeData()).isEmpty()) return;
    event->acceptProposedAction();
    dragged_over_ = true;
    update();
}

void CandidateCard::dragLeaveEvent(QDragLeaveEvent*) {
    dragged_over_ = false;
    update();
}

void CandidateCard::dropEvent(QDropEvent* event) {
    dragged_over_ = false;
    update();
    set_open(true);
    take_model(dropped_model(*event->mimeData()));
    event->acceptProposedAction();
}

// A calm sheet with the candidate's colour down its side.
void CandidateCard::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const PlotTheme theme = theme_of(palette(), font());
    const QRectF sheet = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.setPen(QPen(dragged_over_ ? palette().color(QPalette::Highlight) : theme.faint, dragged_over_ ? 2 : 1));
    painter.setBrush(Qt::NoBrush);   // fields stand out from the sheet in both palettes
    painter.drawRoundedRect(sheet, 5, 5);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour_of(static_cast<int>(index_ % kColours), theme));
    painter.setClipRect(QRectF(0, 0, kStripe, height()));
    painter.drawRoundedRect(sheet.adjusted(-0.5, -0.5, 0.5, 0.5), 5, 5);
}

}  // namespace moeplan
