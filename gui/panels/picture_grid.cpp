#include "gui/panels/picture_grid.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <QEvent>

#include "gui/plots/picture_plot.h"

namespace moeplan {
namespace {

constexpr int kTwoColumns = 880, kGap = 1;
constexpr double kSqueeze = 0.9;   // rows give that much of what they want rather than be cut

// Rows that fit `room` together share it; with more of them the first ones fill it, then the next ones.
std::vector<int> spread(std::vector<int> wanted, int room) {
    for (std::size_t first = 0; first < wanted.size();) {
        std::size_t end = first;
        int taken = 0;
        while (end < wanted.size() && (end == first || kSqueeze * (taken + wanted[end]) <= room)) taken += wanted[end++];
        const bool rest = first > 0 && end == wanted.size();   // of several sights the last need not be filled
        const int count = static_cast<int>(end - first), spare = rest ? 0 : room - taken;
        for (int i = 0; first < end; ++first, ++i) wanted[first] += spare * (i + 1) / count - spare * i / count;
    }
    return wanted;
}

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
int PictureGrid::place(const std::vector<PicturePlot*>& shown, const std::vector<int>& heights, int columns) {
    int top = 0;
    bool meanings = true;   // of all, or of none
    std::vector<QRect> places;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const int column = static_cast<int>(i) % columns;
        const int height = heights[i / static_cast<std::size_t>(columns)];
        const int left = width() * column / columns;
        const bool last = i + 1 == shown.size();
        const int right = last || column == columns - 1 ? width() : width() * (column + 1) / columns - kGap;
        places.emplace_back(left, top, right - left, height - kGap);
        meanings = meanings && shown[i]->has_room_for_meaning(places.back().size());
        if (column == columns - 1 || last) top += height;
    }
    for (std::size_t i = 0; i < shown.size(); ++i) {
        shown[i]->allow_meaning(meanings);
        shown[i]->setGeometry(places[i]);
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
    std::vector<PicturePlot*> repeated;
    for (PicturePlot* plot : plots_) {
        const auto same_reason = [&](const PicturePlot* other) { return other->picture().nothing == plot->picture().nothing; };
        if (!plot->picture().empty()) shown.push_back(plot);
        else (std::ranges::any_of(empty, same_reason) ? repeated : empty).push_back(plot);
    }
    if (alone_) {
        shown = {alone_};
        empty.clear();
    }
    for (PicturePlot* plot : plots_) plot->setVisible(alone_ ? plot == alone_ : !std::ranges::count(repeated, plot));
    int empty_height = 0;
    for (PicturePlot* plot : empty) empty_height += plot->least_height(width()) + kGap;
    const int columns = width() >= kTwoColumns && shown.size() > 1 ? 2 : 1;
    const int sight = parentWidget() ? parentWidget()->height() : height();
    std::vector<int> heights = row_heights(shown, columns);
    // Lines without pictures share the sight with few rows and follow after many.
    const bool few = std::accumulate(heights.begin(), heights.end(), 0) * kSqueeze + empty_height <= sight;
    heights = spread(std::move(heights), few ? sight - empty_height : sight);
    const int needed = std::accumulate(heights.begin(), heights.end(), 0) + empty_height;
    if (minimumHeight() != needed) setMinimumHeight(needed);
    place_empty(empty, place(shown, heights, columns));
}

// A grid higher than the sight is not resized with it.
bool PictureGrid::event(QEvent* event) {
    if (event->type() == QEvent::ParentChange && parentWidget()) parentWidget()->installEventFilter(this);
    return QWidget::event(event);
}

bool PictureGrid::eventFilter(QObject* watched, QEvent* event) {
    if (watched == parentWidget() && event->type() == QEvent::Resize) arrange();
    return QWidget::eventFilter(watched, event);
}

}  // namespace moeplan
