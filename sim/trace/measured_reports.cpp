// Reports of several benchmarks: GuideLLM's, and what Perf Analyzer exports for GenAI-Perf.
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "sim/trace/measured_json.h"

namespace moeplan::trace {
namespace {

using nlohmann::json;

std::optional<double> positive_in(const json& object, const char* key) {
    const auto at = object.find(key);
    if (at == object.end() || !at->is_number() || !(at->get<double>() > 0)) return std::nullopt;
    return at->get<double>();
}

std::string text_in(const json& object, const char* key) {
    const auto at = object.find(key);
    return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

// Of a benchmark, wherever its version keeps it: "config", "args" or "scheduler".
const json* strategy_of(const json& benchmark, int depth = 0) {
    for (const auto& [name, value] : benchmark.items()) {
        if (!value.is_object() || name == "requests" || name == "metrics") continue;
        if (name == "strategy" && value.contains("type_")) return &value;
        if (depth < 2) {
            if (const json* inner = strategy_of(value, depth + 1)) return inner;
        }
    }
    return nullptr;
}

// Source: vllm-project/guidellm, scheduler strategies.
void read_strategy(const json& strategy, MeasuredRun& run) {
    const std::string type = text_in(strategy, "type_");
    const double endless = std::numeric_limits<double>::infinity();
    if (type == "synchronous") run.max_concurrency = 1;
    if (type == "concurrent") {
        run.max_concurrency = positive_in(strategy, "streams");
        if (!run.max_concurrency) run.max_concurrency = positive_in(strategy, "max_concurrency");
    }
    if (type == "throughput") {
        run.max_concurrency = positive_in(strategy, "max_concurrency");
        run.request_rate = endless;
    }
    if (type == "constant" || type == "poisson" || type == "async") run.request_rate = positive_in(strategy, "rate");
    if (type == "constant") run.burstiness = endless;   // gaps that do not vary
}

std::size_t size_of_list(const json& object, const char* key) {
    const auto at = object.find(key);
    return at != object.end() && at->is_array() ? at->size() : 0;
}

// How many requests succeeded, kept or not: metrics.request_totals, in older versions total_count. 0 = not told.
double successful_in(const json& benchmark) {
    const auto metrics = benchmark.find("metrics");
    const json& holder = metrics != benchmark.end() && metrics->is_object() && metrics->contains("request_totals")
                             ? *metrics
                             : benchmark;
    for (const char* key : {"request_totals", "total_count"}) {
        const auto at = holder.find(key);
        if (at != holder.end() && at->is_object()) return positive_in(*at, "successful").value_or(0);
    }
    return 0;
}

// A request of Perf Analyzer's: when it was sent and when its responses came, in nanoseconds.
std::string read_exported(const json& object, Pieces& pieces, bool& counted) {
    const auto sent = object.find("timestamp");
    const auto came = object.find("response_timestamps");
    if (sent == object.end() || !sent->is_number()) return "'timestamp' is not a number";
    if (came == object.end() || !came->is_array()) return "'response_timestamps' is not a list";
    const auto outputs = object.find("response_outputs");
    const bool told = outputs != object.end() && outputs->is_array() && outputs->size() == came->size();
    std::vector<float> gaps;
    double pieces_of_text = 0, last = sent->get<double>();
    for (std::size_t i = 0; i < came->size(); ++i) {
        if (!(*came)[i].is_number()) return "'response_timestamps' holds what is not a number";
        const json* reply = told && (*outputs)[i].contains("response") ? &(*outputs)[i]["response"] : nullptr;
        if (reply && reply->is_object()) {
            if (const auto n = positive_in(*reply, "prompt_tokens")) pieces.input = n;
            if (const auto n = positive_in(*reply, "completion_tokens")) pieces.output = n;
            pieces.failed = pieces.failed || reply->contains("error");
            if (reply->value("content", 1) == 0) continue;   // the role before the text, what ends a stream
        }
        const double at = (*came)[i].get<double>();
        if (pieces_of_text > 0) gaps.push_back(static_cast<float>((at - last) * 1e-9));
        else pieces.ttft = (at - sent->get<double>()) * 1e-9;
        last = at;
        pieces_of_text += reply && reply->is_object() ? reply->value("content", 1) : 1;
    }
    counted = !pieces.output && pieces_of_text > 0;
    if (!pieces.output) pieces.output = pieces_of_text;
    pieces.arrival = sent->get<double>() * 1e-9;
    pieces.e2e = (last - sent->get<double>()) * 1e-9;
    pieces.gaps = std::move(gaps);
    return {};
}

}  // namespace

void MeasuredCollector::add_guidellm(const json& benchmarks) {
    for (std::size_t i = 0; i < benchmarks.size() && !hopeless(); ++i) {
        const std::string where = fmt::format("benchmark {}", i + 1);
        const json& benchmark = benchmarks[i];
        if (!benchmark.is_object()) {
            wrong_here(where, "not a JSON object");
            continue;
        }
        MeasuredRun run;
        run.where = where;
        read_head(benchmark, run);
        if (const json* strategy = strategy_of(benchmark)) read_strategy(*strategy, run);
        const auto requests = benchmark.find("requests");
        if (requests != benchmark.end() && requests->is_object()) {
            if (const auto list = requests->find("successful"); list != requests->end() && list->is_array())
                add_list(*list, run, where, true);
            run.failed = size_of_list(*requests, "errored") + size_of_list(*requests, "incomplete");
        }
        const double kept = static_cast<double>(run.requests.size()), all = successful_in(benchmark);
        if (all > kept && kept > 0)
            run.notes.push_back(
                fmt::format("the report keeps {:g} of {:g} requests: the others loaded the server too", kept, all));
        if (run.requests.empty() && !hopeless()) empty_.push_back(where);
        done(std::move(run));
    }
}

void MeasuredCollector::add_experiment(const json& experiment, MeasuredRun& run) {
    const auto how = experiment.find("experiment");
    if (how != experiment.end() && how->is_object()) {
        const std::string mode = text_in(*how, "mode");
        if (mode == "concurrency") run.max_concurrency = positive_in(*how, "value");
        if (mode == "request_rate") run.request_rate = positive_in(*how, "value");
    }
    const auto requests = experiment.find("requests");
    if (requests == experiment.end() || !requests->is_array()) return;
    bool any_counted = false;
    for (std::size_t i = 0; i < requests->size() && !hopeless(); ++i) {
        const std::string where = fmt::format("{}, request {}", run.where, i + 1);
        if (!(*requests)[i].is_object()) {
            wrong_here(where, "not a JSON object");
            continue;
        }
        Pieces pieces;
        bool counted = false;
        std::string what = read_exported((*requests)[i], pieces, counted);
        any_counted = any_counted || counted;
        keep(pieces, std::move(what), run, where);
    }
    if (any_counted)
        run.notes.emplace_back(
            "the file does not tell lengths of answers: a token is counted for every response with text");
}

void MeasuredCollector::add_genai_perf(const json& experiments) {
    for (std::size_t i = 0; i < experiments.size() && !hopeless(); ++i) {
        MeasuredRun run;
        run.where = fmt::format("experiment {}", i + 1);
        if (!experiments[i].is_object()) {
            wrong_here(run.where, "not a JSON object");
            continue;
        }
        add_experiment(experiments[i], run);
        if (run.requests.empty() && !hopeless()) empty_.push_back(run.where);
        done(std::move(run));
    }
}

}  // namespace moeplan::trace
