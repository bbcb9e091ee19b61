#include "gui/panels/sign_button.h"

#include <QPainter>

namespace moeplan {
namespace {

constexpr double kHalf = 4.5;   // of a sign, at the font's usual size

void paint_sign(QPainter& painter, SignButton::Sign sign, double h) {
    switch (sign) {
        case SignButton::Sign::duplicate:
            painter.drawRect(QRectF(-h, -h + h * 0.6, h * 1.4, h * 1.4));
            painter.drawPolyline(QPolygonF{{-h * 0.4, -h + h * 0.1}, {-h * 0.4, -h}, {h, -h}, {h, h * 0.4}, {h * 0.9, h * 0.4}});
            break;
        case SignButton::Sign::up: painter.drawPolyline(QPolygonF{{-h, h * 0.5}, {0, -h * 0.5}, {h, h * 0.5}}); break;
        case SignButton::Sign::down: painter.drawPolyline(QPolygonF{{-h, -h * 0.5}, {0, h * 0.5}, {h, -h * 0.5}}); break;
        case SignButton::Sign::remove:
            painter.drawLine(QPointF(-h * 0.85, -h * 0.85), QPointF(h * 0.85, h * 0.85));
            painter.drawLine(QPointF(-h * 0.85, h * 0.85), QPointF(h * 0.85, -h * 0.85));
            break;
    }
}

}  // namespace

SignButton::SignButton(Sign sign, QWidget* parent) : QToolButton(parent), sign_(sign) { setAutoRaise(true); }

QSize SignButton::sizeHint() const {
    const int side = fontMetrics().height() + 7;
    return {side, side};
}

void SignButton::paintEvent(QPaintEvent* event) {
    QToolButton::paintEvent(event);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(palette().color(isEnabled() ? QPalette::Active : QPalette::Disabled, QPalette::ButtonText), 1.4);
    pen.setCapStyle(Qt::RoundCap);
    pen.setJoinStyle(Qt::MiterJoin);
    painter.setPen(pen);
    if (!isEnabled()) painter.setOpacity(0.5);
    painter.translate(QRectF(rect()).center());
    paint_sign(painter, sign_, kHalf * fontMetrics().height() / 15.0);
}

}  // namespace moeplan
