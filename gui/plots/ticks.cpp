#include "gui/plots/ticks.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "gui/models/text.h"

namespace moeplan {
namespace {

bool is_money(const PictureAxis& axis) { return axis.unit.starts_with("USD"); }
bool is_time(const PictureAxis& axis) { return axis.unit == "ms" || axis.unit == "s"; }

// Without zeros at the end; `step` tells how fine the numbers are.
std::string trimmed(double value, double step) {
    if (step > 0 && std::abs(value) < step * 1e-6) return "0";
    const int places = step > 0 ? std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)) + 1, 0, 12) : 6;
    std::string text = fmt::format("{:.{}f}", value, places);
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') text.pop_back();
    }
    return text;
}

std::string with_thousands(std::string text) {
    const std::size_t sign = text.starts_with('-') ? 1 : 0;
    for (std::size_t i = std::min(text.find('.'), text.size()); i > sign + 3; i -= 3) text.insert(i - 3, ",");
    return text;
}

std::string shortened(double value, double step, double high) {
    const double size = std::abs(high);
    if (size >= 1e9) return trimmed(value / 1e9, step / 1e9) + (value == 0 ? "" : "G");
    if (size >= 1e6) return trimmed(value / 1e6, step / 1e6) + (value == 0 ? "" : "M");
    if (size >= 1e4) return trimmed(value / 1e3, step / 1e3) + (value == 0 ? "" : "k");
    return with_thousands(trimmed(value, step));
}

// A power of ten stands alone on a logarithmic axis: every number has its own scale.
std::string shortened_alone(double value) {
    const double fine = std::pow(10.0, std::floor(std::log10(std::abs(value))));
    return shortened(value, fine, value >= 1e3 && value < 1e4 ? 1e4 : value);
}

std::string money(double value, double step, double high) {
    if (std::abs(high) < 0.1) return trimmed(value * 100, step * 100) + " ¢";
    return "$" + shortened(value, step, high);
}

std::string time(double ms) {
    const double fine = std::pow(10.0, std::floor(std::log10(ms)));
    if (ms < 1) return trimmed(ms * 1e3, fine * 1e3) + " µs";
    if (ms < 1e3) return trimmed(ms, fine) + " ms";
    return shortened_alone(ms / 1e3) + " s";
}

double nice_step(double span, double most) {
    const double rough = span / std::max(1.0, most);
    const double ten = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
        if (factor * ten >= rough * (1 - 1e-9)) return factor * ten;
    }
    return 10 * ten;
}

QVector<double> linear_places(double low, double high, double pixels, double apart, const PictureAxis& axis) {
    double step = nice_step(high - low, pixels / apart);
    if (axis.whole) step = std::max(1.0, step);
    QVector<double> places;
    for (double i = std::ceil(low / step - 1e-9); i * step <= high + step * 1e-9 && places.size() < 200; ++i) places.push_back(i * step);
    return places;
}

QVector<double> powers(double low, double high, double base, double stride, const QVector<double>& factors) {
    QVector<double> places;
    const double first = std::floor(std::log(low) / std::log(base) / stride) * stride;
    for (double power = first; places.size() < 200; power += stride) {
        const double unit = std::pow(base, power);
        if (unit > high * (1 + 1e-9)) break;
        for (const double f : factors) {
            if (f * unit >= low * (1 - 1e-9) && f * unit <= high * (1 + 1e-9)) places.push_back(f * unit);
        }
    }
    return places;
}

// The smallest gap between neighbours, in pixels.
double narrowest(const QVector<double>& places, double low, double high, double pixels) {
    double least = pixels;
    for (qsizetype i = 1; i < places.size(); ++i) least = std::min(least, std::log(places[i] / places[i - 1]) / std::log(high / low) * pixels);
    return least;
}

// Where no regular choice fits: as many as do.
QVector<double> thinned(const QVector<double>& places, double low, double high, double pixels, double apart) {
    QVector<double> kept;
    for (const double place : places) {
        if (kept.isEmpty() || std::log(place / kept.back()) / std::log(high / low) * pixels >= apart) kept.push_back(place);
    }
    return kept;
}

}  // namespace

QString axis_title(const PictureAxis& axis, bool logarithmic) {
    const bool silent = axis.unit.empty() || is_money(axis) || axis.unit == "fraction" || axis.unit == "tokens" || axis.unit == "experts" || axis.unit == "x" ||
                        axis.unit == "bool" || (logarithmic && is_time(axis));
    const QString label = text_of(axis.label);
    if (silent || label.isEmpty()) return label;
    return label + ", " + text_of(axis.unit);
}

