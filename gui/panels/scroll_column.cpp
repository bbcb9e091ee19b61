#include "gui/panels/scroll_column.h"

#include <QScrollArea>
#include <QVBoxLayout>

namespace moeplan {

QVBoxLayout* make_scroll_column(QWidget* panel) {
    auto* outside = new QVBoxLayout(panel);
    outside->setContentsMargins(0, 0, 0, 0);
    auto* area = new QScrollArea(panel);
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    outside->addWidget(area);
    auto* inside = new QWidget(area);
    auto* column = new QVBoxLayout(inside);
    column->setContentsMargins(10, 8, 10, 10);
    column->setSpacing(10);
    area->setWidget(inside);
    return column;
}

}  // namespace moeplan
