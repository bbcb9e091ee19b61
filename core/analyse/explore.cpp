#include "core/analyse/explore.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include "core/analyse/explore_space.h"
#include "core/analyse/metrics.h"
#include "core/base/nearest.h"
#include "core/base/pool_order.h"

namespace moeplan {
namespace {

constexpr std::size_t kBest = 10;
constexpr std::size_t kFront = 24;   // Pareto rows reported, thinned evenly

// One configuration, as little as ranking needs.
struct Row {
    std::uint64_t index = 0;     // combination * points + point: the tie-breaker
    double objective = 0;        // smaller is better
    double tpot = 0;             // s
    double rate_per_gpu = 0;     // output tokens per second
};

bool ranks_before(const Row& a, const Row& b) { return a.objective != b.objective ? a.objective < b.objective : a.index < b.index; }

// Rows no other row beats in both TPOT and throughput per GPU, sorted by TPOT (and so by throughput).
class Front {
public:
    void offer(const Row& row) {
        auto at = std::ranges::lower_bound(rows_, row.tpot, {}, &Row::tpot);
        if (at != rows_.begin() && beats(*std::prev(at), row)) return;
        if (at != rows_.end() && at->tpot == row.tpot && beats(*at, row)) return;
        auto last = at;
        while (last != rows_.end() && beats(row, *last)) ++last;
        at = rows_.erase(at, last);
        rows_.insert(at, row);
    }
    const std::vector<Row>& rows() const { return rows_; }

private:
    // Equal in both: the lower index stays, so that threads do not matter.
    static bool beats(const Row& a, const Row& b) {
        if (a.tpot > b.tpot || a.rate_per_gpu < b.rate_per_gpu) return false;
        return a.tpot < b.tpot || a.rate_per_gpu > b.rate_per_gpu || a.index <= b.index;
    }
    std::vector<Row> rows_;
};

enum Reason : std::size_t { no_memory, overloaded, misses_slo, no_price, reason_count };
constexpr std::array<const char*, reason_count> kReasons{"does not fit in memory", "offered rate beyond capacity", "mean misses the objective",
                                                         "the cost source has no data"};

struct Local {
    std::vector<Row> best;
    Front front;
    std::array<std::uint64_t, reason_count> reasons{};
    Prepared prepared;

