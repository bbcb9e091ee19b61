// Sliders: positions to values that people would have chosen, and back.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "gui/models/fields.h"

namespace moeplan {
namespace {

double number_of(const std::string& text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// Three digits on a logarithmic slider, a thousandth of the range on a linear one.
double rounded(const NumberField& field, double value) {
    if (field.logarithmic) value = number_of(fmt::format("{:.3g}", value));
    if (field.whole) return std::round(value);
    if (field.logarithmic) return value;
    const double step = (field.most - field.least) / kSliderSteps;
    const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 12);
    return number_of(fmt::format("{:.{}f}", value, decimals));
}

}  // namespace

int slider_position(const NumberField& field, double value) {
    if (!(value > field.least)) return 0;
    if (value >= field.most) return kSliderSteps;
    const double share = field.logarithmic ? std::log(value / field.least) / std::log(field.most / field.least)
                                           : (value - field.least) / (field.most - field.least);
    return std::clamp(static_cast<int>(std::lround(share * kSliderSteps)), 0, kSliderSteps);
}

double slider_value(const NumberField& field, int position) {
    if (position <= 0) return field.least;
    if (position >= kSliderSteps) return field.most;
    const double share = static_cast<double>(position) / kSliderSteps;
    const double value = field.logarithmic ? field.least * std::pow(field.most / field.least, share)
                                           : field.least + share * (field.most - field.least);
    return std::clamp(rounded(field, value), field.least, field.most);
}

double stepped(const NumberField& field, double value, int direction, int times) {
    const int towards = direction < 0 ? -1 : 1;
    int position = slider_position(field, value);
    for (int step = 0; step < times; ++step) {
        // A position whose value lies on that side: rounding may put the nearest one on the other.
        while (position >= 0 && position <= kSliderSteps && (slider_value(field, position) - value) * towards <= 0) position += towards;
        if (position < 0 || position > kSliderSteps) break;
        value = slider_value(field, position);
    }
    return value;
}

}  // namespace moeplan
