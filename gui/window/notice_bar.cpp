#include "gui/window/notice_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStyle>

namespace moeplan {

NoticeBar::NoticeBar(const QString& name, QWidget* parent)
    : QFrame(parent), icon_(new QLabel), message_(new QLabel), offers_(new QHBoxLayout) {
    setObjectName(name);
    setFrameShape(QFrame::StyledPanel);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::ToolTipBase);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(10, 6, 10, 6);
    const int side = style()->pixelMetric(QStyle::PM_SmallIconSize);
    icon_->setPixmap(style()->standardIcon(QStyle::SP_MessageBoxInformation).pixmap(side, side));
    message_->setWordWrap(true);
    message_->setObjectName(name + ".message");
    message_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    message_->setFocusPolicy(Qt::NoFocus);
    row->addWidget(icon_);
    row->addWidget(message_, 1);
    row->addLayout(offers_);
    hide();
}

void NoticeBar::show_notice(const QString& message, const std::vector<Offer>& offers) {
    message_->setText(message);
    message_->setAccessibleName(message);
    while (QLayoutItem* item = offers_->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
    for (const Offer& offer : offers) {
        auto* button = new QPushButton(offer.text);
        button->setObjectName(objectName() + "." + QString(offer.text).remove('&'));
        button->setAccessibleName(QString(offer.text).remove('&'));
        connect(button, &QPushButton::clicked, this, offer.chosen);
        offers_->addWidget(button);
    }
    show();
}

}  // namespace moeplan
