#pragma once
// Pictures of one tab: in one column or two, as the room is, those that have nothing to show as lines at the end. Inside a
// scroll area rows fill what is in sight whole: none is cut at its end.

#include <vector>

#include <QWidget>

namespace moeplan {

class PicturePlot;

class PictureGrid : public QWidget {
    Q_OBJECT

public:
    explicit PictureGrid(QWidget* parent = nullptr);

    void add(PicturePlot* plot);
    void arrange();                       // after pictures have changed
    void toggle_alone(PicturePlot* plot);   // over all the room, or back among the others

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    // Heights that rows need.
    std::vector<int> row_heights(const std::vector<PicturePlot*>& shown, int columns) const;
    int place(const std::vector<PicturePlot*>& shown, const std::vector<int>& heights, int columns);
    void place_empty(const std::vector<PicturePlot*>& empty, int top);

    std::vector<PicturePlot*> plots_;
    PicturePlot* alone_ = nullptr;
};

}  // namespace moeplan
