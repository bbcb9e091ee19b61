#pragma once
// Shared by the readers of the single forms; private to sim/trace.

#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include "sim/trace/trace.h"

namespace moeplan::trace {

constexpr std::size_t kLongestLine = std::size_t{1} << 20;
constexpr std::size_t kMostPrefixIds = 10000;
constexpr double kMostTokens = 1e9;

// Collects requests and bad rows of one file and decides whether it is still worth reading.
class Intake {
public:
    Intake(std::string name, const TraceSink& sink) : name_(std::move(name)), sink_(sink) {}

    TraceReport report;

    // Hands the request on; without tokens it is counted as empty. False: stop reading.
    bool take(const TraceRequest& request);
    // Counts a row that was not understood. `line` 0: no line numbers in this form. False: too many, stop
    // reading.
    bool bad(std::size_t line, std::string what);
    const std::string& name() const { return name_; }

    Result<TraceReport> finish();

private:
    std::string name_;
    const TraceSink& sink_;
    double previous_ = 0;
    bool hopeless_ = false;
};

// Nanoseconds since 1970 of "2023-11-16 18:15:46.6805900", with 'T' or ' ', 0 to 9 fraction digits and an
// optional "Z" or "+00:00"; nothing when it is not such a date.
std::optional<std::int64_t> parse_timestamp(std::string_view text);

// A finite number that is the whole text (blanks around it allowed).
std::optional<double> parse_number(std::string_view text);
// A whole number of tokens, 0 to 1e9; "12.0" is 12.
std::optional<std::int64_t> parse_tokens(std::string_view text);

Problem wrong(const std::string& where, std::string what, std::string hint = {});

Result<TraceReport> read_csv(std::istream& stream, Intake& intake);
Result<TraceReport> read_mooncake(std::istream& stream, Intake& intake);
Result<TraceReport> read_vllm_bench(std::istream& stream, Intake& intake);

}  // namespace moeplan::trace
