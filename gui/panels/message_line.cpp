#include "gui/panels/message_line.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

namespace moeplan {

MessageLine::MessageLine(Kind kind, QWidget* parent) : QWidget(parent), sign_(new QLabel(this)), words_(new QLabel(this)) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 2);
    row->setSpacing(6);
    sign_->setText(kind == Kind::wrong ? QStringLiteral("⚠") : QStringLiteral("ℹ"));
    sign_->setAlignment(Qt::AlignTop);
    words_->setTextFormat(Qt::PlainText);
    words_->setWordWrap(true);
    words_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    words_->setMinimumWidth(40);
    row->addWidget(sign_);
    row->addWidget(words_, 1);
    if (kind == Kind::note) {
        dismiss_ = new QToolButton(this);
        dismiss_->setText(QStringLiteral("✕"));
        dismiss_->setAutoRaise(true);
        dismiss_->setAccessibleName(tr("dismiss the message"));
        dismiss_->setToolTip(tr("Dismiss"));
        connect(dismiss_, &QToolButton::clicked, this, [this] { say({}); });
        row->addWidget(dismiss_, 0, Qt::AlignTop);
    }
    hide();
}

void MessageLine::say(const QString& what) {
    if (what == words_->text() && isHidden() == what.isEmpty()) return;
    words_->setText(what);
    words_->setAccessibleName(what);
    setVisible(!what.isEmpty());
}

QString MessageLine::text() const { return words_->text(); }

}  // namespace moeplan
