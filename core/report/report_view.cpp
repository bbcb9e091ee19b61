#include "core/report/report_view.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace moeplan {
namespace {

constexpr const char* kDecode = "decode";

bool overlap(const Estimate& a, const Estimate& b) { return a.low <= b.high && b.low <= a.high; }

// The best of the values that are there, or -1 with fewer than two of them.
int best_of(const std::vector<const Estimate*>& values, bool lower_is_better) {
    int best = -1, present = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!values[i]) continue;
        ++present;
        const bool better =
            best < 0 || (lower_is_better ? values[i]->value < values[static_cast<std::size_t>(best)]->value
                                         : values[i]->value > values[static_cast<std::size_t>(best)]->value);
        if (better) best = static_cast<int>(i);
    }
    return present >= 2 ? best : -1;
}

bool stands_alone(const std::vector<const Estimate*>& values, int best) {
    if (best < 0) return false;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (static_cast<int>(i) == best || !values[i]) continue;
        if (overlap(*values[i], *values[static_cast<std::size_t>(best)])) return false;
    }
    return true;
}

MetricRow row_of(const std::string& id, const MetricInfo* info,
                 const std::vector<CandidateReport>& candidates) {
    MetricRow row;
    row.id = id;
    row.label = info ? std::string(info->label) : id;
    row.unit = info ? info->unit : "";
    row.meaning = info ? info->meaning : "";
    std::vector<const Estimate*> values;
    for (const auto& candidate : candidates) {
        row.cells.push_back(candidate.find(id));
        values.push_back(row.cells.back() ? &row.cells.back()->value : nullptr);
    }
    if (info && info->ranks) {
        const int best = best_of(values, info->lower_is_better);
        if (stands_alone(values, best)) row.best = best;
    }
    const bool two = values.size() == 2 && values[0] && values[1] && row.unit != "bool";
    if (two && values[0]->value > 0 && values[1]->value > 0) row.ratio = values[0]->value / values[1]->value;
    return row;
}

std::vector<std::string> ids_in_use(const std::vector<CandidateReport>& candidates) {
    std::vector<std::string> ids;
    std::set<std::string> seen;
    for (const auto& candidate : candidates) {
        for (const auto& metric : candidate.metrics) {
            if (seen.insert(metric.id).second) ids.push_back(metric.id);
        }
    }
    return ids;
}

const Series* series_of(const CandidateReport& c, const std::string& axis, const std::string& metric) {
    const auto found = std::ranges::find_if(
        c.series, [&](const Series& s) { return s.axis == axis && s.metric == metric; });
    return found == c.series.end() ? nullptr : &*found;
}

SweepColumn column_of(const Report& report, std::size_t candidate, const SweepView& view,
                      const std::string& metric) {
    SweepColumn column{static_cast<int>(candidate), metric, {}, {}};
    column.values.resize(view.xs.size());
    column.apart.resize(view.xs.size());
    const Series* series = series_of(report.candidates[candidate], view.axis, metric);
    if (!series) return column;
    for (const auto& point : series->points) {
        const auto at = std::ranges::lower_bound(view.xs, point.x);
        const auto row = static_cast<std::size_t>(at - view.xs.begin());
        column.values[row] = point.y;
        column.apart[row] = point.apart.value_or(point.y);
    }
    return column;
}

void find_leaders(SweepView& view) {
    const MetricInfo* info = find_metric(view.metrics.front());
    const bool lower = !info || info->lower_is_better;
    for (std::size_t row = 0; row < view.xs.size(); ++row) {
        std::vector<const Estimate*> values;
        std::vector<int> who;
        for (const auto& column : view.columns) {
            if (column.metric != view.metrics.front()) continue;
            values.push_back(column.apart[row] ? &*column.apart[row] : nullptr);
            who.push_back(column.candidate);
        }
        const int best = best_of(values, lower);
        view.leader.push_back(best < 0 ? -1 : who[static_cast<std::size_t>(best)]);
        view.certain.push_back(stands_alone(values, best));
    }
}

SweepView view_of(const Report& report, const std::string& axis) {
    SweepView view;
    view.axis = axis;
    std::set<double> xs;
    const std::string objective = report.verdict ? report.verdict->objective : "";
    for (const auto& candidate : report.candidates) {
        for (const auto& series : candidate.series) {
            if (series.axis != axis) continue;
            for (const auto& point : series.points) xs.insert(point.x);
            if (std::ranges::count(view.metrics, series.metric)) continue;
            const bool first = series.metric == objective;
            view.metrics.insert(first ? view.metrics.begin() : view.metrics.end(), series.metric);
        }
    }
    view.xs.assign(xs.begin(), xs.end());
    for (const auto& metric : view.metrics) {
        for (std::size_t c = 0; c < report.candidates.size(); ++c) {
            if (series_of(report.candidates[c], axis, metric))
                view.columns.push_back(column_of(report, c, view, metric));
        }
    }
    if (!view.metrics.empty()) find_leaders(view);
    return view;
}

}  // namespace

