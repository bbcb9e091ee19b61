#include "sim/trace/trace_parts.h"

#include <charconv>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

namespace moeplan::trace {
namespace {

constexpr std::size_t kKeptProblems = 20;
constexpr std::size_t kHopeless = 1000;  // bad rows after which too large a share is refused at once

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// Reads exactly `digits` digits off the front.
std::optional<int> digits_off(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool char_off(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

// Days since 1970-01-01 of a Gregorian date.
// ".6805900" in nanoseconds; 0 when there is none.
std::optional<std::int64_t> fraction_off(std::string_view& text) {
    if (!char_off(text, ".")) return 0;
    std::int64_t value = 0;
    int n = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        if (n < 9) value = value * 10 + (text.front() - '0');
        if (n < 9) ++n;
        text.remove_prefix(1);
    }
    if (n == 0) return std::nullopt;
    for (; n < 9; ++n) value *= 10;
    return value;
}

// "", "Z", "+00:00", "-0530" in minutes east.
std::optional<int> zone_off(std::string_view& text) {
    if (text.empty() || char_off(text, "Zz")) return 0;
    const bool west = text.front() == '-';
    if (!char_off(text, "+-")) return std::nullopt;
    const auto hours = digits_off(text, 2);
    char_off(text, ":");
    const auto minutes = text.empty() ? std::optional<int>(0) : digits_off(text, 2);
    if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
    return (west ? -1 : 1) * (*hours * 60 + *minutes);
}

}  // namespace

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
    text = trimmed(text);
    const auto year = digits_off(text, 4);
    if (!year || !char_off(text, "-/")) return std::nullopt;
    const auto month = digits_off(text, 2);
    if (!month || !char_off(text, "-/")) return std::nullopt;
    const auto day = digits_off(text, 2);
    if (!day || !char_off(text, " T")) return std::nullopt;
    const auto hour = digits_off(text, 2);
    if (!hour || !char_off(text, ":")) return std::nullopt;
    const auto minute = digits_off(text, 2);
    if (!minute || !char_off(text, ":")) return std::nullopt;
    const auto second = digits_off(text, 2);
    const auto fraction = second ? fraction_off(text) : std::nullopt;
    const auto zone = fraction ? zone_off(text) : std::nullopt;
    if (!zone || !text.empty()) return std::nullopt;
    // 1700 to 2200 keeps the nanoseconds within 64 bits.
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)), std::chrono::day(static_cast<unsigned>(*day))};
    if (*year < 1700 || *year > 2200 || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const std::int64_t seconds = std::int64_t{std::chrono::sys_days(date).time_since_epoch().count()} * 86400 + *hour * 3600 + (*minute - *zone) * 60 + *second;
    return seconds * 1'000'000'000 + *fraction;
}

std::optional<double> parse_number(std::string_view text) {
    text = trimmed(text);
    if (!text.empty() && text.front() == '+') text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::optional<std::int64_t> parse_tokens(std::string_view text) {
    const auto value = parse_number(text);
    if (!value || *value < 0 || *value > kMostTokens || *value != std::floor(*value)) return std::nullopt;
    return static_cast<std::int64_t>(*value);
}

Problem wrong(const std::string& where, std::string what, std::string hint) {
    return {where, "", std::move(what), std::move(hint), ProblemKind::wrong_input};
}

std::string Intake::where(std::size_t line) const { return line ? fmt::format("{}:{}", name_, line) : name_; }

bool Intake::bad(std::size_t line, std::string what) {
    ++report.rows;
    ++report.bad_rows;
    if (report.first_bad.size() < kKeptProblems) report.first_bad.push_back(wrong(where(line), std::move(what)));
    hopeless_ = report.bad_rows > kHopeless &&
                static_cast<double>(report.bad_rows) > most_bad_ * static_cast<double>(report.rows);
    return !hopeless_;
}

void Intake::late(std::size_t line, double seconds) {
    ++report.late;
    if (report.first_late.size() >= kKeptProblems) return;
    report.first_late.push_back(wrong(
        where(line),
        fmt::format("arrives {:g} s before requests that are more than {} rows above it", seconds, kReorderWindow)));
}

Problems Intake::problems() const {
    if (endless_line_) return {wrong(where(*endless_line_), "a line longer than 256 MiB: what follows it is not read, and half a recording is another workload")};
    if (static_cast<double>(report.bad_rows) > most_bad_ * static_cast<double>(report.rows)) {
        Problems problems = report.first_bad;
        problems.push_back(
            wrong(name_, fmt::format("{} of {} rows{} are not requests of the form {}; at most {:g} % is "
                                     "tolerated",
                                     report.bad_rows, report.rows, hopeless_ ? " read so far" : "",
                                     name_of(report.form), most_bad_ * 100)));
        return problems;
    }
    if (report.requests > 0) return {};
    return {wrong(name_, report.empty
                             ? fmt::format("none of the {} rows has both input and output tokens", report.empty)
                             : std::string("holds no request: there are no rows after the header"))};
}

}  // namespace moeplan::trace
