#include "gui/plots/hover_label.h"

#include <algorithm>

#include <QPainter>

namespace moeplan {
namespace {

constexpr int kWidest = 430, kAway = 14, kRing = 15;

}  // namespace

HoverLabel::HoverLabel(QWidget* over) : QLabel(over) {
    setObjectName("read-out");
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setTextFormat(Qt::PlainText);
    setWordWrap(true);
    setFrameShape(QFrame::StyledPanel);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::ToolTipBase);
    setForegroundRole(QPalette::ToolTipText);
    setMargin(5);
    hide();
}

void HoverLabel::say(const QString& words, QPoint at) {
    if (words != text()) {
        setText(words);
        int widest = 0;
        for (const QString& line : words.split('\n')) widest = std::max(widest, fontMetrics().horizontalAdvance(line));
        const int width = std::min(kWidest, widest + 2 * margin() + 2 * frameWidth() + 8);
        resize(width, heightForWidth(width));
    }
    const QRect room = parentWidget()->rect().adjusted(2, 2, -2, -2);
    QPoint corner = at + QPoint(kAway, -height() - kAway);
    if (corner.x() + width() > room.right()) corner.setX(at.x() - kAway - width());
    if (corner.y() < room.top()) corner.setY(at.y() + kAway);
    corner.setX(std::clamp(corner.x(), room.left(), std::max(room.left(), room.right() - width())));
    corner.setY(std::clamp(corner.y(), room.top(), std::max(room.top(), room.bottom() - height())));
    move(corner);
    show();
    raise();
}

HoverRing::HoverRing(QWidget* over) : QWidget(over) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    resize(kRing, kRing);
    hide();
}

void HoverRing::surround(QPoint at) {
    move(at - QPoint(kRing / 2, kRing / 2));
    show();
}

void HoverRing::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(palette().color(QPalette::Text), 1.6));
    painter.drawEllipse(QRectF(rect()).adjusted(1.5, 1.5, -1.5, -1.5));
}

}  // namespace moeplan
