#include "sim/trace/measured_parts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/trace/trace_parts.h"

namespace moeplan::trace {
namespace {

struct Name {
    const char* written;
    Role role;
    bool weak = false;
};

// Of the tools docs/traces.md names, and what people write who have none.
constexpr std::array kNames = {
    Name{"input_len", Role::input}, Name{"input_lens", Role::input}, Name{"input_length", Role::input},
    Name{"input_tokens", Role::input}, Name{"input_token_count", Role::input}, Name{"num_input_tokens", Role::input},
    Name{"number_input_tokens", Role::input}, Name{"input_sequence_length", Role::input}, Name{"isl", Role::input},
    Name{"prompt_len", Role::input}, Name{"prompt_lens", Role::input}, Name{"prompt_length", Role::input},
    Name{"prompt_tokens", Role::input}, Name{"num_prompt_tokens", Role::input}, Name{"prompt_size", Role::input},
    Name{"prompt_sizes", Role::input}, Name{"num_prefill_tokens", Role::input}, Name{"request_num_prefill_tokens", Role::input},
    Name{"context_tokens", Role::input}, Name{"request_tokens", Role::input}, Name{"input", Role::input, true},
    Name{"output_len", Role::output}, Name{"output_lens", Role::output}, Name{"output_length", Role::output},
    Name{"output_tokens", Role::output}, Name{"num_output_tokens", Role::output}, Name{"number_output_tokens", Role::output},
    Name{"output_sequence_length", Role::output}, Name{"osl", Role::output}, Name{"completion_tokens", Role::output},
    Name{"generated_tokens", Role::output}, Name{"generation_tokens", Role::output}, Name{"token_size", Role::output},
    Name{"token_sizes", Role::output}, Name{"num_decode_tokens", Role::output}, Name{"request_num_decode_tokens", Role::output},
    Name{"response_tokens", Role::output}, Name{"output", Role::output, true}, Name{"output_token_count", Role::output, true},
    Name{"ttft", Role::ttft}, Name{"ttfts", Role::ttft}, Name{"ttft_times", Role::ttft}, Name{"time_to_first_token", Role::ttft},
    Name{"first_token_latency", Role::ttft}, Name{"prefill_e2e_time", Role::ttft},
    Name{"tpot", Role::tpot}, Name{"tpots", Role::tpot}, Name{"time_per_output_token", Role::tpot},
    Name{"itl", Role::gaps}, Name{"itls", Role::gaps}, Name{"tbt", Role::gaps}, Name{"inter_token_latency", Role::gaps},
    Name{"inter_token_latencies", Role::gaps}, Name{"inter_chunk_latency", Role::gaps},
    Name{"latency", Role::e2e}, Name{"latencies", Role::e2e}, Name{"e2e", Role::e2e}, Name{"e2el", Role::e2e}, Name{"e2els", Role::e2e},
    Name{"e2e_latency", Role::e2e}, Name{"e2e_latencies", Role::e2e}, Name{"e2e_time", Role::e2e},
    Name{"end_to_end_latency", Role::e2e}, Name{"request_latency", Role::e2e}, Name{"request_latencies", Role::e2e},
    Name{"request_e2e_time", Role::e2e}, Name{"response_times", Role::e2e},
    Name{"start_time", Role::arrival}, Name{"start_times", Role::arrival}, Name{"arrival", Role::arrival},
    Name{"arrivals", Role::arrival}, Name{"arrival_time", Role::arrival}, Name{"arrival_times", Role::arrival},
    Name{"arrival_timestamp", Role::arrival}, Name{"arrival_timestamps", Role::arrival}, Name{"arrived_at", Role::arrival},
    Name{"request_arrived_at", Role::arrival}, Name{"request_arrival_time", Role::arrival}, Name{"timestamp", Role::arrival},
    Name{"timestamps", Role::arrival}, Name{"request_start", Role::arrival}, Name{"request_start_time", Role::arrival},
    Name{"send_time", Role::arrival}, Name{"sent", Role::arrival},
    Name{"end_time", Role::end}, Name{"end_times", Role::end}, Name{"request_end", Role::end}, Name{"request_end_time", Role::end},
    Name{"finish_time", Role::end}, Name{"finished_at", Role::end}, Name{"completed_at", Role::end},
    Name{"request_inter_arrival_delay", Role::since_last}, Name{"inter_arrival_time", Role::since_last},
    Name{"cached_tokens", Role::cached},
    Name{"error", Role::error}, Name{"errors", Role::error}, Name{"error_msg", Role::error}, Name{"error_message", Role::error},
    Name{"error_code", Role::error}, Name{"was_cancelled", Role::error},
    Name{"success", Role::success}, Name{"successes", Role::success},
    Name{"outcome", Role::outcome}};

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

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) all += word;
    return all;
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

bool is_success(std::string_view outcome) {
    const auto words = words_of(outcome);
    const std::string word = joined(words);
    return word.empty() || word == "completed" || word == "complete" || word == "success" || word == "successful" || word == "ok" || word == "200";
}

const std::vector<std::string>& measured_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const Name& name : kNames) all.emplace_back(name.written);
        return all;
    }();
    return names;
}