    void offer(const Row& row) {
        front.offer(row);
        offer_best(row);
    }
    void offer_best(const Row& row) {
        if (best.size() == kBest && !ranks_before(row, best.back())) return;
        best.insert(std::ranges::upper_bound(best, row, ranks_before), row);
        if (best.size() > kBest) best.pop_back();
    }
};

struct Objective {
    const char* id;
    double (*value)(const Evaluation&, const Prepared&);
};

double money(const std::optional<Estimate>& e) { return e ? e->value : std::numeric_limits<double>::infinity(); }

const std::vector<Objective>& objectives() {
    static const std::vector<Objective> all{
        {"usd_per_mtok_output", [](const Evaluation& e, const Prepared&) { return money(e.money.usd_per_mtok_output); }},
        {"usd_per_mtok_total", [](const Evaluation& e, const Prepared&) { return money(e.money.usd_per_mtok_total); }},
        {"usd_per_mtok_input", [](const Evaluation& e, const Prepared&) { return money(e.money.usd_per_mtok_input); }},
        {"usd_per_request", [](const Evaluation& e, const Prepared&) { return money(e.money.usd_per_request); }},
        {"usd_per_hour", [](const Evaluation& e, const Prepared&) { return e.money.usd_per_hour.value; }},
        {"ttft_ms", [](const Evaluation& e, const Prepared&) { return e.serving.ttft_s.value; }},
        {"tpot_ms", [](const Evaluation& e, const Prepared&) { return e.serving.tpot_s.value; }},
        {"e2e_ms", [](const Evaluation& e, const Prepared&) { return e.serving.e2e_s.value; }},
        {"output_tok_s", [](const Evaluation& e, const Prepared&) { return -e.output_tok_s.value; }},
        {"tok_s_per_gpu", [](const Evaluation& e, const Prepared& p) { return -e.output_tok_s.value / p.gpus(); }},
    };
    return all;
}

bool meets(const std::vector<SloTerm>& slo, const ServingPoint& s) {
    return std::ranges::all_of(slo, [&](const SloTerm& term) {
        const Estimate& mean = term.metric == "ttft" ? s.ttft_s : term.metric == "tpot" ? s.tpot_s : s.e2e_s;
        return mean.value <= term.limit.value;
    });
}

void visit(const ExploreSpace& space, std::size_t c, const Objective& objective, const CostSource& source, Local& local) {
    const Combination& combination = space.combinations()[c];
    space.fill(combination, local.prepared);
    const std::uint64_t points = space.points_per_combination();
    for (std::uint64_t i = 0; i < points; ++i) {
        auto point = space.point(i, local.prepared);
        auto e = point ? evaluate(local.prepared, *point, source, false) : Result<Evaluation>(tl::unexpected(point.error()));
        if (!e) { ++local.reasons[no_price]; continue; }
        if (!e->fits) { ++local.reasons[no_memory]; continue; }
        if (e->serving.saturated) { ++local.reasons[overloaded]; continue; }
        if (!meets(space.workload().slo, e->serving)) { ++local.reasons[misses_slo]; continue; }
        local.offer({c * points + i, objective.value(*e, local.prepared), e->serving.tpot_s.value,
                     e->output_tok_s.value / local.prepared.gpus()});
    }
}

Result<CandidateReport> full_report(const ExploreSpace& space, const Row& row, const CostSource& source) {
    const std::uint64_t points = space.points_per_combination();
    const Combination& combination = space.combinations()[row.index / points];
    Prepared p;
    space.fill(combination, p);
    p.name = space.name(combination);
    p.price.source = "see scenario";
    p.read_rate = {1};   // cold starts are not part of an exploration
    auto point = space.point(row.index % points, p);
    if (!point) return tl::unexpected(point.error());
    auto e = evaluate(p, *point, source, false);
    if (!e) return tl::unexpected(e.error());
    auto report = report_of(p, *e, source, {});
    if (!report) return report;
    std::erase_if(report->metrics, [](const Metric& m) { return m.id == "cold_start_s" || m.id == "usd_per_cold_start"; });
    return report;
}

}  // namespace

const std::vector<std::string>& explorable_objectives() {
    static const std::vector<std::string> ids = [] {
        std::vector<std::string> v;
        for (const auto& o : objectives()) v.emplace_back(o.id);
        return v;
    }();
    return ids;
}

Result<Exploration> explore(const Scenario& scenario, const Catalog& catalog, const CostSource& source, const TraceMeans* means, RunControl& control) {
    const auto objective = std::ranges::find_if(objectives(), [&](const Objective& o) { return o.id == scenario.objective; });
    if (objective == objectives().end()) {
        const std::string near = did_you_mean(scenario.objective, explorable_objectives());
        return fail({scenario.file, "objective", fmt::format("a sweep over names cannot rank by '{}'", scenario.objective), near.empty() ? "it can by " + one_of(explorable_objectives()) : near});
    }
    auto space = ExploreSpace::build(scenario, catalog, means);
    if (!space) return tl::unexpected(space.error());

    tbb::enumerable_thread_specific<Local> locals;
    std::atomic<std::size_t> done{0};
    std::mutex telling;
    PoolOrder order;
    const std::size_t total = space->combinations().size();
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, total, 8), [&](const tbb::blocked_range<std::size_t>& range) {
        PoolOrder::task_begins();
        const PoolOrder::Task task(order);
        if (control.cancelled()) return;
        Local& local = locals.local();
        for (std::size_t c = range.begin(); c != range.end(); ++c) visit(*space, c, *objective, source, local);
        const std::size_t now = done += range.size();
        if (control.progress) {
            const std::lock_guard lock(telling);
            control.progress(static_cast<double>(now) / static_cast<double>(total));
        }
    });
    order.joined();
    if (control.cancelled()) return fail({{}, {}, "cancelled", {}});

    Local all;
    for (const Local& local : locals) {
        for (const Row& row : local.best) all.offer_best(row);
        for (const Row& row : local.front.rows()) all.front.offer(row);
        for (std::size_t r = 0; r < reason_count; ++r) all.reasons[r] += local.reasons[r];
    }
    Exploration found;
    found.evaluated = space->size();
    found.left_out = space->left_out();
    for (std::size_t r = 0; r < reason_count; ++r) {
        found.infeasible += all.reasons[r];
        if (all.reasons[r] > 0) found.reasons.emplace_back(kReasons[r], all.reasons[r]);
    }
    for (const Row& row : all.best) {
        auto report = full_report(*space, row, source);
        if (!report) return tl::unexpected(report.error());
        found.best.push_back(std::move(*report));
    }
    const auto& front = all.front.rows();
    const std::size_t shown = std::min(front.size(), kFront);
    for (std::size_t i = 0; i < shown; ++i) {
        const std::size_t at = shown < 2 ? 0 : i * (front.size() - 1) / (shown - 1);
        auto report = full_report(*space, front[at], source);
        if (!report) return tl::unexpected(report.error());
        found.pareto.push_back(std::move(*report));
    }
    return found;
}

}  // namespace moeplan
