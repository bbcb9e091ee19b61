#pragma once
// What of a picture is under the mouse. Internal to gui/plots.

#include <optional>

#include <QString>

#include "gui/plots/canvas.h"

namespace moeplan {

struct Nearest {
    QPointF at;        // where the thing is, in the plot's pixels
    QString words;     // series, values with intervals, note: a line each
    bool dot = true;   // worth a ring around it
};

// The nearest point within reach, or the bar, cell or stretch under `pixel`.
std::optional<Nearest> nearest_to(const Canvas& canvas, QPointF pixel);

}  // namespace moeplan
