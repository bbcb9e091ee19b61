#pragma once
// A picture on the screen: hover read-out, legend that hides what is clicked, log or linear axes, drag, zoom and reset,
// copy and export. The only widget of pictures; nothing outside gui/plots knows QCustomPlot.
//
// Mouse: drag moves, the wheel zooms, Shift and drag zooms into a rectangle, a double click shows everything again, the
// right button has a menu. Keys: arrows move, + and - zoom, Home shows everything, L and Shift+L switch the x and y axis
// between linear and logarithmic, 1 to 9 hide a name of the legend, Ctrl+C copies, F asks for the whole page.

#include <memory>

#include <QWidget>

#include "core/base/result.h"
#include "gui/models/picture.h"

class QCustomPlot;
class QMenu;

namespace moeplan {

class PicturePlot : public QWidget {
    Q_OBJECT

public:
    explicit PicturePlot(QWidget* parent = nullptr);
    ~PicturePlot() override;

    // Drawn with the next frame: many changes before it draw once. Zoom and hidden series stay while the picture keeps its id.
    void show_picture(const Picture& picture);
    const Picture& picture() const;

    // What stands beside a point of the picture, in this widget's pixels; empty where nothing is near.
    QString words_at(QPoint pixel) const;
    QStringList hidden_series() const;
    bool is_zoomed() const;
    bool is_logarithmic(Qt::Orientation axis) const;   // Horizontal = the picture's x
    // The format follows the name's ending: png, svg, pdf or csv.
    Problems export_to(const QString& file) const;

    // What it takes to read it when it is `width` wide: more for a long legend or many categories.
    int least_height(int width) const;
    // Its meaning stands under the title where there is room for both, unless the page wants it of all pictures or none.
    bool has_room_for_meaning(QSize size) const;
    void allow_meaning(bool allowed);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

public slots:
    void reset_zoom();
    void toggle_series(const QString& name);
    void toggle_scale(Qt::Orientation axis);
    void copy_picture();
    void copy_data();
    void choose_export();   // asks for a file

signals:
    void drawn();                  // what was shown last is on the screen
    void maximise_requested();     // F, or a double click on the title
    void export_failed(const QString& why);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Parts;

    void redraw();
    void place_meaning();
    void hover(QPoint pixel);
    void press(QPoint pixel, Qt::KeyboardModifiers modifiers);
    void pan(double across, double up);
    void zoom(double factor);
    void fill_menu(QMenu& menu);

    std::unique_ptr<Parts> parts_;
};

}  // namespace moeplan
