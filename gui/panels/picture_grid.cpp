#include "gui/panels/picture_grid.h"

#include <algorithm>
#include <numeric>

#include "gui/plots/picture_plot.h"

namespace moeplan {
namespace {

constexpr int kTwoColumns = 880, kGap = 1;

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

std::vector<int> PictureGrid::row_heights(const std::vector<PicturePlot*>& shown, int columns) const {
    std::vector<int> heights;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const auto row = i / static_cast<std::size_t>(columns);
        if (row == heights.size()) heights.push_back(0);
        heights[row] = std::max(heights[row], shown[i]->least_height(width() / columns));
    }
    return heights;
}

// Side by side only where both stay readable; an odd last one has its row alone. Gives the end of the last row.
int PictureGrid::place(const std::vector<PicturePlot*>& shown, std::vector<int> heights, int room, int columns) {
    if (heights.empty()) return 0;
    const int rows = static_cast<int>(heights.size());
    const int spare = std::max(0, room - std::accumulate(heights.begin(), heights.end(), 0));
    for (int& height : heights) height += spare / rows;
    int top = 0;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const int column = static_cast<int>(i) % columns;
        const int height = heights[i / static_cast<std::size_t>(columns)];
        const int left = width() * column / columns;
        const bool last = i + 1 == shown.size();
        const int right = last || column == columns - 1 ? width() : width() * (column + 1) / columns - kGap;
        shown[i]->setGeometry(left, top, right - left, height - kGap);
        if (column == columns - 1 || last) top += height;
    }
    return top;
}

void PictureGrid::place_empty(const std::vector<PicturePlot*>& empty, int top) {
    for (PicturePlot* plot : empty) {
        const int height = plot->least_height(width());
        plot->setGeometry(0, top, width(), height);
        top += height + kGap;
    }
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
    for (PicturePlot* plot : empty) empty_height += plot->least_height(width()) + kGap;
    const int columns = width() >= kTwoColumns && shown.size() > 1 ? 2 : 1;
    std::vector<int> heights = row_heights(shown, columns);
    const int wanted = std::accumulate(heights.begin(), heights.end(), 0);
    if (minimumHeight() != wanted + empty_height) setMinimumHeight(wanted + empty_height);
    place_empty(empty, place(shown, std::move(heights), std::max(wanted, height() - empty_height), columns));
}

}  // namespace moeplan
