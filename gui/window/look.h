#pragma once
// Light and dark. Every widget takes its colours from the palette set here.

#include <QPalette>
#include <QString>

#include "gui/plots/picture_file.h"

namespace moeplan {

QPalette palette_of(Look look);

// "desktop", "light" or "dark"; anything else is the desktop's. Changes the running program.
void apply_look(const QString& choice);
// Which of them is on.
QString look_choice();

// Larger or smaller letters everywhere, in steps of a point from the desktop's size; kept between 7 and 24 points.
void zoom_text(int steps);
void reset_text_zoom();

}  // namespace moeplan
