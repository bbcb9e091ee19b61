// Sweeps as tables, and what a search over a large space found.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/report/table_sections.h"

namespace moeplan {
namespace {

constexpr int kIndent = 2, kGap = 2, kLongestName = 16;

// What a terminal shows of a sweep besides the objective; the other formats carry every series.
constexpr std::array kShownSeries{"tpot_ms", "ttft_ms", "output_tok_s", "usd_per_correct_answer", "activated_experts"};

bool shown(const SweepView& view, const std::string& metric) {
    return metric == view.metrics.front() || std::ranges::find(kShownSeries, metric) != kShownSeries.end();
}

struct SetColumn {
    const SweepColumn* column;
    std::vector<std::string> cells;
    int width;
};

SetColumn set_column(const SweepColumn& column, const std::string& name, const Pen& pen) {
    SetColumn set{&column, {}, std::min(display_width(name), kLongestName)};
    for (const auto& value : column.values) {
        set.cells.push_back(value ? format_value(value->value, unit_of(column.metric), pen.glyphs())
                                  : pen.pick("–", "-"));
        set.width = std::max(set.width, display_width(set.cells.back()));
    }
    return set;
}

// The columns of one metric; the first is widened until the metric's name fits above them.
std::vector<SetColumn> set_metric(const SweepView& view, const Report& report, const std::string& metric,
                                  int room, const Pen& pen) {
    std::vector<SetColumn> sets;
    int covered = -kGap;
    for (const auto& column : view.columns) {
        if (column.metric != metric) continue;
        sets.push_back(
            set_column(column, report.candidates[static_cast<std::size_t>(column.candidate)].name, pen));
        covered += sets.back().width + kGap;
    }
    const int missing = std::min(display_width(label_of(metric)), room - kGap) - covered;
    if (!sets.empty() && missing > 0) sets.front().width += missing;
    for (auto& set : sets) set.width = std::min(set.width, room - kGap);
    return sets;
}

int width_of_metric(const std::vector<SetColumn>& sets) {
    int width = 0;
    for (const auto& set : sets) width += set.width + kGap;
    return width;
}

Cell leader_cell(const SweepView& view, const Report& report, std::size_t row, int width, const Pen& pen) {
    const int leader = view.leader[row];
    if (leader < 0) return {};
    const std::string& name = report.candidates[static_cast<std::size_t>(leader)].name;
    const bool changes = view.leader_changes_at(row);
    std::string text = view.certain[row] ? name : pen.pick("≈ ", "~ ") + name;
    if (changes) text += pen.pick(" ◂", " <");
    return {{shortened(pen.safe(text), width, pen.unicode()), changes ? Ink::warn : Ink::dim}};
}

// One run of columns that fits, x at the left, who leads at the right.
void add_page(std::string& out, const SweepView& view, const Report& report,
              const std::vector<SetColumn>& page, int x_width, int leader_width, const Pen& pen) {
    std::vector<Grid::Column> widths{{x_width, Align::right}};
    for (const auto& set : page) widths.push_back({set.width, Align::right});
    widths.push_back({leader_width});
    Grid grid(std::move(widths), kIndent);
    std::vector<Cell> names{{{shortened(pen.safe(view.axis), x_width, pen.unicode()), Ink::dim}}};
    for (const auto& set : page) {
        const auto& name = report.candidates[static_cast<std::size_t>(set.column->candidate)].name;
        names.push_back({{shortened(pen.safe(name), set.width, pen.unicode()), Ink::bold}});
    }
    const bool any_leader = std::ranges::any_of(view.leader, [](int leader) { return leader >= 0; });
    names.push_back({{any_leader ? "better" : "", Ink::dim}});
    grid.add(std::move(names));
    for (std::size_t row = 0; row < view.xs.size(); ++row) {
        std::vector<Cell> cells{{{format_number(view.xs[row], 6)}}};
        for (const auto& set : page) {
            const bool leads = set.column->metric == view.metrics.front() && view.certain[row] &&
                               set.column->candidate == view.leader[row];
            cells.push_back({{set.cells[row], leads ? Ink::good : Ink::plain}});
        }
        cells.push_back(leader_cell(view, report, row, leader_width, pen));
        grid.add(std::move(cells));
    }
    append_lines(out, grid.lines(pen));
}

// The metric names above the columns they cover.
void add_metric_heads(std::string& out, const std::vector<SetColumn>& page, int x_width, const Pen& pen) {
    std::string line(static_cast<std::size_t>(kIndent + x_width), ' ');
    for (std::size_t i = 0; i < page.size();) {
        int covered = 0;
        std::size_t end = i;
        for (; end < page.size() && page[end].column->metric == page[i].column->metric; ++end) {
            covered += page[end].width + kGap;
        }
        const std::string label = shortened(label_of(page[i].column->metric), covered - kGap, pen.unicode());
        line += std::string(kGap, ' ') + padded(label, covered - kGap, Align::right);
        i = end;
    }
    out += pen.ink(without_trailing_spaces(line), Ink::accent) + '\n';
}

void add_sweep(std::string& out, const SweepView& view, const Report& report, const Pen& pen) {
    add_heading(out, fmt::format("Against {}", pen.safe(view.axis)), "", pen);
    int x_width = std::min(display_width(view.axis), kLongestName);
    for (const double x : view.xs) x_width = std::max(x_width, display_width(format_number(x, 6)));
    int leader_width = 6;
    for (const auto& c : report.candidates) leader_width = std::max(leader_width, display_width(c.name) + 4);
    leader_width =
        std::min({leader_width, kLongestName + 4, std::max(6, pen.width() - kIndent - x_width - 32)});

    const int room = pen.width() - kIndent - x_width - leader_width - kGap;
    std::vector<SetColumn> page;
    int used = 0;
    const auto flush = [&] {
        if (page.empty()) return;
        add_metric_heads(out, page, x_width, pen);
        add_page(out, view, report, page, x_width, leader_width, pen);
        page.clear();
        used = 0;
    };
    for (const auto& metric : view.metrics) {
        if (!shown(view, metric)) continue;
        auto sets = set_metric(view, report, metric, room, pen);
        // A metric that no longer fits starts a page of its own, so that its candidates stay together.
        if (used + width_of_metric(sets) > room) flush();
        for (auto& set : sets) {
            if (used + kGap + set.width > room) flush();
            used += kGap + set.width;
            page.push_back(std::move(set));
        }
    }
    flush();
    const bool any_doubt = [&] {
        for (std::size_t i = 0; i < view.leader.size(); ++i) {
            if (view.leader[i] >= 0 && !view.certain[i]) return true;
        }
        return false;
    }();
    std::string legend = fmt::format("better: by {}", label_of(view.metrics.front()));
    if (any_doubt) legend += fmt::format("; {} the intervals overlap", pen.pick("≈", "~"));
    const bool any_leader = std::ranges::any_of(view.leader, [](int leader) { return leader >= 0; });
    if (any_leader) add_hanging(out, "", 0, legend, Ink::dim, pen);
}

void add_configurations(std::string& out, const char* heading, const std::vector<CandidateReport>& found,
                        SourceNotes& sources, const Pen& pen) {
    if (found.empty()) return;
    constexpr std::array kShown{"gpus", "tpot_ms", "tok_s_per_gpu", "usd_per_hour", "usd_per_mtok_output"};
    constexpr std::array kHeads{"GPUs", "TPOT", "per GPU", "per hour", "per Mtok out"};
    add_heading(out, heading, fmt::format("{}", found.size()), pen);
    std::vector<Grid::Column> widths{{0}};
    int used = kIndent;
    for (std::size_t i = 0; i < kShown.size(); ++i) {
        int width = display_width(kHeads[i]);
        for (const auto& c : found) {
            const Metric* metric = c.find(kShown[i]);
            if (metric)
                width = std::max(width, display_width(format_value(metric->value.value, unit_of(kShown[i]),
                                                                   pen.glyphs())));
        }
        widths.push_back({width, Align::right});
        used += width + kGap;
    }
    widths[0].width = std::max(10, pen.width() - used);
    while (widths.size() > 2 && Grid(widths, kIndent).width() > pen.width()) widths.pop_back();
    Grid grid(widths, kIndent);
    std::vector<Cell> head{{{"configuration", Ink::dim}}};
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) head.push_back({{kHeads[i], Ink::dim}});
    grid.add(std::move(head));
    for (const auto& c : found) {
        std::vector<Cell> cells{{{pen.safe(c.name)}}};
        for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
            const Metric* metric = c.find(kShown[i]);
            const bool gpus_known = !metric && std::string_view(kShown[i]) == "gpus";
            if (metric) sources.number_of(metric->source);
            cells.push_back({{metric ? format_value(metric->value.value, unit_of(kShown[i]), pen.glyphs())
                              : gpus_known ? std::to_string(c.gpus)
                                           : pen.pick("–", "-")}});
        }
        grid.add(std::move(cells));
    }
    append_lines(out, grid.lines(pen));
}

}  // namespace

void add_sweeps(std::string& out, const Report& report, const Pen& pen) {
    for (const auto& view : sweep_views(report)) add_sweep(out, view, report, pen);
}

void add_exploration(std::string& out, const Exploration& exploration, SourceNotes& sources, const Pen& pen) {
    add_heading(out, "Searched", fmt::format("{} configurations, {} of them cannot be built",
                                             format_count(static_cast<double>(exploration.evaluated)),
                                             format_count(static_cast<double>(exploration.infeasible))), pen);
    for (const auto& [reason, n] : exploration.reasons) {
        add_hanging(out, format_count(static_cast<double>(n)), 12, pen.safe(reason), Ink::plain, pen);
    }
    add_configurations(out, "Best", exploration.best, sources, pen);
    add_configurations(out, "Throughput per GPU against time per token: nothing beats these",
                       exploration.pareto, sources, pen);
}

}  // namespace moeplan
