// Numbers as people type them and as they are shown.
#include <charconv>
#include <cmath>
#include <system_error>

#include <fmt/format.h>

#include "core/report/format.h"
#include "gui/models/fields.h"

namespace moeplan {
namespace {

constexpr std::size_t kLongest = 80;    // of what is read: longer is no number
constexpr std::size_t kQuoted = 24;     // of what is shown in a message

// Spaces of every kind at the ends, and no-break ones inside as plain ones.
std::string tidy(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 2) == "\u00a0") {
            plain += ' ';
            i += 1;
        } else if (text.substr(i, 3) == "\u202f" || text.substr(i, 3) == "\u2009") {
            plain += ' ';
            i += 2;
        } else {
            plain += text[i];
        }
    }
    const auto first = plain.find_first_not_of(" \t\r\n");
    if (first == std::string::npos) return {};
    return plain.substr(first, plain.find_last_not_of(" \t\r\n") - first + 1);
}

// For a message: short, without what would break its line or cut a character in two.
std::string quoted(const std::string& text) {
    std::string shown;
    for (const char c : text.substr(0, kQuoted)) shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    if (text.size() > kQuoted) {
        while (!shown.empty() && (static_cast<unsigned char>(shown.back()) & 0xc0) == 0x80) shown.pop_back();
        if (!shown.empty() && static_cast<unsigned char>(shown.back()) >= 0xc0) shown.pop_back();
        shown += "…";
    }
    return "'" + shown + "'";
}

bool digit(char c) { return c >= '0' && c <= '9'; }

// "1,024" -> "1024"; nothing where a comma stands elsewhere than before three digits: 1,5 is not 15.
std::optional<std::string> without_groups(const std::string& text) {
    std::string plain;
    std::size_t before = 0;   // digits since the start or the last comma
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != ',') {
            before = digit(text[i]) ? before + 1 : 0;
            plain += text[i];
            continue;
        }
        std::size_t after = 0;
        while (i + 1 + after < text.size() && digit(text[i + 1 + after])) ++after;
        if (before < 1 || before > 3 || after != 3) return std::nullopt;
        before = 0;
    }
    return plain;
}

// The decimal text times ten to the `shift`: "12.5" by -2 is exactly 0.125, which 12.5 / 100 need not be.
std::optional<double> shifted(std::string_view number, int shift) {
    const auto e = number.find_first_of("eE");
    int exponent = 0;
    std::string mantissa(number.substr(0, e));
    if (e != std::string_view::npos) {
        std::string_view power = number.substr(e + 1);
        if (power.starts_with('+')) power.remove_prefix(1);
        const auto read = std::from_chars(power.data(), power.data() + power.size(), exponent);
        if (read.ec != std::errc{} || read.ptr != power.data() + power.size() || std::abs(exponent) > 400) return std::nullopt;
    }
    const auto value = parse_number(fmt::format("{}e{}", mantissa, exponent + shift));
    return value ? std::optional(*value) : std::nullopt;
}

std::string percent_text(double value) {
    const std::string number = print_number(value);
    const auto e = number.find('e');
    if (e != std::string::npos) return fmt::format("{}e{} %", number.substr(0, e), std::stoi(number.substr(e + 1)) + 2);
    const auto point = number.find('.');
    std::string digits = number.substr(0, point);
    std::string rest = point == std::string::npos ? "" : number.substr(point + 1);
    while (rest.size() < 2) rest += '0';
    digits += rest.substr(0, 2);
    rest = rest.substr(2);
    const bool negative = digits.starts_with('-');
    if (negative) digits.erase(0, 1);
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
    while (!rest.empty() && rest.back() == '0') rest.pop_back();
    return (negative ? "-" : "") + digits + (rest.empty() ? "" : "." + rest) + " %";
}

// A value of the field as messages name it.
std::string named(const NumberField& field, double value) { return show_number(field, value); }

std::string expected(const NumberField& field) {
    if (field.units) {
        const std::string least = named(field, field.lowest);
        return fmt::format("expected {} such as '{}'{}", field.units->kind, field.units->example,
                           field.above_lowest ? " above " + least
                           : field.lowest > 0 ? " from " + least
                                              : "");
    }
    const std::string kind = field.integer ? "a whole number" : "a number";
    // The unit once: "from 1 to 64 GPUs".
    std::string least = named(field, field.lowest);
    if (field.unit != "%") least = least.substr(0, least.find(' '));
    return fmt::format("expected {} {} {} to {}", kind, field.above_lowest ? "above" : "from", least, named(field, field.highest));
}

// The value in SI; nothing when this is no number of this unit.
std::optional<double> number_in(const NumberField& field, const std::string& text) {
    if (field.units) {
        const auto bare = parse_number(text);
        const auto read = parse_quantity(bare ? text + " " + field.unit : text, *field.units);
        return read ? std::optional(*read) : std::nullopt;
    }
    std::size_t end = 0;
    while (end < text.size() && (digit(text[end]) || text[end] == '.' || text[end] == '-' || text[end] == '+' ||
                                 ((text[end] == 'e' || text[end] == 'E') && end + 1 < text.size() &&
                                  (digit(text[end + 1]) || text[end + 1] == '-' || text[end + 1] == '+'))))
        ++end;
    const std::string number = text.substr(0, end);
    std::string rest = tidy(text.substr(end));
    if (field.unit == "%") {
        if (!rest.empty() && rest != "%" && rest != "percent") return std::nullopt;
        return shifted(number, -2);
    }
    int thousands = 0;
    if (!rest.empty() && (rest[0] == 'k' || rest[0] == 'K' || rest[0] == 'M') && (rest.size() == 1 || rest[1] == ' ')) {
        thousands = rest[0] == 'M' ? 6 : 3;
        rest = tidy(rest.substr(1));
    }
    // "1 token" of "tokens".
    const bool singular = rest.size() + 1 == field.unit.size() && field.unit == rest + "s";
    if (!rest.empty() && rest != field.unit && !singular) return std::nullopt;
    return shifted(number, thousands);
}

}  // namespace

tl::expected<double, std::string> read_number(const NumberField& field, std::string_view text) {
    const std::string typed = tidy(text.substr(0, kLongest + 1));
    if (typed.empty()) return tl::unexpected(expected(field));
    const auto wrong = [&](const std::string& why) { return tl::unexpected(fmt::format("{}, found {}", why, quoted(typed))); };
    if (text.size() > kLongest) return wrong(expected(field));
    const auto plain = without_groups(typed);
    if (!plain) return wrong("expected a decimal point; commas part thousands");
    const auto value = number_in(field, *plain);
    if (!value || !std::isfinite(*value)) return wrong(expected(field));
    const bool low = *value < field.lowest || (field.above_lowest && *value <= field.lowest);
    if (low || *value > field.highest)
        return wrong(*value > field.highest && field.units ? "expected at most " + named(field, field.highest) : expected(field));
    if (field.integer && *value != std::floor(*value)) return wrong(expected(field));
    return *value == 0 ? 0.0 : *value;   // no "-0"
}

std::string show_number(const NumberField& field, double value) {
    if (field.unit == "%") return percent_text(value);
    if (field.units) return print_quantity(value, *field.units);
    const bool plain = value == std::floor(value) && std::abs(value) >= 1000 && std::abs(value) < 1e15;
    const std::string number = plain ? format_count(value) : print_number(value);
    if (field.unit.empty()) return number;
    const bool one = value == 1 && field.unit.size() > 2 && field.unit.back() == 's';
    return number + " " + (one ? field.unit.substr(0, field.unit.size() - 1) : field.unit);
}

}  // namespace moeplan
