#include "core/report/format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include <fmt/format.h>

#include "core/base/require.h"

namespace moeplan {
namespace {

// A unit on one scale: the number is divided by `divisor` and written between prefix and suffix.
struct Scale {
    double divisor = 1;
    std::string prefix;
    std::string suffix;
    int fixed_decimals = -1;   // -1: by significant digits
};

struct Step {
    double from;      // smallest magnitude on this scale
    double divisor;
    const char* suffix;
};

constexpr std::array kCount{Step{1e16, 1e15, " P"}, Step{1e12, 1e12, " T"}, Step{1e9, 1e9, " B"},
                            Step{1e6, 1e6, " M"},   Step{1e4, 1e3, " k"},   Step{0, 1, ""}};
constexpr std::array kFlop{Step{1e15, 1e15, " PFLOP"}, Step{1e12, 1e12, " TFLOP"}, Step{1e9, 1e9, " GFLOP"},
                           Step{1e6, 1e6, " MFLOP"}, Step{0, 1, " FLOP"}};
constexpr std::array kBytes{Step{1073741824.0, 1073741824.0, " GiB"}, Step{1048576.0, 1048576.0, " MiB"},
                            Step{1024.0, 1024.0, " KiB"}, Step{0, 1, " B"}};
constexpr std::array kMilliseconds{Step{3.6e6, 3.6e6, " h"}, Step{1.2e5, 6e4, " min"}, Step{1e3, 1e3, " s"},
                                   Step{1, 1, " ms"}, Step{0, 1e-3, " µs"}};
constexpr std::array kSeconds{Step{3600, 3600, " h"}, Step{120, 60, " min"}, Step{1, 1, " s"},
                              Step{1e-3, 1e-3, " ms"}, Step{0, 1e-6, " µs"}};
constexpr std::array kRate{Step{1e6, 1e6, "M"}, Step{1e4, 1e3, "k"}, Step{0, 1, ""}};
constexpr std::array kEnergy{Step{1e3, 1e3, " kJ"}, Step{1, 1, " J"}, Step{0, 1e-3, " mJ"}};
constexpr std::array kMass{Step{1e6, 1e6, " t"}, Step{1e3, 1e3, " kg"}, Step{0, 1, " g"}};

// What the digits of a number at this magnitude round to must not cross into the next scale: 999.96 ms is 1
// s.
double rounded_magnitude(double value) {
    const double magnitude = std::abs(value);
    if (magnitude == 0 || !std::isfinite(magnitude)) return magnitude;
    const double place = std::pow(10.0, std::floor(std::log10(magnitude)) - 2);
    return std::round(magnitude / place) * place;
}

Scale pick(std::span<const Step> steps, double value, const std::string& tail = {}) {
    const double magnitude = rounded_magnitude(value);
    const auto step = std::ranges::find_if(steps, [&](const Step& s) { return magnitude >= s.from; });
    if (value == 0) {   // zero has no magnitude: the unit's own scale
        const auto own = std::ranges::find(steps, 1.0, &Step::divisor);
        return {1, "", fmt::format("{}{}", own == steps.end() ? "" : own->suffix, tail)};
    }
    return {step->divisor, "", fmt::format("{}{}", step->suffix, tail)};
}

Scale money(double value) {
    const double magnitude = rounded_magnitude(value);
    if (magnitude >= 1e6) return {1e6, "$", "M"};
    if (magnitude >= 1e4) return {1e3, "$", "k"};
    if (magnitude >= 100) return {1, "$", "", 0};
    if (magnitude >= 0.1 || magnitude == 0) return {1, "$", "", 2};
    if (magnitude >= 0.01) return {1, "$", ""};
    return {0.01, "", " ¢"};
}

Scale scale_of(double value, std::string_view unit) {
    if (unit.empty()) return pick(kCount, value);
    if (unit == "FLOP") return pick(kFlop, value);
    if (unit == "bytes") return pick(kBytes, value);
    if (unit == "ms") return pick(kMilliseconds, value);
    if (unit == "s") return pick(kSeconds, value);
    if (unit == "tok/s" || unit == "req/s") return pick(kRate, value, fmt::format(" {}", unit));
    if (unit == "J") return pick(kEnergy, value);
    if (unit == "g") return pick(kMass, value);
    if (unit.starts_with("USD")) return money(value);
    if (unit == "experts" || unit == "tokens") return {};
    if (unit == "fraction") return {0.01, "", " %"};
    if (unit == "x") return {1, "", "×"};
    return {1, "", fmt::format(" {}", unit)};
}

int decimals_for(double scaled, int digits) {
    const double magnitude = rounded_magnitude(scaled);
    if (magnitude == 0) return 0;
    const int before =
        static_cast<int>(std::floor(std::log10(magnitude) + 1e-9)) + 1;   // digits before the point
    return std::clamp(digits - before, 0, 12);
}

std::string fixed(double scaled, int decimals) {
    std::string digits = fmt::format("{:.{}f}", std::abs(scaled), decimals);
    const std::size_t point = std::min(digits.find('.'), digits.size());
    std::string text;
    if (scaled < 0 && digits.find_first_not_of("0.") != std::string::npos) text.push_back('-');
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && i < point && (point - i) % 3 == 0) text.push_back(',');
        text.push_back(digits[i]);
    }
    return text;
}

bool is_whole(double v) { return v == std::floor(v) && std::abs(v) < 1e15; }

bool is_count(const Scale& scale) {
    return scale.divisor == 1 && scale.suffix.empty() && scale.prefix.empty();
}

