// The words requests are described by.
#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/base/lower_case.h"
#include "sim/trace/measured_parts.h"
#include "sim/trace/trace_parts.h"

namespace moeplan::trace {
namespace {

struct Name {
    const char* written;
    Role role;
    bool weak = false;
};

// Of the tools docs/traces.md names, and what people write who have none.
// clang-format off
constexpr std::array kNames = {
    Name{"input_len", Role::input}, Name{"input_lens", Role::input}, Name{"input_length", Role::input},
    Name{"input_tokens", Role::input}, Name{"input_token_count", Role::input}, Name{"num_input_tokens", Role::input},
    Name{"number_input_tokens", Role::input}, Name{"input_toks", Role::input}, Name{"prompt_toks", Role::input}, Name{"input_sequence_length", Role::input}, Name{"isl", Role::input},
    Name{"prompt_len", Role::input}, Name{"prompt_lens", Role::input}, Name{"prompt_length", Role::input},
    Name{"prompt_tokens", Role::input}, Name{"num_prompt_tokens", Role::input}, Name{"prompt_size", Role::input},
    Name{"prompt_sizes", Role::input}, Name{"num_prefill_tokens", Role::input}, Name{"request_num_prefill_tokens", Role::input},
    Name{"context_tokens", Role::input}, Name{"request_tokens", Role::input}, Name{"input", Role::input, true},
    Name{"output_len", Role::output}, Name{"output_lens", Role::output}, Name{"output_length", Role::output},
    Name{"output_tokens", Role::output}, Name{"num_output_tokens", Role::output}, Name{"number_output_tokens", Role::output},
    Name{"output_sequence_length", Role::output}, Name{"osl", Role::output}, Name{"completion_tokens", Role::output},
    Name{"generated_tokens", Role::output}, Name{"generation_tokens", Role::output}, Name{"token_size", Role::output},
    Name{"token_sizes", Role::output}, Name{"num_decode_tokens", Role::output}, Name{"request_num_decode_tokens", Role::output},
    Name{"output_toks", Role::output}, Name{"num_generation_tokens", Role::output},
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
    Name{"request_arrived_at", Role::arrival}, Name{"request_arrival_time", Role::arrival}, Name{"timestamp", Role::arrival, true},
    Name{"timestamps", Role::arrival, true}, Name{"request_start", Role::arrival}, Name{"request_start_time", Role::arrival},
    Name{"send_time", Role::arrival}, Name{"sent", Role::arrival},
    Name{"end_time", Role::end}, Name{"end_times", Role::end}, Name{"request_end", Role::end}, Name{"request_end_time", Role::end},
    Name{"finish_time", Role::end}, Name{"finished_at", Role::end}, Name{"completed_at", Role::end},
    Name{"finished_time", Role::end}, Name{"finished_ts", Role::end},
    Name{"queued_ts", Role::queued}, Name{"queued_at", Role::queued},
    Name{"first_token_ts", Role::first_at}, Name{"first_token_at", Role::first_at}, Name{"first_token_time", Role::first_at},
    Name{"first_token_timestamp", Role::first_at},
    Name{"last_token_ts", Role::last_at}, Name{"last_token_at", Role::last_at}, Name{"last_token_time", Role::last_at},
    Name{"last_token_timestamp", Role::last_at},
    Name{"request_inter_arrival_delay", Role::since_last}, Name{"inter_arrival_time", Role::since_last},
    Name{"cached_tokens", Role::cached},
    Name{"error", Role::error}, Name{"errors", Role::error}, Name{"error_msg", Role::error}, Name{"error_message", Role::error},
    Name{"error_code", Role::error}, Name{"was_cancelled", Role::error}, Name{"failed", Role::error}, Name{"timed_out", Role::error},
    Name{"success", Role::success}, Name{"successes", Role::success}, Name{"is_success", Role::success}, Name{"ok", Role::success},
    Name{"outcome", Role::outcome}, Name{"status", Role::outcome}, Name{"status_code", Role::outcome}, Name{"http_status", Role::outcome}};
// clang-format on

// "ttft_ms", "TTFT (ms)" and "ttftMs" are two words each.
std::vector<std::string> words_of(std::string_view name) {
    std::vector<std::string> words;
    bool inside = false, small = false;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (!std::isalnum(byte)) {
            inside = small = false;
            continue;
        }
        if (!inside || (small && std::isupper(byte))) words.emplace_back();
        inside = true;
        small = std::islower(byte) != 0;
        words.back() += static_cast<char>(std::tolower(byte));
    }
    return words;
}

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) all += word;
    return all;
}

}  // namespace

std::optional<double> time_unit(std::string_view word) {
    if (word == "s" || word == "sec" || word == "secs" || word == "second" || word == "seconds") return 1;
    if (word == "ms" || word == "msec" || word == "millisecond" || word == "milliseconds") return 1e-3;
    if (word == "us" || word == "usec" || word == "microsecond" || word == "microseconds") return 1e-6;
    if (word == "ns" || word == "nanosecond" || word == "nanoseconds") return 1e-9;
    return std::nullopt;
}

bool is_time_of_day(Role role) {
    return role == Role::arrival || role == Role::end || role == Role::queued || role == Role::first_at || role == Role::last_at;
}

bool is_success(std::string_view outcome) {
    const auto words = words_of(outcome);
    const std::string word = joined(words);
    constexpr std::array kGood{"", "completed", "complete", "success", "successful", "succeeded", "finished", "done", "ok", "true", "stop", "length", "eos"};
    if (std::ranges::find(kGood, word) != kGood.end()) return true;
    const auto code = parse_number(outcome);   // of HTTP
    return code && *code >= 200 && *code < 300;
}

bool tells_nothing(std::string_view text) {
    constexpr std::array kNothing{"", "false", "none", "null", "nan", "na", "n/a", "no", "-", "[]", "{}", "ok", "200"};
    const std::string word = lower_case(text);
    return std::ranges::find(kNothing, word) != kNothing.end() || parse_number(text) == 0.0;
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

}  // namespace moeplan::trace
