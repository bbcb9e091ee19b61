// GitHub tables: what a pull request or a wiki shows. Sources are numbered under the tables.

#include <fmt/format.h>

#include "core/report/format.h"
#include "core/report/markup.h"
#include "core/report/report_view.h"
#include "core/report/report_writer.h"
#include "core/report/simulation_text.h"

namespace moeplan {
namespace {

std::string row_of(const std::vector<std::string>& cells) {
    std::string row = "|";
    for (const auto& cell : cells) row += fmt::format(" {} |", cell);
    return row + '\n';
}

std::string rule_of(std::size_t columns, std::size_t words) {
    std::string rule = "|";
    for (std::size_t c = 0; c < columns; ++c) rule += c < words ? "---|" : "---:|";
    return rule + '\n';
}

std::string shown(const std::optional<Estimate>& value, std::string_view metric) {
    return value ? escape_markdown(format_estimate(*value, unit_of(metric))) : "–";
}

void add_verdict(std::string& out, const Verdict& verdict) {
    out += fmt::format("\n**{}**\n", escape_markdown(verdict.sentence));
    if (!verdict.flips.empty() || !verdict.warnings.empty()) out += '\n';
    for (const auto& flip : verdict.flips) out += fmt::format("- {}\n", escape_markdown(flip.sentence));
    for (const auto& warning : verdict.warnings) out += fmt::format("- ⚠ {}\n", escape_markdown(warning));
}

void add_comparison(std::string& out, const std::vector<CandidateReport>& candidates, SourceNotes& sources) {
    if (candidates.empty()) return;
    std::vector<std::string> head{""};
    for (const auto& c : candidates) head.push_back(escape_markdown(c.name));
    head.emplace_back("source");
    out += '\n' + row_of(head) + rule_of(head.size(), 1);
    const auto add_heading = [&](std::string_view heading) {
        std::vector<std::string> cells(head.size());
        cells[0] = fmt::format("**{}**", heading);
        out += row_of(cells);
    };
    const std::string_view identity = heading_of(MetricGroup::model);
    add_heading(identity);
    for (const auto& fact : fact_rows(candidates)) {
        std::vector<std::string> cells{fact.label};
        for (const auto& cell : fact.cells) cells.push_back(escape_markdown(cell));
        cells.emplace_back("");
        out += row_of(cells);
    }
    for (const auto& section : metric_sections(candidates)) {
        if (section.heading != identity) add_heading(section.heading);
        for (const auto& row : section.rows) {
            std::vector<std::string> cells{escape_markdown(row.label)};
            std::string marks;
            for (std::size_t c = 0; c < row.cells.size(); ++c) {
                const Metric* metric = row.cells[c];
                const auto text = metric ? escape_markdown(format_estimate(metric->value, row.unit)) : "–";
                cells.push_back(row.best == static_cast<int>(c) ? fmt::format("**{}**", text) : text);
                const int number = metric ? sources.number_of(metric->source) : 0;
                const std::string mark = std::to_string(number);
                if (number && (" " + marks + " ").find(" " + mark + " ") == std::string::npos) {
                    if (!marks.empty()) marks += ' ';
                    marks += mark;
                }
            }
            cells.push_back(std::move(marks));
            out += row_of(cells);
        }
    }
}

void add_memory(std::string& out, const std::vector<CandidateReport>& candidates) {
    for (const auto& c : candidates) {
        if (c.memory.empty()) continue;
        out += fmt::format("\n### Memory of the fullest GPU: {}\n\n", escape_markdown(c.name));
        out += row_of({"part", "GB"}) + rule_of(2, 1);
        for (const auto& row : c.memory) out += row_of({escape_markdown(row.label), format_number(row.gb)});
        out += row_of({"**limit**", fmt::format("**{}**", format_number(c.memory_limit_gb))});
    }
}

void add_breakdowns(std::string& out, const std::vector<CandidateReport>& candidates) {
    for (const auto& c : candidates) {
        for (const auto& phase : phases_of(c)) {
            const auto rows = breakdown_of(c, phase);
            const Estimate total = total_of(rows);
            out += fmt::format("\n### A {} step of {}: {}\n\n", escape_markdown(phase),
                               escape_markdown(c.name), format_estimate(total, "ms"));
            out += row_of({"part", "bound", "time", "share"}) + rule_of(4, 2);
            for (const auto& row : rows) {
                out += row_of({escape_markdown(row.part), escape_markdown(row.bound),
                               format_part(row.ms, total.value, "ms"), format_value(row.share, "fraction")});
            }
        }
    }
}

void add_sweep(std::string& out, const SweepView& view, const Report& report) {
    out += fmt::format("\n### Against {}\n\n", escape_markdown(view.axis));
    std::vector<std::string> head{escape_markdown(view.axis)};
    for (const auto& column : view.columns) {
        const auto& name = report.candidates[static_cast<std::size_t>(column.candidate)].name;
        head.push_back(fmt::format("{}, {}", escape_markdown(name), label_of(column.metric)));
    }
    head.emplace_back("better");
    out += row_of(head) + rule_of(head.size(), 0);
    for (std::size_t row = 0; row < view.xs.size(); ++row) {
        std::vector<std::string> cells{format_number(view.xs[row], 6)};
        for (const auto& column : view.columns) cells.push_back(shown(column.values[row], column.metric));
        std::string leader;
        if (view.leader[row] >= 0) {
            leader = escape_markdown(report.candidates[static_cast<std::size_t>(view.leader[row])].name);
            if (!view.certain[row]) leader.insert(0, "≈ ");
            if (view.leader_changes_at(row)) leader = fmt::format("**{}**", leader);
        }
        cells.push_back(std::move(leader));
        out += row_of(cells);
    }
}

void add_exploration(std::string& out, const Exploration& exploration, SourceNotes& sources) {
    out += fmt::format("\n### Searched\n\n{} configurations, {} of them cannot be built.\n",
                       format_count(static_cast<double>(exploration.evaluated)),
                       format_count(static_cast<double>(exploration.infeasible)));
    if (!exploration.reasons.empty()) out += '\n' + row_of({"reason", "configurations"}) + rule_of(2, 1);
    for (const auto& [reason, n] : exploration.reasons) {
        out += row_of({escape_markdown(reason), format_count(static_cast<double>(n))});
    }
    if (!exploration.best.empty()) out += "\n#### Best\n";
    add_comparison(out, exploration.best, sources);
    if (!exploration.pareto.empty())
        out += "\n#### Throughput per GPU against time per token: nothing beats these\n";
    add_comparison(out, exploration.pareto, sources);
}

void add_lists(std::string& out, const Report& report, const SourceNotes& sources) {
    if (!report.expectations.empty()) {
        out += "\n### Expected\n\n" + row_of({"", "expectation", "found"}) + rule_of(3, 3);
    }
    for (const auto& e : report.expectations) {
        const char* mark = e.outcome == Outcome::holds ? "✓" : e.outcome == Outcome::fails ? "✗" : "◐";
        out += row_of({fmt::format("{} {}", mark, name_of(e.outcome)), escape_markdown(e.name),
                       escape_markdown(e.detail)});
    }
    std::string warnings;
    for (const auto& warning : report.warnings) warnings += fmt::format("- {}\n", escape_markdown(warning));
    for (const auto& c : report.candidates) {
        for (const auto& warning : c.warnings) {
            warnings += fmt::format("- {}: {}\n", escape_markdown(c.name), escape_markdown(warning));
        }
    }
    if (!warnings.empty()) out += "\n### Mind\n\n" + warnings;
    if (!sources.texts().empty()) out += "\n### Sources\n\n";
    int number = 0;
    for (const auto& text : sources.texts()) out += fmt::format("{}. {}\n", ++number, escape_markdown(text));
}

class MarkdownWriter final : public ReportWriter {
public:
    std::string write(const Report& report) const override {
        SourceNotes sources;
        std::string out = fmt::format("## {}\n", escape_markdown(report.scenario_name));
        if (!report.cost_source.empty())
            out += fmt::format("\nTime from {}.\n", escape_markdown(report.cost_source));
        if (report.verdict) add_verdict(out, *report.verdict);
        add_comparison(out, report.candidates, sources);
        for (const auto& c : report.candidates) out += simulation_markdown(c);
        add_memory(out, report.candidates);
        add_breakdowns(out, report.candidates);
        for (const auto& view : sweep_views(report)) add_sweep(out, view, report);
        if (report.exploration) add_exploration(out, *report.exploration, sources);
        add_lists(out, report, sources);
        return out;
    }
};

}  // namespace

std::unique_ptr<ReportWriter> make_markdown_writer(const TableStyle&) {
    return std::make_unique<MarkdownWriter>();
}

}  // namespace moeplan
