#pragma once
// A picture painted at the origin of any painter. Internal to gui/plots.

#include <qcustomplot.h>

#include "gui/models/picture.h"
#include "gui/plots/picture_file.h"

namespace moeplan {

void paint_picture(QCPPainter& painter, const Picture& picture, const PictureFileOptions& options, bool transparent);

}  // namespace moeplan
