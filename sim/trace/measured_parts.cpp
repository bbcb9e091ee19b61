#include "sim/trace/measured_parts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/trace/trace_parts.h"

namespace moeplan::trace {
namespace {

struct Name {
    std::string_view words;   // joined
    Role role;
};

constexpr std::array kNames = {Name{"inputlen", Role::input},
                               Name{"inputlens", Role::input},
                               Name{"inputlength", Role::input},
                               Name{"inputtokens", Role::input},
                               Name{"inputtokencount", Role::input},
                               Name{"numinputtokens", Role::input},
                               Name{"inputsequencelength", Role::input},
                               Name{"isl", Role::input},
                               Name{"promptlen", Role::input},
                               Name{"promptlens", Role::input},
                               Name{"promptlength", Role::input},
                               Name{"prompttokens", Role::input},
                               Name{"numprompttokens", Role::input},
                               Name{"promptsize", Role::input},
                               Name{"numprefilltokens", Role::input},
                               Name{"outputlen", Role::output},
                               Name{"outputlens", Role::output},
                               Name{"outputlength", Role::output},
                               Name{"outputtokens", Role::output},
                               Name{"outputtokencount", Role::output},
                               Name{"numoutputtokens", Role::output},
                               Name{"outputsequencelength", Role::output},
                               Name{"osl", Role::output},
                               Name{"completiontokens", Role::output},
                               Name{"generatedtokens", Role::output},
                               Name{"generationtokens", Role::output},
                               Name{"tokensize", Role::output},
                               Name{"numdecodetokens", Role::output},
                               Name{"responsetokens", Role::output},
                               Name{"ttft", Role::ttft},
                               Name{"ttfts", Role::ttft},
                               Name{"timetofirsttoken", Role::ttft},
                               Name{"tpot", Role::tpot},
                               Name{"tpots", Role::tpot},
                               Name{"timeperoutputtoken", Role::tpot},
                               Name{"itl", Role::gaps},
                               Name{"itls", Role::gaps},
                               Name{"intertokenlatency", Role::gaps},
                               Name{"intertokenlatencies", Role::gaps},
                               Name{"latency", Role::e2e},
                               Name{"latencies", Role::e2e},
                               Name{"e2e", Role::e2e},
                               Name{"e2el", Role::e2e},
                               Name{"e2els", Role::e2e},
                               Name{"e2elatency", Role::e2e},
                               Name{"e2elatencies", Role::e2e},
                               Name{"endtoendlatency", Role::e2e},
                               Name{"requestlatency", Role::e2e},
                               Name{"requestlatencies", Role::e2e},
                               Name{"starttime", Role::arrival},
                               Name{"starttimes", Role::arrival},
                               Name{"arrival", Role::arrival},
                               Name{"arrivals", Role::arrival},
                               Name{"arrivaltime", Role::arrival},
                               Name{"arrivaltimes", Role::arrival},
                               Name{"arrivedat", Role::arrival},
                               Name{"timestamp", Role::arrival},
                               Name{"timestamps", Role::arrival},
                               Name{"requeststart", Role::arrival},
                               Name{"requeststarttime", Role::arrival},
                               Name{"sendtime", Role::arrival},
                               Name{"error", Role::error},
                               Name{"errors", Role::error},
                               Name{"success", Role::success},
                               Name{"successes", Role::success}};

std::vector<std::string> words_of(std::string_view name) {
    std::vector<std::string> words;
    bool inside = false;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (!std::isalnum(byte)) {
            inside = false;
            continue;
        }
        if (!inside) words.emplace_back();
        inside = true;
        words.back() += static_cast<char>(std::tolower(byte));
    }
    return words;
}

std::string unfit(const char* what, double value) { return fmt::format("{} of {:g}", what, value); }

}  // namespace

