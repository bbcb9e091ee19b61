#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/report/table_sections.h"

namespace moeplan {
namespace {

constexpr int kIndent = 2, kGap = 2, kRatio = 7, kShortestLabel = 18;

using Candidates = std::vector<CandidateReport>;

// The widths one block of candidates is set in.
struct Plan {
    int label = 0, value = 0, interval = 0, column = 0;
    std::size_t per_block = 1;
    bool ratio = false;
    bool narrow = false;   // not even one column fits: cells are wrapped
};

// "time per output token⁴": numbers of the sources of a row's cells, once each.
std::string marks_of(const MetricRow& row, SourceNotes& sources, const Pen& pen) {
    static constexpr std::array kRaised{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    std::vector<int> numbers;
    for (const Metric* cell : row.cells) {
        const int number = cell ? sources.number_of(cell->source) : 0;
        if (number && !std::ranges::count(numbers, number)) numbers.push_back(number);
    }
    if (numbers.empty()) return {};
    if (!pen.unicode()) return fmt::format("[{}]", fmt::join(numbers, ","));
    std::string marks;   // attached to the last word, so that no line begins with one
    for (const int number : numbers) {
        if (!marks.empty()) marks += "·";
        for (const char digit : std::to_string(number))
            marks += kRaised[static_cast<std::size_t>(digit - '0')];
    }
    return marks;
}

std::string label_with_marks(const MetricRow& row, SourceNotes& sources, const Pen& pen) {
    return (pen.unicode() ? row.label : plain_glyphs(row.label)) + marks_of(row, sources, pen);
}

// How wide labels, values and intervals are when nothing is cut.
Plan natural_widths(const std::vector<MetricSection>& sections, SourceNotes& sources, const Pen& pen) {
    Plan plan;
    for (const auto& section : sections) {
        for (const auto& row : section.rows) {
            plan.label = std::max(plan.label, display_width(label_with_marks(row, sources, pen)));
            for (const Metric* cell : row.cells) {
                if (!cell) continue;
                const auto parts = format_parts(cell->value, row.unit, pen.glyphs());
                plan.interval = std::max(plan.interval, display_width(parts.interval));
                plan.value = std::max(plan.value, display_width(parts.value));
            }
        }
    }
    plan.column = std::max(plan.value + (plan.interval ? plan.interval + 3 : 0), 12);
    return plan;
}

Plan plan_for(const Candidates& candidates, const std::vector<MetricSection>& sections, SourceNotes& sources,
              const Pen& pen) {
    Plan plan = natural_widths(sections, sources, pen);
    const int n = static_cast<int>(candidates.size());
    const int room = pen.width() - kIndent;
    const int each = plan.column + kGap;
    plan.ratio = n == 2 && room >= plan.label + 2 * each + kRatio + kGap;
    const int ratio = plan.ratio ? kRatio + kGap : 0;
    // Labels give way, down to a point, so that all candidates stand side by side.
    const int shortest = std::min(plan.label, kShortestLabel);
    const int fitting = std::clamp((room - ratio - shortest) / each, 1, n);
    plan.per_block = static_cast<std::size_t>(fitting);
    plan.label = std::clamp(room - ratio - fitting * each, shortest, plan.label);
    const int widest = (room - ratio - plan.label) / fitting - kGap;
    plan.narrow = plan.column > widest;
    int facts = 0;
    for (const auto& row : fact_rows(candidates)) {
        for (const auto& cell : row.cells) facts = std::max(facts, display_width(cell));
    }
    plan.column = plan.narrow ? std::max(8, widest) : std::clamp(facts, plan.column, widest);
    return plan;
}

Cell value_cell(const MetricRow& row, std::size_t candidate, const Plan& plan, const Pen& pen) {
    const Metric* metric = row.cells[candidate];
    if (!metric) return {{pen.pick("–", "-"), Ink::dim}};
    const auto parts = format_parts(metric->value, row.unit, pen.glyphs());
    const bool bad = row.id == "fits" && metric->value.value == 0;
    const Ink ink = bad ? Ink::bad : row.best == static_cast<int>(candidate) ? Ink::good : Ink::plain;
    if (parts.interval.empty()) return {{parts.value, ink}};
    if (plan.narrow) return {{fmt::format("{} ({})", parts.value, parts.interval), ink}};
    return {{padded(parts.value, plan.value), ink}, {fmt::format(" ({})", parts.interval), Ink::dim}};
}

Grid make_grid(const Plan& plan, std::size_t columns) {
    std::vector<Grid::Column> widths{{plan.label}};
    for (std::size_t i = 0; i < columns; ++i) widths.push_back({plan.column});
    if (plan.ratio) widths.push_back({kRatio, Align::right});
    return Grid(std::move(widths), kIndent);
}

// The column heads: candidate names, and which way the ratio runs.
void add_head(std::string& out, const Candidates& candidates, std::size_t first, std::size_t last,
              const Plan& plan, const Pen& pen) {
    Grid head = make_grid(plan, last - first);
    std::vector<Cell> cells{{}};
    for (std::size_t c = first; c < last; ++c) cells.push_back({{pen.safe(candidates[c].name), Ink::bold}});
    if (plan.ratio) cells.push_back({{"ratio", Ink::dim}});
    head.add(std::move(cells));
    append_lines(out, head.lines(pen));
}

void add_facts(std::string& out, const Candidates& candidates, std::size_t first, std::size_t last,
               const Plan& plan, const Pen& pen) {
    Grid grid = make_grid(plan, last - first);
    for (const auto& row : fact_rows(candidates)) {
        std::vector<Cell> cells{{{row.label, Ink::plain}}};
        for (std::size_t c = first; c < last; ++c) {
            std::string text = pen.safe(row.cells[c]);
            if (!pen.unicode()) {
                if (const auto at = text.find("×"); at != std::string::npos) text.replace(at, 2, "x");
            }
            cells.push_back({{std::move(text), Ink::plain}});
        }
        grid.add(std::move(cells));
    }
    append_lines(out, grid.lines(pen));
}

void add_section(std::string& out, const MetricSection& section, std::size_t first, std::size_t last,
                 const Plan& plan, SourceNotes& sources, const Pen& pen) {
    Grid grid = make_grid(plan, last - first);
    for (const auto& row : section.rows) {
        std::vector<Cell> cells{{{label_with_marks(row, sources, pen), Ink::plain}}};
        for (std::size_t c = first; c < last; ++c) cells.push_back(value_cell(row, c, plan, pen));
        if (plan.ratio) {
            cells.push_back({{row.ratio ? format_value(*row.ratio, "x", pen.glyphs()) : "", Ink::dim}});
        }
        grid.add(std::move(cells));
    }
    append_lines(out, grid.lines(pen));
}

}  // namespace

void add_metrics(std::string& out, const Candidates& candidates, SourceNotes& sources, const Pen& pen) {
    if (candidates.empty()) return;
    const auto sections = metric_sections(candidates);
    const Plan plan = plan_for(candidates, sections, sources, pen);
    const std::string identity(heading_of(MetricGroup::model));
    for (std::size_t first = 0; first < candidates.size(); first += plan.per_block) {
        const std::size_t last = std::min(first + plan.per_block, candidates.size());
        out += '\n' + pen.rule() + '\n';
        add_head(out, candidates, first, last, plan, pen);
        out += pen.rule() + '\n';
        out += pen.ink(identity, Ink::accent) + '\n';
        add_facts(out, candidates, first, last, plan, pen);
        for (const auto& section : sections) {
            if (section.heading != identity) out += '\n' + pen.ink(section.heading, Ink::accent) + '\n';
            add_section(out, section, first, last, plan, sources, pen);
        }
    }
    if (plan.ratio) {
        out += '\n';
        add_hanging(out, "ratio", 5,
                    pen.safe(fmt::format("{} over {}", candidates[0].name, candidates[1].name)), Ink::dim,
                    pen);
    }
}

}  // namespace moeplan
