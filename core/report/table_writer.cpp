// The terminal report: the verdict first, then candidates side by side, then what lies under it.

#include <algorithm>

#include <fmt/format.h>

#include "core/report/table_sections.h"

namespace moeplan {

void add_heading(std::string& out, const std::string& text, const std::string& note, const Pen& pen) {
    const std::string head = shortened(text, pen.width(), pen.unicode());
    out += '\n' + pen.ink(head, Ink::accent);
    const int room = pen.width() - display_width(head) - 3;
    if (!note.empty() && room > 8)
        out += pen.ink(pen.pick(" · ", " - ") + shortened(note, room, pen.unicode()), Ink::dim);
    out += '\n';
}

void add_hanging(std::string& out, const std::string& label, int label_width, const std::string& text,
                 Ink ink, const Pen& pen) {
    const int indent = label_width > 0 ? label_width + 4 : 2;
    bool first = true;
    for (const auto& line : wrapped(text, pen.width() - indent)) {
        out += first && label_width > 0 ? "  " + padded(label, label_width) + "  "
                                        : std::string(static_cast<std::size_t>(indent), ' ');
        out += pen.ink(line, ink) + '\n';
        first = false;
    }
}

namespace {

void add_title(std::string& out, const Report& report, const Pen& pen) {
    for (const auto& line : wrapped(pen.safe(report.scenario_name), pen.width()))
        out += pen.ink(line, Ink::bold) + '\n';
    std::string note = report.scenario_file;
    if (!report.cost_source.empty()) {
        if (!note.empty()) note += pen.pick(" · ", ", ");
        note += "time from " + report.cost_source;
    }
    if (note.empty()) return;
    for (const auto& line : wrapped(pen.safe(note), pen.width())) out += pen.ink(line, Ink::dim) + '\n';
}

void add_verdict(std::string& out, const Verdict& verdict, const Pen& pen) {
    out += '\n';
    const std::string mark = verdict.decided ? pen.pick("▶ ", "> ") : pen.pick("≈ ", "~ ");
    bool first = true;
    for (const auto& line : wrapped(pen.safe(verdict.sentence), pen.width() - 2)) {
        out += pen.ink(first ? mark : "  ", verdict.decided ? Ink::good : Ink::warn) +
               pen.ink(line, Ink::bold) + '\n';
        first = false;
    }
    int label = 0;
    for (const auto& flip : verdict.flips) label = std::max(label, display_width(flip.axis));
    label = std::min(label, 20);
    for (const auto& flip : verdict.flips) {
        add_hanging(out, shortened(pen.safe(flip.axis), label, pen.unicode()), label, pen.safe(flip.sentence),
                    Ink::plain, pen);
    }
    for (const auto& warning : verdict.warnings) add_hanging(out, "!", 1, pen.safe(warning), Ink::warn, pen);
}

void add_warnings(std::string& out, const Report& report, const Pen& pen) {
    std::vector<std::string> warnings = report.warnings;
    for (const auto& c : report.candidates) {
        for (const auto& warning : c.warnings) warnings.push_back(c.name + ": " + warning);
    }
    if (warnings.empty()) return;
    add_heading(out, "Mind", "", pen);
    for (const auto& warning : warnings) add_hanging(out, "!", 1, pen.safe(warning), Ink::warn, pen);
}

void add_sources(std::string& out, const SourceNotes& sources, const Pen& pen) {
    if (sources.texts().empty()) return;
    add_heading(out, "Sources", "", pen);
    int number = 0;
    for (const auto& text : sources.texts()) {
        add_hanging(out, padded(std::to_string(++number), 2, Align::right), 2, pen.safe(text), Ink::dim, pen);
    }
}

void add_expectations(std::string& out, const std::vector<ExpectationResult>& results, const Pen& pen) {
    if (results.empty()) return;
    const auto failed = std::ranges::count(results, Outcome::fails, &ExpectationResult::outcome);
    add_heading(out, "Expected",
                fmt::format("{} of {} hold", static_cast<long>(results.size()) - failed, results.size()),
                pen);
    for (const auto& result : results) {
        const bool fails = result.outcome == Outcome::fails, holds = result.outcome == Outcome::holds;
        const std::string mark = holds   ? pen.pick("✓", "ok")
                                 : fails ? pen.pick("✗", "NO")
                                         : pen.pick("◐", "~");
        const Ink ink = holds ? Ink::good : fails ? Ink::bad : Ink::warn;
        add_hanging(out, pen.ink(mark, ink), 2, pen.safe(result.name), Ink::plain, pen);
        if (!result.detail.empty()) add_hanging(out, "", 2, pen.safe(result.detail), Ink::dim, pen);
    }
}

class TableWriter final : public ReportWriter {
public:
    explicit TableWriter(const TableStyle& style) : pen_(style) {}

    std::string write(const Report& report) const override {
        std::string out;
        SourceNotes sources;
        add_title(out, report, pen_);
        if (report.verdict) add_verdict(out, *report.verdict, pen_);
        add_metrics(out, report.candidates, sources, pen_);
        add_simulations(out, report, pen_);
        add_memory(out, report.candidates, pen_);
        add_breakdowns(out, report, pen_);
        add_rank_loads(out, report.candidates, pen_);
        add_sweeps(out, report, pen_);
        if (report.exploration) add_exploration(out, *report.exploration, sources, pen_);
        add_warnings(out, report, pen_);
        add_sources(out, sources, pen_);
        add_expectations(out, report.expectations, pen_);
        return out;
    }

private:
    Pen pen_;
};

}  // namespace

std::unique_ptr<ReportWriter> make_table_writer(const TableStyle& style) {
    return std::make_unique<TableWriter>(style);
}

}  // namespace moeplan
