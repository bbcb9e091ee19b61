#pragma once
// Shared by the readers of measured requests; private to sim/trace.

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/trace/measured.h"

namespace moeplan::trace {

constexpr std::size_t kMostMeasured = 10'000'000;

enum class Role : std::uint8_t {
    input, output,   // tokens
    ttft, tpot, e2e,
    gaps,            // times between tokens: all of them, or their mean
    arrival, end,    // by the file's own clock
    queued, first_at, last_at,   // in the engine's queue, first and last token: by the engine's clock, which may be another
    since_last,      // arrival of the request before it to this one's
    cached,          // tokens of the prompt that were not computed
    error, success,  // whether, and the other way round
    outcome,         // a word
};

struct Key {
    Role role;
    std::optional<double> unit;   // seconds in one, where the key says it
    // Gives way to another of its role: output_token_count leaves reasoning out where output_sequence_length has it;
    // "input" and "output" may as well be texts, and a "timestamp" when the line was written.
    bool weak = false;
};

// What a key or column is; nothing = not of a request.
std::optional<Key> measured_key(std::string_view name);
// Seconds in "ms", "milliseconds", "s", "us" …
std::optional<double> time_unit(std::string_view word);
// All names measured_key() knows, as they are usually written: for hints.
const std::vector<std::string>& measured_names();

// Told by a clock, and so perhaps as a date.
bool is_time_of_day(Role role);

// "completed" and its like, of an outcome.
bool is_success(std::string_view outcome);
// "none", "FALSE", "0.0" and their like, of an error; also an empty text.
bool tells_nothing(std::string_view text);

// One request's values, put together as they are met.
struct Pieces {
    std::optional<double> input, output, weak_input, weak_output, cached;   // tokens
    std::optional<double> ttft, tpot, e2e, arrival, end, since_last;   // seconds; arrival and end by the file's own clock
    std::optional<double> weak_arrival;   // a "timestamp": it may as well be of the log line
    std::optional<double> queued, first_at, last_at;   // seconds by the engine's clock
    std::optional<double> mean_gap;
    std::optional<double> exact_tpot;            // of the kind meant here, whatever else is told
    std::optional<std::vector<float>> gaps;      // between tokens, seconds, where each is told
    std::optional<double> first_token;           // by the file's own clock; then `gaps` are those after it
    bool failed = false;
    std::string_view twice;                      // what is told in two ways that differ

    void set(const Key& key, double value);
    // Once all values are set, before anything else is asked.
    void choose_arrival() {
        if (!arrival) arrival = weak_arrival;
    }
    // A length and a time: without, it is no measured request.
    bool complete() const {
        return (input || output || weak_input || weak_output) && (ttft || tpot || e2e || end || first_at || mean_gap || gaps || failed);
    }
    // What is wrong with the values, or an empty text; then `into` is the request, its arrival not yet since the first.
    std::string finish(MeasuredRequest& into) const;

private:
    void set_last(std::optional<double>& into, double value, const char* what, double apart);
    std::string wrong_values() const;
    std::optional<double> first_within(double e2e_s) const;
    void by_the_engines_clock(MeasuredRequest& into) const;
};

// Adds what was put together to the run, its gaps too. What is wrong, or an empty text.
std::string add_request(const Pieces& pieces, MeasuredRun& run);

// Arrivals since the first, requests in their order, failures counted.
void settle(MeasuredRun& run);

Result<std::vector<MeasuredRun>> measured_json(std::streambuf& text, const std::string& name);
Result<std::vector<MeasuredRun>> measured_csv(std::istream& stream, const std::string& name);

}  // namespace moeplan::trace