// 93 %, 7.0 %, 0.45 %, 99.6 %; 79.3 % when the figure is given or known that finely.
int percent_decimals(const Estimate& e) {
    const double percent = std::abs(e.value) * 100;
    const double half_width = (e.high - e.low) * 50;
    const bool tenths = e.is_exact() ? std::abs(percent * 10 - std::round(percent * 10)) < 1e-6 &&
                                           std::abs(percent - std::round(percent)) > 1e-6
                                     : half_width < 2;
    if (percent >= 9.95) return tenths || (percent > 99 && percent < 100) ? 1 : 0;
    return decimals_for(percent, 2);
}

int decimals_on(const Scale& scale, const Estimate& e) {
    const double scaled = e.value / scale.divisor;
    if (scale.fixed_decimals >= 0) return scale.fixed_decimals;
    if (scale.suffix == " %") return percent_decimals(e);
    if (is_count(scale) && e.is_exact() && is_whole(scaled)) return 0;   // 32, not 32.0
    return decimals_for(scaled, 3);
}

std::string for_glyphs(std::string text, Glyphs glyphs) {
    return glyphs == Glyphs::unicode ? text : plain_glyphs(std::move(text));
}

std::string not_finite(double value) { return std::isnan(value) ? "n/a" : value > 0 ? "∞" : "-∞"; }

std::string on_scale(double value, const Scale& scale, int decimals) {
    if (!std::isfinite(value)) return not_finite(value);
    const double scaled = value / scale.divisor;
    // An end must not vanish into 0.00: it keeps one digit of its own.
    const bool vanishes = scaled != 0 && std::abs(scaled) < 0.5 * std::pow(10.0, -decimals);
    return fixed(scaled, vanishes ? decimals_for(scaled, 1) : decimals);
}

std::string full(const Estimate& e, std::string_view unit) {
    const double value = e.value;
    if (!std::isfinite(value)) return not_finite(value);
    if (unit == "bool") return value != 0 ? "yes" : "no";
    const Scale scale = scale_of(value, unit);
    const std::string number = on_scale(value, scale, decimals_on(scale, e));
    if (number.starts_with('-')) return fmt::format("-{}{}{}", scale.prefix, number.substr(1), scale.suffix);
    return fmt::format("{}{}{}", scale.prefix, number, scale.suffix);
}

bool far_apart(double end, double value) {
    if (end == 0 || value == 0 || !std::isfinite(end)) return false;
    const double ratio = std::abs(end / value);
    return ratio > 1e3 || ratio < 1e-3;
}

}  // namespace

std::string plain_glyphs(std::string text) {
    const auto replace = [&](std::string_view from, std::string_view to) {
        for (std::size_t at = text.find(from); at != std::string::npos;
             at = text.find(from, at + to.size())) {
            text.replace(at, from.size(), to);
        }
    };
    replace("×", "x");
    replace("µ", "u");
    replace("–", "-");
    replace("∞", "inf");
    replace("¢", "ct");
    replace("…", "...");
    replace("·", "-");
    replace("−", "-");
    replace("≤", "<=");
    replace("≥", ">=");
    return text;
}

std::string format_value(double value, std::string_view unit, Glyphs glyphs) {
    return for_glyphs(full(Estimate::exact(value), unit), glyphs);
}

FormattedEstimate format_parts(const Estimate& e, std::string_view unit, Glyphs glyphs) {
    FormattedEstimate out{for_glyphs(full(e, unit), glyphs), ""};
    if (e.is_exact() || unit == "bool" || !std::isfinite(e.value)) return out;
    const bool other_unit = e.value == 0 && scale_of(e.high, unit).suffix != scale_of(0, unit).suffix;
    if (other_unit || far_apart(e.low, e.value) || far_apart(e.high, e.value)) {
        const std::string low = full(Estimate::exact(e.low), unit),
                          high = full(Estimate::exact(e.high), unit);
        out.interval = for_glyphs(fmt::format("{}–{}", low, high), glyphs);
        return out;
    }
    const Estimate shown = e.value != 0 ? e : Estimate{e.high, e.low, e.high};
    const Scale scale = scale_of(shown.value, unit);
    const int decimals = decimals_on(scale, shown);
    out.interval = for_glyphs(
        fmt::format("{}–{}", on_scale(e.low, scale, decimals), on_scale(e.high, scale, decimals)), glyphs);
    return out;
}

std::string format_part(const Estimate& part, double reference, std::string_view unit, Glyphs glyphs) {
    const Scale scale = scale_of(reference, unit);
    const int decimals = decimals_on(scale, Estimate::exact(reference)) + 1;
    std::string text =
        fmt::format("{}{}{}", scale.prefix, on_scale(part.value, scale, decimals), scale.suffix);
    if (!part.is_exact()) {
        text += fmt::format(" ({}–{})", on_scale(part.low, scale, decimals),
                            on_scale(part.high, scale, decimals));
    }
    return for_glyphs(std::move(text), glyphs);
}

std::string format_estimate(const Estimate& estimate, std::string_view unit, Glyphs glyphs) {
    const auto parts = format_parts(estimate, unit, glyphs);
    return parts.interval.empty() ? parts.value : parts.value + " (" + parts.interval + ")";
}

std::string format_number(double value, int digits) {
    if (!std::isfinite(value)) return not_finite(value);
    if (is_whole(value)) return fixed(value, 0);
    return fixed(value, decimals_for(value, digits));
}

std::string format_count(double value) {
    return std::isfinite(value) ? fixed(std::round(value), 0) : not_finite(value);
}

std::string exact_number(double value) {
    require(std::isfinite(value), "a report holds a number that is not finite");
    if (is_whole(value)) return fmt::format("{:.0f}", value == 0 ? 0.0 : value);
    return fmt::format("{}", value);   // fmt's default for double is the shortest round trip
}

}  // namespace moeplan