int SourceNotes::number_of(const std::string& source) {
    if (source.empty()) return 0;
    const auto found = std::ranges::find(texts_, source);
    if (found != texts_.end()) return static_cast<int>(found - texts_.begin()) + 1;
    texts_.push_back(source);
    return static_cast<int>(texts_.size());
}

std::vector<MetricSection> metric_sections(const std::vector<CandidateReport>& candidates) {
    const auto ids = ids_in_use(candidates);
    std::vector<MetricSection> sections;
    for (const MetricGroup group : all_metric_groups()) {
        MetricSection section{std::string(heading_of(group)), {}};
        for (const auto& info : metric_catalog()) {
            const bool used = info.group == group && std::ranges::count(ids, info.id);
            if (used) section.rows.push_back(row_of(std::string(info.id), &info, candidates));
        }
        if (!section.rows.empty()) sections.push_back(std::move(section));
    }
    MetricSection other{"Other", {}};
    for (const auto& id : ids) {
        if (!find_metric(id)) other.rows.push_back(row_of(id, nullptr, candidates));
    }
    if (!other.rows.empty()) sections.push_back(std::move(other));
    return sections;
}

std::vector<FactRow> fact_rows(const std::vector<CandidateReport>& candidates) {
    std::vector<FactRow> rows{
        {"model", {}}, {"hardware", {}}, {"layout", {}}, {"number format", {}}, {"engine", {}}, {"launched with", {}}};
    for (const auto& c : candidates) {
        std::string layout = c.layout;
        const bool told = c.simulation && !c.simulation->pools.empty();   // pools come with how many each has
        if (c.replicas > 1 && !told) layout += fmt::format("{}{} replicas", layout.empty() ? "" : ", ", c.replicas);
        rows[0].cells.push_back(c.model);
        rows[1].cells.push_back(c.gpu.empty() ? "" : fmt::format("{} × {}", c.gpus, c.gpu));
        rows[2].cells.push_back(layout);
        rows[3].cells.push_back(c.precision);
        rows[4].cells.push_back(c.engine);
        rows[5].cells.push_back(fmt::format("{}", fmt::join(c.launched_with, ", ")));
    }
    std::erase_if(rows, [](const FactRow& row) {
        return std::ranges::all_of(row.cells, [](const std::string& cell) { return cell.empty(); });
    });
    return rows;
}

bool SweepView::leader_changes_at(std::size_t row) const {
    if (leader[row] < 0) return false;
    for (std::size_t before = row; before-- > 0;) {
        if (leader[before] >= 0) return leader[before] != leader[row];
    }
    return false;
}

std::vector<SweepView> sweep_views(const Report& report) {
    std::vector<std::string> axes;
    for (const auto& candidate : report.candidates) {
        for (const auto& series : candidate.series) {
            if (!std::ranges::count(axes, series.axis)) axes.push_back(series.axis);
        }
    }
    std::vector<SweepView> views;
    for (const auto& axis : axes) {
        auto view = view_of(report, axis);
        if (!view.xs.empty()) views.push_back(std::move(view));
    }
    return views;
}

std::vector<BreakdownRow> breakdown_of(const CandidateReport& candidate, std::string_view phase) {
    std::vector<BreakdownRow> rows;
    std::ranges::copy_if(candidate.breakdown, std::back_inserter(rows),
                         [&](const BreakdownRow& row) { return row.phase == phase; });
    return rows;
}

std::vector<std::string> phases_of(const CandidateReport& candidate) {
    std::vector<std::string> phases;
    for (const auto& row : candidate.breakdown) {
        if (std::ranges::count(phases, row.phase)) continue;
        phases.insert(row.phase == kDecode ? phases.begin() : phases.end(), row.phase);
    }
    return phases;
}

Estimate total_of(const std::vector<BreakdownRow>& rows) {
    Estimate total;
    for (const auto& row : rows) total = total + row.ms;
    return total;
}

bool is_free(const MemoryRow& row) { return row.label.starts_with("free"); }

double memory_used_gb(const CandidateReport& candidate) {
    double used = 0;
    for (const auto& row : candidate.memory) used += is_free(row) ? 0 : row.gb;
    return used;
}

double memory_free_gb(const CandidateReport& candidate) { return candidate.memory_limit_gb - memory_used_gb(candidate); }

std::string label_of(std::string_view metric_id) {
    const MetricInfo* info = find_metric(metric_id);
    return std::string(info ? info->label : metric_id);
}

std::string_view unit_of(std::string_view metric_id) {
    const MetricInfo* info = find_metric(metric_id);
    return info ? info->unit : std::string_view{};
}

}  // namespace moeplan
