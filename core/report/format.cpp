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

constexpr std::array kCount{Step{1e16, 1e15, " P"}, Step{1e12, 1e12, " T"}, Step{1e9, 1e9, " B"}, Step{1e6, 1e6, " M"},
                            Step{1e4, 1e3, " k"}, Step{0, 1, ""}};
constexpr std::array kFlop{Step{1e15, 1e15, " PFLOP"}, Step{1e12, 1e12, " TFLOP"}, Step{1e9, 1e9, " GFLOP"},
                           Step{1e6, 1e6, " MFLOP"}, Step{0, 1, " FLOP"}};
constexpr std::array kBytes{Step{1073741824.0, 1073741824.0, " GiB"}, Step{1048576.0, 1048576.0, " MiB"},
                            Step{1024.0, 1024.0, " KiB"}, Step{0, 1, " B"}};
constexpr std::array kMilliseconds{Step{3.6e6, 3.6e6, " h"}, Step{1.2e5, 6e4, " min"}, Step{1e3, 1e3, " s"},
                                   Step{1, 1, " ms"}, Step{0, 1e-3, " µs"}};
constexpr std::array kSeconds{Step{3600, 3600, " h"}, Step{120, 60, " min"}, Step{1, 1, " s"}, Step{1e-3, 1e-3, " ms"},
                              Step{0, 1e-6, " µs"}};
constexpr std::array kRate{Step{1e6, 1e6, "M"}, Step{1e4, 1e3, "k"}, Step{0, 1, ""}};
constexpr std::array kEnergy{Step{1e3, 1e3, " kJ"}, Step{1, 1, " J"}, Step{0, 1e-3, " mJ"}};
constexpr std::array kMass{Step{1e6, 1e6, " t"}, Step{1e3, 1e3, " kg"}, Step{0, 1, " g"}};

// What the digits of a number at this magnitude round to must not cross into the next scale: 999.96 ms is 1 s.
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

Scale money(double value, const std::string& tail) {
    const double magnitude = rounded_magnitude(value);
    if (magnitude >= 1e6) return {1e6, "$", fmt::format("M{}", tail)};
    if (magnitude >= 1e4) return {1e3, "$", fmt::format("k{}", tail)};
    if (magnitude >= 1e3) return {1, "$", tail, 0};
    if (magnitude >= 0.1 || magnitude == 0) return {1, "$", tail, magnitude >= 100 ? 0 : 2};
    return {1, "$", tail};
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
    if (unit == "USD") return money(value, "");
    if (unit == "USD/h") return money(value, "/h");
    if (unit == "USD/month") return money(value, "/month");
    if (unit == "USD/Mtok") return money(value, "/Mtok");
    if (unit == "fraction") return {0.01, "", " %"};
    if (unit == "x") return {1, "", "×"};
    return {1, "", fmt::format(" {}", unit)};
}

int decimals_for(double scaled, int digits) {
    const double magnitude = rounded_magnitude(scaled);
    if (magnitude == 0) return 0;
    const int before = static_cast<int>(std::floor(std::log10(magnitude) + 1e-9)) + 1;   // digits before the point
    return std::clamp(digits - before, 0, 12);
}

std::string with_thousands(std::string text) {
    const std::size_t start = text.starts_with('-') ? 1 : 0;
    const std::size_t point = std::min(text.find('.'), text.size());
    for (std::size_t at = point; at > start + 3;) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

std::string fixed(double scaled, int decimals) {
    std::string text = fmt::format("{:.{}f}", scaled, decimals);
    if (text.starts_with('-') && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
    return with_thousands(std::move(text));
}

bool is_whole(double v) { return v == std::floor(v) && std::abs(v) < 1e15; }

int decimals_on(const Scale& scale, double value) {
    const double scaled = value / scale.divisor;
    if (scale.fixed_decimals >= 0) return scale.fixed_decimals;
    if (scale.divisor == 1 && is_whole(scaled) && scale.prefix.empty()) return 0;   // 32, not 32.0
    if (scale.suffix == " %" && std::abs(scaled) >= 9.95) return 0;   // whole percents are enough
    return decimals_for(scaled, 3);
}

std::string plain_text(std::string text) {
    const auto replace = [&](std::string_view from, std::string_view to) {
        for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
            text.replace(at, from.size(), to);
        }
    };
    replace("×", "x");
    replace("µ", "u");
    replace("–", "-");
    replace("∞", "inf");
    return text;
}

std::string for_glyphs(std::string text, Glyphs glyphs) {
    return glyphs == Glyphs::unicode ? text : plain_text(std::move(text));
}

std::string not_finite(double value) { return std::isnan(value) ? "n/a" : value > 0 ? "∞" : "-∞"; }

std::string on_scale(double value, const Scale& scale, int decimals) {
    if (!std::isfinite(value)) return not_finite(value);
    const double scaled = value / scale.divisor;
    // An end must not vanish into 0.00: it keeps one digit of its own.
    const bool vanishes = scaled != 0 && std::abs(scaled) < 0.5 * std::pow(10.0, -decimals);
    return fixed(scaled, vanishes ? decimals_for(scaled, 1) : decimals);
}

std::string full(double value, std::string_view unit) {
    if (!std::isfinite(value)) return not_finite(value);
    if (unit == "bool") return value != 0 ? "yes" : "no";
    const Scale scale = scale_of(value, unit);
    const std::string number = on_scale(value, scale, decimals_on(scale, value));
    if (number.starts_with('-')) return fmt::format("-{}{}{}", scale.prefix, number.substr(1), scale.suffix);
    return fmt::format("{}{}{}", scale.prefix, number, scale.suffix);
}

bool far_apart(double end, double value) {
    if (end == 0 || value == 0 || !std::isfinite(end)) return false;
    const double ratio = std::abs(end / value);
    return ratio > 1e3 || ratio < 1e-3;
}

}  // namespace

std::string format_value(double value, std::string_view unit, Glyphs glyphs) {
    return for_glyphs(full(value, unit), glyphs);
}

FormattedEstimate format_parts(const Estimate& e, std::string_view unit, Glyphs glyphs) {
    FormattedEstimate out{format_value(e.value, unit, glyphs), ""};
    if (e.is_exact() || unit == "bool" || !std::isfinite(e.value)) return out;
    if (far_apart(e.low, e.value) || far_apart(e.high, e.value)) {
        out.interval = for_glyphs(full(e.low, unit) + "–" + full(e.high, unit), glyphs);
        return out;
    }
    const Scale scale = scale_of(e.value != 0 ? e.value : e.high, unit);
    const int decimals = decimals_on(scale, e.value != 0 ? e.value : e.high);
    out.interval = for_glyphs(on_scale(e.low, scale, decimals) + "–" + on_scale(e.high, scale, decimals), glyphs);
    return out;
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
