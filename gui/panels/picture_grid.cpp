#include "gui/panels/picture_grid.h"

#include <algorithm>

#include <QLayout>

#include "gui/plots/picture_plot.h"

namespace moeplan {
namespace {

constexpr int kLeastHeight = 250, kTwoColumns = 880, kGap = 1;

}  // namespace

PictureGrid::PictureGrid(QWidget* parent) : QWidget(parent) {}

void PictureGrid::add(PicturePlot* plot) { plots_.push_back(plot); }

void PictureGrid::toggle_alone(PicturePlot* plot) {
    alone_ = alone_ == plot ? nullptr : plot;
    arrange();
}

void PictureGrid::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    arrange();
}

// Side by side only where both stay readable; an odd last one has its row alone.
void PictureGrid::place(const std::vector<PicturePlot*>& shown, const QRect& room, int columns) {
    const int count = static_cast<int>(shown.size());
    const int rows = (count + columns - 1) / columns;
    for (int i = 0; i < count; ++i) {
        const int row = i / columns, column = i % columns;
        const bool last = i == count - 1;
        const int left = room.width() * column / columns, right = last ? room.width() : room.width() * (column + 1) / columns;
        const int top = room.top() + room.height() * row / rows, bottom = room.top() + room.height() * (row + 1) / rows;
        shown[static_cast<std::size_t>(i)]->setGeometry(left, top, right - left - (right < room.width() ? kGap : 0), bottom - top - (row < rows - 1 ? kGap : 0));
    }
}

int PictureGrid::place_empty(const std::vector<PicturePlot*>& empty, int width, int top) {
    for (PicturePlot* plot : empty) {
        const int height = plot->layout() ? plot->heightForWidth(width) : 60;
        plot->setGeometry(0, top, width, std::max(48, height));
        top += std::max(48, height) + kGap;
    }
    return top;
}

void PictureGrid::arrange() {
    std::vector<PicturePlot*> shown, empty;
    for (PicturePlot* plot : plots_) (plot->picture().empty() ? empty : shown).push_back(plot);
    if (alone_) {
        shown = {alone_};
        empty.clear();
    }
    for (PicturePlot* plot : plots_) plot->setVisible(!alone_ || plot == alone_);
    int empty_height = 0;
    for (PicturePlot* plot : empty) empty_height += std::max(48, plot->heightForWidth(width())) + kGap;
    const int columns = width() >= kTwoColumns && shown.size() > 1 ? 2 : 1;
    const int rows = (static_cast<int>(shown.size()) + columns - 1) / columns;
    const int wanted = rows * kLeastHeight + empty_height;
    if (minimumHeight() != wanted) setMinimumHeight(wanted);
    const int room = std::max(rows * kLeastHeight, height() - empty_height);
    place(shown, QRect(0, 0, width(), room), columns);
    place_empty(empty, width(), shown.empty() ? 0 : room + kGap);
}

}  // namespace moeplan
