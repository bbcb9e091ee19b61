#include "gui/plots/picture_plot.h"

#include <QVBoxLayout>
#include <qcustomplot.h>

namespace moeplan {

struct PicturePlot::Drawing {
    QCustomPlot* plot = nullptr;
    Picture picture;
};

PicturePlot::PicturePlot(QWidget* parent) : QWidget(parent), drawing_(new Drawing{new QCustomPlot(this), {}}) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(drawing_->plot);
}
PicturePlot::~PicturePlot() = default;

void PicturePlot::show_picture(const Picture& picture) { drawing_->picture = picture; }
const Picture& PicturePlot::picture() const { return drawing_->picture; }
void PicturePlot::reset_zoom() {}

}  // namespace moeplan
