#pragma once
// Colours and letters of pictures, light and dark.

#include <optional>

#include <QColor>
#include <QFont>

#include "gui/models/picture.h"
#include "gui/plots/picture_file.h"

class QPalette;

namespace moeplan {

struct PlotTheme {
    bool dark = false;
    QColor background;      // behind everything; transparent in SVG files
    QColor text, faint;     // titles and numbers; grids and what is only there
    QColor muted;           // sentences under titles, labels of axes
    QFont font, small, title;
};

PlotTheme theme_of(const QPalette& palette, const QFont& font);
PlotTheme theme_of(Look look);

// Okabe and Ito's colours, told apart by all common kinds of colour blindness; their yellow darkened on light and their
// blue lightened on dark backgrounds until lines stand out. 8..15: the same towards the background. kNeutral: the text's.
// Source: M. Okabe, K. Ito, "Color Universal Design", 2008, https://jfly.uni-koeln.de/color/
QColor colour_of(int index, const PlotTheme& theme);

// The colour of a value between `low` and `high`: from the background up, or, with a middle, blue below and orange above.
QColor heat_colour(double value, double low, double high, const std::optional<double>& middle, const PlotTheme& theme);

}  // namespace moeplan
