#pragma once
// Shared by the readers of the single forms; private to sim/trace.

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sim/trace/trace.h"

namespace moeplan::trace {

constexpr std::size_t kLongestLine = std::size_t{1} << 20;
constexpr std::size_t kMostPrefixIds = 10000;
constexpr double kMostTokens = 1e9;

// endless: what was read has no end of line; nothing can be said of the rest.
enum class Row : std::uint8_t { request, bad, endless, end };

// One form's rows, one after the other. Blank lines are no rows.
class RowReader {
public:
    virtual ~RowReader() = default;
    // Fills `request` (tokens may be 0: a request that failed), or `what` of a bad row.
    virtual Row next(TraceRequest& request, std::string& what) = 0;
    // Of the row last given, from 1; 0 in forms without lines.
    virtual std::size_t line() const = 0;
};

// They read the header, where the form has one, and set the report's form, has_arrivals and, as ids appear,
// prefix_block_tokens. `report` outlives the reader.
Result<std::unique_ptr<RowReader>> open_csv(std::istream& stream, const std::string& name, TraceReport& report);
Result<std::unique_ptr<RowReader>> open_mooncake(std::istream& stream, TraceReport& report);
Result<std::unique_ptr<RowReader>> open_vllm_bench(std::istream& stream, const std::string& name, TraceReport& report);

// Counts rows and decides whether a file is still worth reading.
class Intake {
public:
    Intake(std::string name, double most_bad) : name_(std::move(name)), most_bad_(most_bad) {}

    TraceReport report;

    // A row that was not understood. False: too many, stop reading.
    bool bad(std::size_t line, std::string what);
    // A line without end: the trace is refused.
    void endless(std::size_t line) { endless_line_ = line; }
    // A row that comes too late to be put in its place.
    void late(std::size_t line, double seconds);
    // At the end: what speaks against the file.
    Problems problems() const;
    const std::string& name() const { return name_; }

private:
    std::string where(std::size_t line) const;
    std::string name_;
    double most_bad_;
    bool hopeless_ = false;
    std::optional<std::size_t> endless_line_;
};

// Nanoseconds since 1970 of "2023-11-16 18:15:46.6805900", with 'T' or ' ', 0 to 9 fraction digits and an
// optional "Z" or "+00:00"; nothing when it is not such a date.
std::optional<std::int64_t> parse_timestamp(std::string_view text);

// A finite number that is the whole text (blanks around it allowed).
std::optional<double> parse_number(std::string_view text);
// A whole number of tokens, 0 to 1e9; "12.0" is 12.
std::optional<std::int64_t> parse_tokens(std::string_view text);

Problem wrong(const std::string& where, std::string what, std::string hint = {});

}  // namespace moeplan::trace
