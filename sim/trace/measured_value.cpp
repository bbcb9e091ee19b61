#include "sim/trace/measured_value.h"

#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/format.h>

#include "sim/trace/trace_parts.h"

namespace moeplan::trace {
namespace {

using nlohmann::json;

// Times are sums of doubles, and counts come as either; figures in quotes are figures.
std::optional<double> number_of(const json& value) {
    if (value.is_number()) return value.get<double>();
    if (value.is_boolean()) return value.get<bool>() ? 1.0 : 0.0;
    if (value.is_string()) return parse_number(value.get_ref<const std::string&>());
    return std::nullopt;
}

bool tells_error(const json& value) {
    if (value.is_null()) return false;
    if (value.is_string()) return !tells_nothing(value.get_ref<const std::string&>());
    if (value.is_boolean()) return value.get<bool>();
    if (value.is_number()) return value.get<double>() != 0 && value.get<double>() != 200;
    return value.is_object() || !value.empty();   // what stands in an object is not kept
}

// Every gap of a list.
bool read_gaps(const json& value, double unit, const JsonValues& source, Pieces& pieces) {
    std::vector<float> gaps;
    if (JsonValues::is_gaps(value)) {
        const Span span = source.gaps_of(value);
        if (span.odd) return false;
        const float* from = source.gaps().data() + span.from;
        gaps.assign(from, from + span.count);
    } else {
        for (const json& gap : value) {
            if (gap.is_null()) continue;
            if (!gap.is_number()) return false;
            gaps.push_back(gap.get<float>());
        }
    }
    for (float& gap : gaps) gap *= static_cast<float>(unit);
    pieces.gaps = std::move(gaps);
    return true;
}

// inference-perf tells when tokens, or chunks of them, came: by the clock of start_time and end_time.
bool read_stamps(const json& value, const JsonValues& source, Pieces& pieces) {
    if (!JsonValues::is_gaps(value)) return value.is_null();
    const Span span = source.gaps_of(value);
    if (span.odd) return false;
    if (!span.first || pieces.first_token) return true;   // chunks come first: tokens of one have one time
    pieces.first_token = span.first;
    return read_gaps(value, 1, source, pieces);
}

bool is_stamps(std::string_view key) { return key == "chunk_times" || key == "output_token_times"; }

// Source: kubernetes-sigs/inference-perf, inference_perf/apis/base.py, reportgen/base.py.
void mend_stamps(Pieces& pieces) {
    if (!pieces.first_token || !pieces.arrival) return;
    pieces.ttft = *pieces.first_token - *pieces.arrival;
    const double after = pieces.output.value_or(0) - 1;
    if (after >= 1) pieces.exact_tpot = std::accumulate(pieces.gaps->begin(), pieces.gaps->end(), 0.0) / after;
}

bool is_time(Role role) {
    return role != Role::input && role != Role::output && role != Role::cached && role != Role::success;
}

// {"value": 12.5, "unit": "ms"}
bool read_with_unit(const Key& key, const json& value, const JsonValues& source, Pieces& pieces) {
    const auto inner = value.find("value");
    if (inner == value.end() || inner->is_object()) return false;
    const auto word = value.find("unit");
    std::optional<double> unit = key.unit;
    if (is_time(key.role) && word != value.end() && word->is_string()) {
        unit = time_unit(word->get_ref<const std::string&>());
        if (!unit) return false;
    }
    return read_value({key.role, unit, key.weak}, *inner, source, pieces);
}

// llmperf divides the time to the last token by all tokens and calls that the time between them, and says -1 where
// nothing was streamed. Source: ray-project/llmperf, token_benchmark_ray.py, vertexai_client.py.
void mend_llmperf(const json& object, Pieces& pieces) {
    if (!object.contains("number_output_tokens")) return;
    pieces.mean_gap.reset();
    pieces.gaps.reset();
    if (pieces.ttft == -1.0) pieces.ttft.reset();
}

}  // namespace

Keep keep_measured(std::string_view key) {
    // Also what tells how requests were sent, and what a value is.
    constexpr std::array kKept = {"value",
                                  "unit",
                                  "type_",
                                  "streams",
                                  "rate",
                                  "mode",
                                  "model",
                                  "model_id",
                                  "backend",
                                  "max_concurrency",
                                  "request_rate",
                                  "burstiness",
                                  "duration",
                                  "ramp_up_strategy",
                                  "response_timestamps",
                                  "benchmark_phase",
                                  "completed",
                                  "successful"};
    if (key == "response") return Keep::reply;
    if (is_stamps(key)) return Keep::stamps;
    if (const auto known = measured_key(key)) return known->role == Role::gaps ? Keep::gaps : Keep::value;
    return std::ranges::find(kKept, key) == kKept.end() ? Keep::nothing : Keep::value;
}

bool read_value(const Key& key, const json& value, const JsonValues& source, Pieces& pieces) {
    if (key.role == Role::error) {
        pieces.failed = pieces.failed || tells_error(value);
        return true;
    }
    if (key.role == Role::outcome) {
        const bool text = value.is_string();
        pieces.failed = pieces.failed || ((text || value.is_number()) && !is_success(text ? value.get_ref<const std::string&>() : value.dump()));
        return true;
    }
    if (value.is_null()) return true;
    const double unit = key.unit.value_or(1);
    if (value.is_object()) return read_with_unit(key, value, source, pieces);
    if (key.role == Role::gaps && (value.is_array() || JsonValues::is_gaps(value)))
        return read_gaps(value, unit, source, pieces);
    if (value.is_string() && is_time_of_day(key.role)) {
        if (const auto date = parse_timestamp(value.get_ref<const std::string&>())) {
            pieces.set(key, static_cast<double>(*date) * 1e-9);
            return true;
        }
    }
    const auto number = number_of(value);
    if (number) pieces.set(key, *number * (is_time(key.role) ? unit : 1));
    return number || (key.weak && !is_time_of_day(key.role));
}

namespace {

// Values of a request, and of what tools put some of them into.
std::string read_values(const json& object, const JsonValues& source, Pieces& pieces, int depth) {
    for (const auto& [name, value] : object.items()) {
        const bool holder = name == "metrics" || name == "metadata" || name == "info" || name == "response_metrics";
        if (holder && value.is_object() && depth < 2) {
            if (auto what = read_values(value, source, pieces, depth + 1); !what.empty()) return what;
            continue;
        }
        if (is_stamps(name)) {
            if (!read_stamps(value, source, pieces)) return fmt::format("'{}' is not a list of times", name);
            continue;
        }
        const auto key = measured_key(name);
        if (key && !read_value(*key, value, source, pieces)) {
            return fmt::format("'{}' is not a number{}", name.substr(0, 40), depth > 0 ? " with a unit" : "");
        }
    }
    return {};
}

}  // namespace

std::string read_request(const json& object, const JsonValues& source, Pieces& pieces) {
    if (auto what = read_values(object, source, pieces, 0); !what.empty()) return what;
    pieces.choose_arrival();
    mend_llmperf(object, pieces);
    mend_stamps(pieces);
    return {};
}

}  // namespace moeplan::trace
