#pragma once
// A picture on the screen: hover read-out, legend that hides what is clicked, log or linear axes, drag, zoom and reset,
// copy and export. The only widget of pictures; nothing outside gui/plots knows QCustomPlot.

#include <memory>

#include <QWidget>

#include "gui/models/picture.h"

class QCustomPlot;

namespace moeplan {

class PicturePlot : public QWidget {
    Q_OBJECT

public:
    explicit PicturePlot(QWidget* parent = nullptr);
    ~PicturePlot() override;

    // Draws at once. Zoom and hidden series stay while the picture keeps its id.
    void show_picture(const Picture& picture);
    const Picture& picture() const;

public slots:
    void reset_zoom();

private:
    struct Drawing;
    std::unique_ptr<Drawing> drawing_;
};

}  // namespace moeplan
