// results_*.json of lm-evaluation-harness.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/quality/parse_json.h"
#include "core/quality/lm_eval.h"

namespace moeplan {
namespace {

using nlohmann::json;

constexpr std::streamoff kLargestFile = std::streamoff{256} << 20;
constexpr std::size_t kMostScores = 100000;
constexpr int kDeepestGroup = 20;
constexpr std::size_t kGroupSteps = 1000000;  // per file: groups that contain themselves must end

const json* find(const json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto it = object.find(key);
    return it == object.end() ? nullptr : &*it;
}

std::string text_of(const json* value) {
    return value && value->is_string() ? value->get<std::string>() : "";
}

// "pretrained=org/name,dtype=auto" -> "org/name".
std::string from_model_args(const std::string& args) {
    for (const std::string key : {"pretrained=", "model="}) {
        const auto at = args.find(key);
        if (at == std::string::npos || (at > 0 && args[at - 1] != ',')) continue;
        const auto begin = at + key.size();
        return args.substr(begin, args.find(',', begin) - begin);
    }
    return "";
}

std::string model_of(const json& root) {
    if (std::string name = text_of(find(root, "model_name")); !name.empty()) return name;
    if (const json* general = find(root, "config_general")) {
        if (std::string name = text_of(find(*general, "model_name")); !name.empty()) return name;
    }
    const json* config = find(root, "config");
    if (!config) return "";
    const json* args = find(*config, "model_args");
    if (args && args->is_object()) {
        std::string name = text_of(find(*args, "pretrained"));
        return name.empty() ? text_of(find(*args, "model")) : name;
    }
    if (std::string name = from_model_args(text_of(args)); !name.empty()) return name;
    return text_of(find(*config, "model"));
}

// Effective counts by task; a group's is the sum of its parts'.
class SampleCounts {
public:
    explicit SampleCounts(const json& root)
        : counts_(find(root, "n-samples")), groups_(find(root, "group_subtasks")) {
        if (!counts_) counts_ = find(root, "n_samples");
    }

