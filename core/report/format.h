#pragma once
// Numbers for people, in one place: three significant digits, scaled units, intervals.
// "12.3 ms" "1.20 s" "46.7 B" "512 KiB" "$0.41" "0.0133 ¢" "$12.3k" "93 %" "2.27×"

#include <string>
#include <string_view>

#include "core/base/estimate.h"

namespace moeplan {

// Which characters a target can show. Plain writes x - ... for × – ….
enum class Glyphs : bool { plain, unicode };

// `unit` is a metric's unit: "" count, GB, bytes, bool, experts, tokens, FLOP, ms, s, tok/s, req/s, USD,
// USD/h, USD/month, USD/Mtok, fraction (shown in percent), x (a ratio), J, g. Any other unit follows its
// number as it is. What the label already says is left out: "$0.41" for USD/Mtok, "7.97" for experts.
// Not-a-number and infinities are shown as "n/a" and "∞"; a report never holds them.
std::string format_value(double value, std::string_view unit, Glyphs glyphs = Glyphs::unicode);

// "0.41 (0.33–0.55)": the ends share the scale of the value. An exact figure has no interval.
// An end that is more than three orders of magnitude away is written out with its own scale.
std::string format_estimate(const Estimate& estimate, std::string_view unit, Glyphs glyphs = Glyphs::unicode);

// The same without the interval's unit repeated: the value alone, and "0.33–0.55" alone (empty when exact).
struct FormattedEstimate {
    std::string value;
    std::string interval;
};
FormattedEstimate format_parts(const Estimate& estimate, std::string_view unit,
                               Glyphs glyphs = Glyphs::unicode);

// The marks this file and the catalog use, in ASCII: × x, µ u, – -, ∞ inf, ¢ ct, … three dots.
std::string plain_glyphs(std::string text);

// On the scale of `reference` and one digit finer, for rows that are read against their sum: 0.84 ms
// beside 12.0 ms.
std::string format_part(const Estimate& part, double reference, std::string_view unit,
                        Glyphs glyphs = Glyphs::unicode);

// Three significant digits, no trailing zeros beyond them, thousands separated: 0.0412, 1.2, 12.3, 1,234.
std::string format_number(double value, int digits = 3);

// Whole numbers in full: 1,234,567.
std::string format_count(double value);

// The shortest text that reads back as the same double; whole numbers without a fraction. For machines.
std::string exact_number(double value);

}  // namespace moeplan
