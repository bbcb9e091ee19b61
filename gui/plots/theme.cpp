#include "gui/plots/theme.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include <QFontDatabase>
#include <QFontInfo>
#include <QPalette>

namespace moeplan {
namespace {

// blue, orange, bluish green, vermillion, reddish purple, sky blue, yellow, black's stand-in
constexpr std::array<QRgb, 8> kOnLight{0xff0072b2, 0xffe69f00, 0xff009e73, 0xffd55e00, 0xffcc79a7, 0xff56b4e9, 0xffb5a300, 0xff6b6b6b};
constexpr std::array<QRgb, 8> kOnDark{0xff3f9fdc, 0xffe69f00, 0xff1dbf91, 0xfff0743a, 0xffd992b9, 0xff8acbf2, 0xfff0e442, 0xffa3a3a3};

QColor mixed(const QColor& a, const QColor& b, double share) {
    const auto channel = [&](int x, int y) { return static_cast<int>(std::lround(x + (y - x) * share)); };
    return {channel(a.red(), b.red()), channel(a.green(), b.green()), channel(a.blue(), b.blue())};
}

// Sizes in pixels: layouts then agree on screens, printers and in files.
QFont sized(QFont font, double pixels, bool bold = false) {
    font.setPixelSize(std::max(9, static_cast<int>(std::lround(pixels))));
    font.setBold(bold);
    return font;
}

void set_fonts(PlotTheme& theme, const QFont& font) {
    const double pixels = QFontInfo(font).pixelSize();
    theme.font = sized(font, pixels);
    theme.small = sized(font, pixels * 0.92);
    theme.title = sized(font, pixels * 1.15, true);
}

QColor paper(const PlotTheme& theme) { return theme.dark ? QColor(0x20, 0x22, 0x25) : QColor(Qt::white); }

}  // namespace

PlotTheme theme_of(const QPalette& palette, const QFont& font) {
    PlotTheme theme;
    theme.background = palette.color(QPalette::Base);
    theme.text = palette.color(QPalette::Text);
    theme.dark = theme.background.lightness() < theme.text.lightness();
    theme.muted = mixed(theme.text, theme.background, 0.28);
    theme.faint = mixed(theme.text, theme.background, 0.84);
    set_fonts(theme, font);
    return theme;
}

PlotTheme theme_of(Look look) {
    PlotTheme theme;
    theme.dark = look == Look::dark;
    theme.background = paper(theme);
    theme.text = theme.dark ? QColor(0xe8, 0xe8, 0xe8) : QColor(0x1f, 0x1f, 0x1f);
    theme.muted = mixed(theme.text, theme.background, 0.28);
    theme.faint = mixed(theme.text, theme.background, 0.84);
    QFont font("DejaVu Sans");
    font.setPixelSize(12);
    set_fonts(theme, font);
    return theme;
}

QColor colour_of(int index, const PlotTheme& theme) {
    if (index < 0) return theme.text;
    const auto place = static_cast<std::size_t>(index) % 8;
    const QColor base(theme.dark ? kOnDark[place] : kOnLight[place]);
    const bool pale = (static_cast<std::size_t>(index) / 8) % 2 == 1;
    return pale ? mixed(base, paper(theme), 0.45) : base;
}

QColor heat_colour(double value, double low, double high, const std::optional<double>& middle, const PlotTheme& theme) {
    const QColor calm = theme.dark ? QColor(0x38, 0x3c, 0x42) : QColor(0xf4, 0xf2, 0xee);
    const QColor cold = theme.dark ? QColor(kOnDark[0]) : QColor(kOnLight[0]);
    const QColor hot = theme.dark ? QColor(kOnDark[3]) : QColor(kOnLight[3]);
    if (!middle) return mixed(calm, cold, high > low ? std::clamp((value - low) / (high - low), 0.0, 1.0) : 0.5);
    const double reach = std::max({high - *middle, *middle - low, 1e-12});
    const double share = std::clamp((value - *middle) / reach, -1.0, 1.0);
    return mixed(calm, share < 0 ? cold : hot, std::abs(share));
}

}  // namespace moeplan