    std::optional<double> of(const std::string& task, int depth = 0) {
        if (!counts_ || depth > kDeepestGroup || steps_++ > kGroupSteps) return std::nullopt;
        if (const json* own = find(*counts_, task.c_str())) {
            const json* count = own->is_object() ? find(*own, "effective") : own;
            if (count && count->is_number() && count->get<double>() >= 1) return count->get<double>();
        }
        const json* parts = groups_ ? find(*groups_, task.c_str()) : nullptr;
        if (!parts || !parts->is_array() || parts->empty()) return std::nullopt;
        double sum = 0;
        for (const json& part : *parts) {
            const auto count = part.is_string() ? of(part.get<std::string>(), depth + 1) : std::nullopt;
            if (!count) return std::nullopt;  // one unknown part leaves the sum unknown
            sum += *count;
        }
        return sum;
    }

private:
    const json* counts_;
    const json* groups_;
    std::size_t steps_ = 0;
};

struct Key {
    std::string metric, filter;
    bool has_filter = false;
    std::string standard_error() const { return metric + "_stderr" + (has_filter ? "," + filter : ""); }
};

Key split(const std::string& key) {
    const auto comma = key.find(',');
    if (comma == std::string::npos) return {key, "", false};
    return {key.substr(0, comma), key.substr(comma + 1), true};
}

bool ends_with(const std::string& text, std::string_view end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Bookkeeping beside the metrics.
bool is_no_metric(const Key& key) {
    static const std::set<std::string> names{"alias",        "name",    "sample_len",
                                             "sample_count", "samples", "version"};
    return ends_with(key.metric, "_stderr") || names.count(key.metric) > 0;
}

bool lower_is_better(const json& root, const std::string& task, const std::string& metric) {
    const json* better = find(root, "higher_is_better");
    const json* of_task = better ? find(*better, task.c_str()) : nullptr;
    const json* of_metric = of_task ? find(*of_task, metric.c_str()) : nullptr;
    return of_metric && of_metric->is_boolean() && !of_metric->get<bool>();
}

void read_task(const json& root, const std::string& task, const json& metrics,
               std::optional<double> questions, const std::string& file, LmEvalRun& run) {
    for (const auto& [name, value] : metrics.items()) {
        const Key key = split(name);
        if (is_no_metric(key) || !value.is_number() || run.scores.size() >= kMostScores) continue;
        const double accuracy = value.get<double>();
        if (!(accuracy >= 0 && accuracy <= 1) || lower_is_better(root, task, key.metric)) {
            if (run.left_out.size() < kMostScores) run.left_out.push_back(task + ": " + name);
            continue;
        }
        Score score;
        score.model = run.model;
        score.benchmark = task;
        score.accuracy = accuracy;
        score.questions = questions;
        const json* standard_error = find(metrics, key.standard_error().c_str());
        if (standard_error && standard_error->is_number() && standard_error->get<double>() >= 0 &&
            standard_error->get<double>() <= 1) {
            score.stderr_ = standard_error->get<double>();
        }
        score.evaluator = "lm-evaluation-harness";
        score.source = file;
        score.metric = name;
        run.scores.push_back(std::move(score));
    }
}

std::vector<std::string> top_level_of(const json& root, const std::vector<Score>& scores) {
    std::set<std::string> parts;
    if (const json* groups = find(root, "group_subtasks"); groups && groups->is_object()) {
        for (const auto& [group, members] : groups->items()) {
            for (const json& member : members) {
                if (member.is_string() && member.get<std::string>() != group)
                    parts.insert(member.get<std::string>());
            }
        }
    }
    std::vector<std::string> all, top;
    for (const Score& score : scores) {
        if (all.empty() || all.back() != score.benchmark) all.push_back(score.benchmark);
    }
    std::copy_if(all.begin(), all.end(), std::back_inserter(top),
                 [&](const std::string& t) { return !parts.count(t); });
    return top.empty() ? all : top;
}

Problem wrong(const std::string& file, std::string what, std::string hint = {}) {
    return {file, "", std::move(what), std::move(hint), ProblemKind::wrong_input};
}

std::vector<std::string> keys_of(const json& object) {
    std::vector<std::string> keys;
    if (object.is_object()) {
        for (const auto& [key, value] : object.items()) keys.push_back(key);
    }
    return keys;
}

}  // namespace

Result<LmEvalRun> parse_lm_eval_run(std::string_view text, const std::string& name) {
    const auto root = quality::parse_json(text, name);
    if (!root) return fail(root.error());
    const json* results = find(*root, "results");
    if (!results || !results->is_object() || results->empty()) {
        const auto keys = keys_of(*root);
        return fail(wrong(
            name,
            fmt::format("no 'results' with tasks in it ({}); a results_*.json of lm-evaluation-harness is "
                        "expected",
                        keys.empty() ? std::string("not an object with keys") : "keys: " + one_of(keys)),
            keys.empty() ? "" : "a samples_*.jsonl goes with it but cannot stand for it"));
    }
    LmEvalRun run;
    run.model = model_of(*root);
    SampleCounts counts(*root);
    for (const auto& [task, metrics] : results->items()) {
        // "all" is lighteval's average over unlike tasks.
        if (metrics.is_object() && task != "all") read_task(*root, task, metrics, counts.of(task), name, run);
    }
    if (run.scores.empty()) {
        return fail(
            wrong(name, run.left_out.empty()
                            ? fmt::format("'results' holds no metric ({} tasks: {})", results->size(),
                                          one_of(keys_of(*results)))
                            : fmt::format("no metric between 0 and 1 where higher is better; there are {}",
                                          one_of(run.left_out))));
    }
    run.top_level = top_level_of(*root, run.scores);
    return run;
}

Result<LmEvalRun> read_lm_eval_run(const std::string& file) {
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
        return fail(wrong(file, "is a folder; an lm-evaluation-harness results file is expected"));
    }
    std::ifstream stream(file, std::ios::binary | std::ios::ate);
    if (!stream)
        return fail(wrong(file, "cannot be opened; an lm-evaluation-harness results file is expected"));
    const std::streamoff size = stream.tellg();
    if (size < 0) return fail(wrong(file, "cannot be read; a file is expected"));
    if (size > kLargestFile) {
        return fail(wrong(file, fmt::format("{} MiB large; results files up to {} MiB are read", size >> 20,
                                            kLargestFile >> 20),
                          "is this a samples file?"));
    }
    std::string text(static_cast<std::size_t>(size), '\0');
    stream.seekg(0);
    stream.read(text.data(), size);
    if (!stream) return fail(wrong(file, "cannot be read; a file is expected"));
    return parse_lm_eval_run(text, file);
}

Result<std::vector<Score>> read_lm_eval_results(const std::string& file) {
    auto run = read_lm_eval_run(file);
    if (!run) return fail(run.error());
    return std::move(run->scores);
}

}  // namespace moeplan
