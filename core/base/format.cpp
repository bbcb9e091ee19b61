// Rounded figures for people. Everything that must be read back goes through print_quantity instead.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/units_text.h"

namespace moeplan {
namespace {

std::string with_thousands(std::string digits) {
    const std::size_t start = digits.starts_with('-') ? 1 : 0;
    const std::size_t point = std::min(digits.find('.'), digits.size());
    for (std::size_t at = point; at > start + 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

// Powers of ten of |value| after rounding to `digits`: 9.996 at 3 digits counts as 10.
int exponent_of(double value, int digits) {
    const std::string text = fmt::format("{:.{}e}", std::abs(value), std::max(0, digits - 1));
    return std::stoi(text.substr(text.find('e') + 1));
}

struct Scale {
    double size;
    const char* name;
};

// The largest scale that leaves at least 1 after rounding.
std::string scaled(double value, std::initializer_list<Scale> scales, int digits) {
    if (!std::isfinite(value)) return fmt::format("{}", value);
    const Scale* chosen = scales.begin();
    for (const auto& scale : scales) {
        if (value != 0 && exponent_of(value / scale.size, digits) >= 0) chosen = &scale;
    }
    const std::string number = value == 0 ? "0" : format_number(value / chosen->size, digits);
    return *chosen->name ? number + " " + chosen->name : number;
}

}  // namespace

std::string format_number(double value, int digits) {
    if (!std::isfinite(value)) return fmt::format("{}", value);
    if (value == 0) return "0";
    const int exponent = exponent_of(value, digits);
    if (exponent < -5 || exponent >= 15) return fmt::format("{:.{}e}", value, std::max(0, digits - 1));
    // Integers keep all their digits: 12,345 GPUs are not 12,300.
    return with_thousands(fmt::format("{:.{}f}", value, std::max(0, digits - 1 - exponent)));
}

std::string format_count(double value, int digits) {
    return scaled(value, {{1, ""}, {1e3, "k"}, {1e6, "M"}, {1e9, "B"}, {1e12, "T"}}, digits);
}

std::string format_bytes(Bytes bytes, int digits) {
    return scaled(bytes.value, {{1, "B"}, {1e3, "kB"}, {1e6, "MB"}, {1e9, "GB"}, {1e12, "TB"}}, digits);
}

std::string format_bytes_binary(Bytes bytes, int digits) {
    return scaled(bytes.value, {{1, "B"}, {1024, "KiB"}, {kMiB, "MiB"}, {kGiB, "GiB"}, {1024 * kGiB, "TiB"}}, digits);
}

std::string format_seconds(Seconds seconds, int digits) {
    return scaled(seconds.value, {{1e-9, "ns"}, {1e-6, "us"}, {1e-3, "ms"}, {1, "s"}, {60, "min"}, {3600, "h"}, {86400, "d"}},
                  digits);
}

std::string format_dollars(double usd) {
    if (!std::isfinite(usd)) return fmt::format("{}", usd);
    const char* sign = usd < 0 ? "-" : "";
    const double size = std::abs(usd);
    if (size >= 999.5) return fmt::format("{}${}", sign, with_thousands(fmt::format("{:.0f}", size)));
    if (size >= 0.995 || size == 0) return fmt::format("{}${:.2f}", sign, size);
    return fmt::format("{}${}", sign, format_number(size, 3));
}

std::string format_percent(double fraction, int digits) { return format_number(fraction * 100, digits) + " %"; }

}  // namespace moeplan