std::optional<Key> measured_key(std::string_view name) {
    static const std::map<std::string, const Name*, std::less<>> known = [] {
        std::map<std::string, const Name*, std::less<>> all;
        for (const Name& n : kNames) all.emplace(joined(words_of(n.written)), &n);
        return all;
    }();
    if (name.size() > 60) return std::nullopt;
    std::vector<std::string> words = words_of(name);
    std::optional<double> unit;
    if (words.size() > 1) unit = time_unit(words.back());
    if (unit) words.pop_back();
    const auto at = known.find(joined(words));
    if (at == known.end()) return std::nullopt;
    return Key{at->second->role, unit, at->second->weak};
}

void Pieces::set(const Key& key, double value) {
    switch (key.role) {
        case Role::input: (key.weak ? weak_input : input) = value; break;
        case Role::output: (key.weak ? weak_output : output) = value; break;
        case Role::ttft: ttft = value; break;
        case Role::tpot: tpot = value; break;
        case Role::e2e: e2e = value; break;
        case Role::arrival: arrival = value; break;
        case Role::end: end = value; break;
        case Role::since_last: since_last = value; break;
        case Role::gaps: mean_gap = value; break;
        case Role::cached: cached = value; break;
        case Role::success: failed = failed || value == 0; break;
        case Role::error:
        case Role::outcome: failed = failed || value != 0; break;
    }
}

std::string Pieces::wrong_values() const {
    for (const auto& [what, value] : {std::pair("an input", input ? input : weak_input), std::pair("an output", output ? output : weak_output)}) {
        if (value && !(*value >= 0 && *value <= kMostTokens && *value == std::floor(*value))) {
            return unfit(what, *value) + " tokens; a whole number up to 1e9 is expected";
        }
    }
    for (const auto& [what, value] : {std::pair("a TTFT", ttft), std::pair("a TPOT", tpot), std::pair("a latency", e2e), std::pair("gaps", mean_gap)}) {
        if (value && !(*value >= 0 && *value <= 1e9)) return unfit(what, *value) + " s; 0 to 1e9 is expected";
    }
    for (const auto& [what, value] : {std::pair("an arrival", arrival), std::pair("an end", end)}) {
        if (value && !(std::abs(*value) <= 1e18)) return unfit(what, *value) + " s";
    }
    if (gaps) {
        for (const float gap : *gaps) {
            if (!(gap >= 0 && gap <= 1e9F)) return unfit("a time between tokens", static_cast<double>(gap)) + " s; 0 to 1e9 is expected";
        }
    }
    return {};
}

std::string Pieces::finish(MeasuredRequest& into) const {
    if (auto what = wrong_values(); !what.empty()) return what;
    const auto all = output ? output : weak_output;
    into = {};
    into.arrival_s = arrival;
    into.input_tokens = static_cast<std::int64_t>((input ? input : weak_input).value_or(0));
    into.output_tokens = static_cast<std::int64_t>(all.value_or(0));
    into.failed = failed || (all && *all < 1);
    if (into.failed) return {};
    const auto positive = [](std::optional<double> value) { return value && *value > 0 ? value : std::nullopt; };
    const double tokens_after = all ? *all - 1 : 0;
    into.ttft_s = positive(ttft);
    into.e2e_s = positive(e2e);
    if (!into.e2e_s && arrival && end) into.e2e_s = positive(*end - *arrival);
    if (!into.e2e_s && into.ttft_s && gaps) into.e2e_s = std::accumulate(gaps->begin(), gaps->end(), *into.ttft_s);
    into.tpot_s = positive(exact_tpot);
    if (!into.tpot_s && into.e2e_s && into.ttft_s && tokens_after >= 1) into.tpot_s = positive((*into.e2e_s - *into.ttft_s) / tokens_after);
    if (!into.tpot_s) into.tpot_s = positive(tpot ? tpot : mean_gap);
    if (!into.tpot_s && gaps && !gaps->empty()) {
        into.tpot_s = positive(std::accumulate(gaps->begin(), gaps->end(), 0.0) / static_cast<double>(gaps->size()));
    }
    return {};
}

std::string add_request(const Pieces& pieces, MeasuredRun& run) {
    MeasuredRequest request;
    if (auto what = pieces.finish(request); !what.empty()) return what;
    if (run.requests.size() == kMostMeasured) return "more than 10 million requests";
    run.requests.push_back(request);
    if (!request.failed) run.cached_share += std::max(0.0, pieces.cached.value_or(0));   // a sum until settled
    if (!request.failed && pieces.gaps) {
        for (const float gap : *pieces.gaps) run.gaps.add(gap);
    }
    return {};
}

void settle(MeasuredRun& run) {
    bool timed = true;
    std::optional<double> first;
    double prompts = 0;
    for (const MeasuredRequest& request : run.requests) {
        run.failed += request.failed ? 1 : 0;
        if (request.failed) continue;   // some tools leave the clock at 0 then
        prompts += static_cast<double>(request.input_tokens);
        timed = timed && request.arrival_s;
        if (timed) first = std::min(first.value_or(*request.arrival_s), *request.arrival_s);
    }
    run.cached_share = prompts > 0 ? std::min(1.0, run.cached_share / prompts) : 0;
    if (!timed || !first) {
        for (MeasuredRequest& request : run.requests) request.arrival_s.reset();
        return;
    }
    for (MeasuredRequest& request : run.requests) request.arrival_s = std::max(0.0, request.arrival_s.value_or(*first) - *first);
    const auto earlier = [](const MeasuredRequest& a, const MeasuredRequest& b) { return *a.arrival_s < *b.arrival_s; };
    std::stable_sort(run.requests.begin(), run.requests.end(), earlier);
}

}  // namespace moeplan::trace
