// Measured requests as JSON: what stands there, and requests as objects.
#include "sim/trace/measured_json.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "sim/trace/trace_parts.h"

namespace moeplan::trace {
namespace {

using nlohmann::json;

constexpr int kNesting = 6;
constexpr const char* kSaveDetails =
    "the requests themselves are needed: vllm bench serve --save-result --save-detailed, sglang.bench_serving "
    "--output-details, AIPerf's "
    "profile_export.jsonl, GenAI-Perf's profile_export.json, llmperf's individual_responses.json";

bool has_lists(const json& object) {
    if (!object.is_object()) return false;
    for (const auto& [name, value] : object.items()) {
        const auto key = measured_key(name);
        if (!key || key->weak || !value.is_array()) continue;
        if (key->role == Role::input || key->role == Role::output || key->role == Role::ttft) return true;
    }
    return false;
}

const json* list_in(const json& object, const char* key) {
    const auto at = object.find(key);
    return at != object.end() && at->is_array() && !at->empty() && at->front().is_object() ? &*at : nullptr;
}

// AIPerf and GenAI-Perf write what they found of all requests under the names of one's: {"unit": "ms", "avg": …}.
bool is_summary(const json& object) {
    return std::ranges::any_of(object.items(), [](const auto& item) {
        const auto key = measured_key(item.key());
        return key && item.value().is_object() && item.value().contains("unit") && !item.value().contains("value");
    });
}

// What was meant by a key that was passed over.
std::string meant_by(const std::vector<std::string>& left_out) {
    for (const std::string& key : left_out) {
        for (const char* prefix : {"mean_", "median_", "results_", "p99_"}) {
            if (key.starts_with(prefix)) return kSaveDetails;   // a summary's
        }
    }
    for (const std::string& key : left_out) {
        const auto near = nearest_name(key, measured_names());
        if (near && key.size() > 3)
            return fmt::format("'{}' is not known: did you mean '{}'?", key.substr(0, 40), *near);
    }
    return kSaveDetails;
}

}  // namespace

void read_head(const json& object, MeasuredRun& run) {
    for (const char* key : {"model_id", "model"}) {
        const auto at = object.find(key);
        if (at != object.end() && at->is_string() && run.model_id.empty()) run.model_id = at->get<std::string>();
    }
    if (const auto at = object.find("backend"); at != object.end() && at->is_string()) run.backend = at->get<std::string>();
    for (auto [key, into] :
         {std::pair("max_concurrency", &run.max_concurrency), std::pair("request_rate", &run.request_rate),
          std::pair("burstiness", &run.burstiness), std::pair("duration", &run.duration_s)}) {
        const auto at = object.find(key);
        if (at == object.end()) continue;
        // Infinity is no JSON: vLLM writes "inf", SGLang a bare Infinity.
        const bool endless = at->is_string() && at->get_ref<const std::string&>() == "inf";
        if (endless) *into = std::numeric_limits<double>::infinity();
        if (into == &run.request_rate && at->is_string() && !endless) run.varied = true;   // SGLang's "trace"
        if (at->is_number() && at->get<double>() > 0) *into = at->get<double>();
    }
    // Gamma gaps of another shape are not drawn. Beyond, they are even.
    constexpr double kLeast = 1e-4, kMost = 1e8;
    if (run.burstiness && *run.burstiness > kMost) run.burstiness = std::numeric_limits<double>::infinity();
    if (run.burstiness && *run.burstiness < kLeast) {
        run.notes.push_back(fmt::format("a burstiness of {:g} is taken as {:g}, the least that is drawn", *run.burstiness, kLeast));
        run.burstiness = kLeast;
    }
    const auto ramp = object.find("ramp_up_strategy");
    run.varied = run.varied || (ramp != object.end() && ramp->is_string());
}

std::string MeasuredCollector::here() const { return fmt::format("{}:{}", name_, source_.line()); }

void MeasuredCollector::wrong_here(const std::string& where, std::string what, std::string hint) {
    Problem problem = wrong(here(), std::move(what), std::move(hint));
    problem.path = where;
    problems_.push_back(std::move(problem));
}

void MeasuredCollector::add() {
    const json& value = source_.value();
    if (value.is_array() && !value.empty() &&
        has_lists(value.front())) {   // results of several runs, as sweeps collect them
        for (std::size_t i = 0; i < value.size() && !hopeless(); ++i) {
            if (value[i].is_object()) add_lists(value[i], fmt::format("entry {}", i + 1));
            else wrong_here(fmt::format("entry {}", i + 1), "not a JSON object");
        }
        return;
    }
    if (value.is_array()) return add_list(value, loose_, "");
    if (!value.is_object()) return wrong_here("", "neither a request nor a result: a JSON object is expected");
    if (has_lists(value)) return add_lists(value, fmt::format("line {}", source_.line()));
    if (const json* benchmarks = list_in(value, "benchmarks")) return add_guidellm(*benchmarks);
    if (const json* experiments = list_in(value, "experiments")) return add_genai_perf(*experiments);
    if (is_summary(value)) return bare_.push_back(source_.line());
    if (add_nested(value, 0)) return;
    if (value.contains("completed") && !is_request(value)) return bare_.push_back(source_.line());
    add_one(value, loose_, "");
}

Result<std::vector<MeasuredRun>> MeasuredCollector::finish() {
    if (!loose_.requests.empty() || loose_.failed > 0) done(std::move(loose_));
    if (problems_.empty() && runs_.empty()) {
        problems_.push_back(
            !bare_.empty()
                ? wrong(fmt::format("{}:{}", name_, bare_.front()), "a result without its requests", kSaveDetails)
            : !empty_.empty()
                ? wrong(name_,
                        fmt::format("no request is kept in it ({} of them empty: {})", empty_.size(), one_of(empty_)),
                        "save the report with all requests, not a sample of none")
                : wrong(name_, "holds no measured request"));
    }
    if (!problems_.empty()) return fail(std::move(problems_));
    for (MeasuredRun& run : runs_) {
        if (!bare_.empty())
            run.notes.push_back(
                fmt::format("{} of the file's results have no requests and were passed over", bare_.size()));
        settle(run);
    }
    return std::move(runs_);
}

void MeasuredCollector::done(MeasuredRun&& run) {
    if (!run.requests.empty()) return runs_.push_back(std::move(run));
    if (problems_.empty() && run.failed > 0) wrong_here(run.where, "no request succeeded when this was measured");
}

bool MeasuredCollector::is_request(const json& value) const {
    if (!value.is_object()) return false;
    Pieces pieces;
    return read_request(value, source_, pieces).empty() && pieces.complete();
}

bool MeasuredCollector::add_nested(const json& object, int depth) {
    bool found = false;
    for (const auto& [name, value] : object.items()) {
        if (depth > kNesting || hopeless()) continue;
        if (value.is_object() && value.size() > 0) found = add_nested(value, depth + 1) || found;
        if (!value.is_array() || value.empty() || !value.front().is_object()) continue;
        if (is_request(value.front())) {
            MeasuredRun run;
            run.where = fmt::format("'{}' of line {}", name.substr(0, 40), source_.line());
            read_head(object, run);
            add_list(value, run, name.substr(0, 40));
            done(std::move(run));
            found = true;
            continue;
        }
        for (const json& inner : value) found = (inner.is_object() && add_nested(inner, depth + 1)) || found;
    }
    return found;
}

void MeasuredCollector::add_list(const json& list, MeasuredRun& run, const std::string& where, bool guidellm) {
    for (std::size_t i = 0; i < list.size() && !hopeless(); ++i) {
        add_one(list[i], run, fmt::format("{}{}entry {}", where, where.empty() ? "" : ", ", i + 1), guidellm);
    }
}

void MeasuredCollector::add_one(const json& value, MeasuredRun& run, const std::string& where, bool guidellm) {
    if (!value.is_object()) return wrong_here(where, "not a JSON object");
    const auto metadata = value.find("metadata");
    const bool aiperf = metadata != value.end() && metadata->is_object();
    if (aiperf && metadata->value("benchmark_phase", json()) == "warmup")
        return;   // as AIPerf's own figures leave it out
    if (run.requests.empty() && run.where.empty()) {
        read_head(value, run);
        run.duration_s.reset();   // of this request, if anything
    }
    Pieces pieces;
    std::string what = read_request(value, source_, pieces);
    if (guidellm) {  // its time_per_output_token_ms has the first token in it, and the request's end comes after the last one
        pieces.tpot.reset();
        pieces.exact_tpot = pieces.mean_gap;
    }
    if (what.empty() && pieces.failed && !pieces.complete()) {
        ++run.failed;  // it has no figures then
        return;
    }
    keep(pieces, std::move(what), run, where);
}

void MeasuredCollector::keep(const Pieces& pieces, std::string what, MeasuredRun& run, const std::string& where) {
    if (what.empty() && !pieces.complete()) {
        return wrong_here(where, "no request with a length and a measured time", meant_by(source_.left_out()));
    }
    if (what.empty()) what = add_request(pieces, run);
    if (!what.empty()) wrong_here(where, std::move(what));
}

Result<std::vector<MeasuredRun>> measured_json(std::streambuf& text, const std::string& name) {
    JsonValues values(text, keep_measured);
    MeasuredCollector collector(name, values);
    while (!collector.hopeless() && values.next()) collector.add();
    if (!values.problem().empty()) return fail(wrong(fmt::format("{}:{}", name, values.line()), values.problem()));
    return collector.finish();
}

}  // namespace moeplan::trace