std::optional<double> time_unit(std::string_view word) {
    if (word == "s" || word == "sec" || word == "secs" || word == "second" || word == "seconds") return 1;
    if (word == "ms" || word == "msec" || word == "millisecond" || word == "milliseconds") return 1e-3;
    if (word == "us" || word == "usec" || word == "microsecond" || word == "microseconds") return 1e-6;
    if (word == "ns" || word == "nanosecond" || word == "nanoseconds") return 1e-9;
    return std::nullopt;
}

std::optional<Key> measured_key(std::string_view name) {
    if (name.size() > 60) return std::nullopt;
    std::vector<std::string> words = words_of(name);
    std::optional<double> unit;
    if (words.size() > 1) unit = time_unit(words.back());
    if (unit) words.pop_back();
    std::string joined;
    for (const std::string& word : words) joined += word;
    for (const Name& known : kNames) {
        if (known.words == joined) return Key{known.role, unit};
    }
    return std::nullopt;
}

void Pieces::set(Role role, double value) {
    switch (role) {
        case Role::input: input = value; break;
        case Role::output: output = value; break;
        case Role::ttft: ttft = value; break;
        case Role::tpot: tpot = value; break;
        case Role::e2e: e2e = value; break;
        case Role::arrival: arrival = value; break;
        case Role::gaps:   // one number is their mean
            gap_sum = value;
            gap_count = 1;
            break;
        case Role::success: failed = failed || value == 0; break;
        case Role::error: break;
    }
}

std::string Pieces::finish(MeasuredRequest& into) const {
    for (const auto& [what, value] : {std::pair("an input", input), std::pair("an output", output)}) {
        if (value && (*value < 0 || *value > kMostTokens || *value != std::floor(*value))) {
            return unfit(what, *value) + " tokens; a whole number up to 1e9 is expected";
        }
    }
    for (const auto& [what, value] : {std::pair("a TTFT", ttft), std::pair("a TPOT", tpot), std::pair("a latency", e2e),
                                      std::pair("gaps", gap_sum)}) {
        if (value && !(*value >= 0 && *value <= 1e9)) return unfit(what, *value) + " s; 0 to 1e9 is expected";
    }
    if (arrival && !(std::abs(*arrival) <= 1e18)) return unfit("an arrival", *arrival) + " s";
    into = {};
    into.arrival_s = arrival;
    into.input_tokens = static_cast<std::int64_t>(input.value_or(0));
    into.output_tokens = static_cast<std::int64_t>(output.value_or(0));
    into.failed = failed || (output && *output < 1);
    if (into.failed) return {};
    const auto positive = [](std::optional<double> value) { return value && *value > 0 ? value : std::nullopt; };
    const double tokens_after = output ? *output - 1 : 0;
    const bool all_gaps = gap_count && *gap_count > 1;
    into.ttft_s = positive(ttft);
    into.e2e_s = positive(e2e);
    if (!into.e2e_s && into.ttft_s && all_gaps) into.e2e_s = *into.ttft_s + *gap_sum;
    into.tpot_s = positive(tpot);
    if (!into.tpot_s && into.e2e_s && into.ttft_s && tokens_after >= 1 && *into.e2e_s >= *into.ttft_s) {
        into.tpot_s = (*into.e2e_s - *into.ttft_s) / tokens_after;
    }
    if (!into.tpot_s && gap_count && *gap_count > 0) into.tpot_s = positive(*gap_sum / *gap_count);
    return {};
}

void settle(MeasuredRun& run) {
    bool timed = !run.requests.empty();
    for (const MeasuredRequest& request : run.requests) {
        timed = timed && request.arrival_s;
        run.failed += request.failed ? 1 : 0;
    }
    if (!timed) {
        for (MeasuredRequest& request : run.requests) request.arrival_s.reset();
        return;
    }
    const auto earlier = [](const MeasuredRequest& a, const MeasuredRequest& b) { return *a.arrival_s < *b.arrival_s; };
    std::stable_sort(run.requests.begin(), run.requests.end(), earlier);
    const double first = *run.requests.front().arrival_s;
    for (MeasuredRequest& request : run.requests) *request.arrival_s -= first;
}

}  // namespace moeplan::trace