QString tick_text(double value, double step, const PictureAxis& axis, bool logarithmic, double high) {
    if (logarithmic && value > 0) {
        const double fine = std::pow(10.0, std::floor(std::log10(value))) / 10;
        if (is_money(axis)) return text_of(money(value, fine, std::abs(high) < 0.1 ? high : std::max(value, 0.1)));
        if (axis.unit == "fraction") return text_of(trimmed(value * 100, fine * 100) + " %");
        if (is_time(axis)) return text_of(time(axis.unit == "s" ? value * 1e3 : value));
        return text_of(shortened_alone(value)) + (axis.unit == "x" ? "×" : "");
    }
    if (is_money(axis)) return text_of(money(value, step, high));
    if (axis.unit == "fraction") return text_of(trimmed(value * 100, step * 100) + " %");
    return text_of(shortened(value, step, high)) + (axis.unit == "x" ? "×" : "");
}

QVector<double> tick_places(double low, double high, double pixels, double apart, const PictureAxis& axis, bool logarithmic) {
    if (!(high > low) || !(pixels > 1) || !std::isfinite(high - low)) return {};
    if (!logarithmic || low <= 0 || high / low < (axis.powers_of_two ? 2.5 : 5)) return linear_places(low, high, pixels, apart, axis);
    QVector<QVector<double>> choices;
    if (axis.powers_of_two && high / low <= 5000) {
        for (const double stride : {1.0, 2.0, 3.0}) choices.push_back(powers(low, high, 2, stride, {1}));
    }
    choices.push_back(powers(low, high, 10, 1, {1, 2, 3, 5, 7}));
    if (high / low > 8) choices.back() = powers(low, high, 10, 1, {1, 2, 5});
    for (const double stride : {1.0, 2.0, 3.0, 4.0, 6.0}) choices.push_back(powers(low, high, 10, stride, {1}));
    for (const auto& places : choices) {
        if (places.size() >= 2 && narrowest(places, low, high, pixels) >= apart) return places;
    }
    return thinned(powers(low, high, 10, 1, {1, 2, 5}), low, high, pixels, apart);
}

double PictureTicker::length() const {
    const QRect rect = owner_->axisRect()->rect();
    return owner_->orientation() == Qt::Horizontal ? rect.width() : rect.height();
}

void PictureTicker::categories(const QCPRange& range, QVector<double>& ticks, QVector<QString>* labels) const {
    const QFontMetrics metrics(owner_->tickLabelFont());
    const bool across = owner_->orientation() == Qt::Horizontal;
    int widest = metrics.height();
    if (across) {
        for (const std::string& name : axis_.categories) widest = std::max(widest, metrics.horizontalAdvance(text_of(name)) + 8);
    }
    const double apart = length() / std::max(1e-9, range.size());
    const auto stride = static_cast<std::size_t>(std::max(1.0, std::ceil(std::min(widest, label_room_) / std::max(1.0, apart))));
    std::size_t since_gap = 0;
    for (std::size_t i = 0; i < axis_.categories.size(); ++i) {
        const auto place = static_cast<double>(i);
        if (axis_.categories[i].empty()) {
            since_gap = 0;
            continue;
        }
        if (since_gap++ % stride != 0 || place < range.lower || place > range.upper) continue;
        ticks.push_back(place);
        if (labels) labels->push_back(metrics.elidedText(text_of(axis_.categories[i]), Qt::ElideMiddle, label_room_));
    }
}

void PictureTicker::generate(const QCPRange& range, const QLocale&, QChar, int, QVector<double>& ticks, QVector<double>* sub_ticks, QVector<QString>* labels) {
    ticks.clear();
    if (sub_ticks) sub_ticks->clear();
    if (labels) labels->clear();
    if (!axis_.categories.empty()) return categories(range, ticks, labels);
    const bool log = owner_->scaleType() == QCPAxis::stLogarithmic;
    const QFontMetrics metrics(owner_->tickLabelFont());
    const bool across = owner_->orientation() == Qt::Horizontal;
    const double apart = across ? metrics.horizontalAdvance("0,000 ms") + 12.0 : metrics.height() * 1.9;
    ticks = tick_places(range.lower, range.upper, length(), log && across && axis_.powers_of_two ? apart * 0.55 : log && !across ? apart * 0.75 : apart, axis_, log);
    if (!labels) return;
    const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 1;
    for (const double tick : ticks) labels->push_back(tick_text(tick, step, axis_, log && range.lower > 0, range.upper));
}

}  // namespace moeplan
