#include "gui/window/status_line.h"

#include <QLabel>
#include <QProgressBar>
#include <QToolButton>

#include "gui/models/text.h"
#include "gui/session/session.h"

namespace moeplan {
namespace {

constexpr int kLateMs = 200;
constexpr int kMessageMs = 8000;

QString duration(double ms) {
    if (ms < 1000) return QStringLiteral("%1 ms").arg(ms, 0, 'f', ms < 10 ? 1 : 0);
    return QStringLiteral("%1 s").arg(ms / 1000, 0, 'f', 1);
}

}  // namespace

StatusLine::StatusLine(Session& session, QWidget* parent)
    : QStatusBar(parent),
      session_(session),
      state_(new QLabel),
      source_(new QLabel),
      progress_(new QProgressBar),
      cancel_(new QToolButton) {
    setObjectName("status");
    state_->setObjectName("status.state");
    source_->setObjectName("status.source");
    source_->setToolTip(tr("Where the times of the answer come from"));
    progress_->setObjectName("status.progress");
    progress_->setAccessibleName(tr("Progress of the answer"));
    progress_->setRange(0, 1000);
    progress_->setFixedWidth(160);
    cancel_->setObjectName("status.cancel");
    cancel_->setText(tr("Cancel"));
    cancel_->setAccessibleName(tr("Cancel the answer being worked out"));
    cancel_->setToolTip(tr("Stops working out the answer (Esc); the last one stays"));
    addPermanentWidget(source_);
    addPermanentWidget(progress_);
    addPermanentWidget(cancel_);
    addPermanentWidget(state_);
    late_.setSingleShot(true);
    late_.setInterval(kLateMs);
    connect(&late_, &QTimer::timeout, this, &StatusLine::show_state);
    connect(cancel_, &QToolButton::clicked, &session, &Session::cancel);
    connect(&session, &Session::answering_changed, this, [this](bool on) {
        if (on) late_.start();
        else show_state();
    });
    connect(&session, &Session::progress_changed, this, [this](double share) { progress_->setValue(static_cast<int>(share * 1000)); });
    connect(&session, &Session::answered, this, &StatusLine::show_state);
    connect(&session, &Session::problems_changed, this, &StatusLine::show_state);
    connect(&session, &Session::told, this, [this](const QString& message) { showMessage(message, kMessageMs); });
    show_state();
}

void StatusLine::show_state() {
    const bool busy = session_.answering() && !late_.isActive();
    if (!session_.answering()) late_.stop();
    progress_->setVisible(busy);
    cancel_->setVisible(busy);
    if (busy) progress_->setValue(static_cast<int>(session_.progress() * 1000));
    QString text;
    if (busy) text = session_.scenario().method == Method::simulate ? tr("Simulating…") : tr("Working out the answer…");
    else if (!session_.problems().empty())
        text = session_.problems().size() == 1 ? tr("1 problem") : tr("%1 problems").arg(session_.problems().size());
    else if (session_.is_current()) text = tr("Answered in %1").arg(duration(session_.last_answer_ms()));
    else if (session_.report() && session_.has_study()) text = tr("Stopped: not the answer to this study (F5 answers it)");
    if (session_.answering() && !busy) return;   // too short to be worth a word
    state_->setText(text);
    state_->setAccessibleName(text);
    if (session_.report() && source_->text().toStdString() != session_.report()->cost_source)
        source_->setText(text_of(session_.report()->cost_source));
}

}  // namespace moeplan
