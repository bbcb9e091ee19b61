// Which of several metrics of one task is meant when the user does not say.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/quality/lm_eval.h"

namespace moeplan {
namespace {

constexpr std::array<std::string_view, 8> kMetrics{
    "exact_match", "acc", "pass@1", "pass_at_1", "pass@1_1", "prompt_level_strict_acc", "acc_norm", "em"};
constexpr std::array<std::string_view, 3> kFilters{"strict-match", "none", "flexible-extract"};

std::string_view metric_of(std::string_view name) { return name.substr(0, name.find(',')); }

std::string_view filter_of(std::string_view name) {
    const auto comma = name.find(',');
    return comma == std::string_view::npos ? std::string_view{} : name.substr(comma + 1);
}

template <std::size_t N>
std::size_t rank(const std::array<std::string_view, N>& order, std::string_view name) {
    return static_cast<std::size_t>(std::find(order.begin(), order.end(), name) - order.begin());
}

// Keeps the names with the best rank.
template <class Rank>
std::vector<std::string> best(const std::vector<std::string>& names, Rank rank_of) {
    std::size_t least = SIZE_MAX;
    for (const std::string& name : names) least = std::min(least, rank_of(name));
    std::vector<std::string> kept;
    std::copy_if(names.begin(), names.end(), std::back_inserter(kept),
                 [&](const std::string& name) { return rank_of(name) == least; });
    return kept;
}

std::vector<std::string> asked_for(const std::vector<std::string>& names, std::string_view wanted) {
    std::vector<std::string> found;
    for (const std::string& name : names) {
        if (name == wanted || metric_of(name) == wanted) found.push_back(name);
    }
    return found;
}

}  // namespace

Result<std::string> choose_metric(const std::vector<std::string>& names, std::string_view wanted,
                                  const Problem& what) {
    Problem problem = what;
    std::vector<std::string> left = names;
    if (!wanted.empty()) {
        left = asked_for(names, wanted);
        if (left.empty()) {
            problem.what = fmt::format("no metric '{}'; there are {}", wanted, one_of(names));
            problem.hint = did_you_mean(wanted, names);
            return fail(problem);
        }
    } else {
        left = best(left, [](const std::string& name) { return rank(kMetrics, metric_of(name)); });
    }
    left = best(left, [](const std::string& name) { return rank(kFilters, filter_of(name)); });
    if (left.size() == 1) return left.front();
    problem.what = left.empty() ? std::string("there is no metric to choose from")
                                : fmt::format("several metrics could be meant: {}", one_of(left));
    problem.hint = left.empty() ? "" : "name one of them";
    return fail(problem);
}

Result<Score> choose_score(const LmEvalRun& run, std::string_view task, std::string_view metric) {
    const std::string file = run.scores.empty() ? "" : run.scores.front().source;
    std::vector<std::string> tasks;
    for (const Score& score : run.scores) {
        if (tasks.empty() || tasks.back() != score.benchmark) tasks.push_back(score.benchmark);
    }
    std::string chosen(task);
    if (chosen.empty()) {
        if (run.top_level.size() != 1) {
            return fail(Problem{
                file, "",
                fmt::format("{} tasks could be meant: {}", run.top_level.size(), one_of(run.top_level)),
                "name one of them", ProblemKind::wrong_input});
        }
        chosen = run.top_level.front();
    }
    std::vector<std::string> metrics;
    for (const Score& score : run.scores) {
        if (score.benchmark == chosen) metrics.push_back(score.metric);
    }
    if (metrics.empty()) {
        return fail(Problem{file, "",
                            fmt::format("no task '{}' with a score; there are {}", chosen, one_of(tasks)),
                            did_you_mean(chosen, tasks), ProblemKind::wrong_input});
    }
    const auto name = choose_metric(metrics, metric, Problem{file, chosen, "", "", ProblemKind::wrong_input});
    if (!name) return fail(name.error());
    return *std::find_if(run.scores.begin(), run.scores.end(), [&](const Score& score) {
        return score.benchmark == chosen && score.metric == *name;
    });
}

}  // namespace moeplan
