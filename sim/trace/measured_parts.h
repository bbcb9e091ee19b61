#pragma once
// Shared by the readers of measured requests; private to sim/trace.

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include "sim/trace/measured.h"

namespace moeplan::trace {

constexpr std::size_t kMostMeasured = 10'000'000;

enum class Role : std::uint8_t { input, output, ttft, tpot, gaps, e2e, arrival, error, success };

struct Key {
    Role role;
    std::optional<double> unit;   // seconds in one, where the key says it
};

// What a key or column is; nothing = not of a request.
std::optional<Key> measured_key(std::string_view name);
// Seconds in "ms", "milliseconds", "s", "us" …
std::optional<double> time_unit(std::string_view word);

// One request's values, put together as they are met.
struct Pieces {
    std::optional<double> input, output, ttft, tpot, e2e,
        arrival;   // tokens; seconds, the arrival by the file's own clock
    std::optional<double> gap_sum, gap_count;                        // between tokens
    bool failed = false;

    void set(Role role, double value);
    // A length and a time: without, it is no measured request.
    bool complete() const { return (input || output) && (ttft || tpot || e2e || gap_sum || failed); }
    // What is wrong with the values, or an empty text; then `into` is the request, its arrival not yet since the first.
    std::string finish(MeasuredRequest& into) const;
};

// Arrivals since the first, requests in their order, failures counted.
void settle(MeasuredRun& run);

Result<std::vector<MeasuredRun>> measured_json(std::istream& stream, const std::string& name);
Result<std::vector<MeasuredRun>> measured_csv(std::istream& stream, const std::string& name);

}  // namespace moeplan::trace
