// What a step and a GPU's memory are made of, as bars.

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/report/table_sections.h"

namespace moeplan {
namespace {

constexpr std::size_t kMostBreakdowns = 4;

// Fills of a memory stack, told apart without colour.
constexpr std::array kFills{"█", "▓", "▒", "░", "▚", "◆"};
constexpr std::array kPlainFills{"#", "=", "+", "~", "%", "o"};
constexpr std::array kFillInks{Ink::accent, Ink::good, Ink::warn, Ink::plain, Ink::bold, Ink::bad};

struct PartWidths {
    int part = 4, time = 4, bound = 5;
};

constexpr int kShare = 8;   // "0.053 %"

PartWidths widths_of(const std::vector<CandidateReport>& candidates, const Pen& pen) {
    PartWidths widths;
    for (const auto& candidate : candidates) {
        const auto phases = phases_of(candidate);
        if (phases.empty()) continue;
        const auto rows = breakdown_of(candidate, phases.front());
        const double step = total_of(rows).value;
        for (const auto& row : rows) {
            widths.part = std::max(widths.part, display_width(row.part));
            widths.time = std::max(widths.time, display_width(format_part(row.ms, step, "ms", pen.glyphs())));
            widths.bound = std::max(widths.bound, display_width(row.bound));
        }
    }
    widths.part = std::min(widths.part, std::max(8, pen.width() / 4));
    widths.time = std::min(widths.time, std::max(8, pen.width() / 3));
    widths.bound = std::min(widths.bound, 8);
    return widths;
}

void add_phase(std::string& out, const CandidateReport& candidate, const std::string& phase,
               const PartWidths& widths, const Pen& pen) {
    const auto rows = breakdown_of(candidate, phase);
    const double step = total_of(rows).value;
    const auto article = phase == "decode" || phase == "prefill" ? "A " : "";
    add_heading(out, fmt::format("{}{} step of {}", article, pen.safe(phase), pen.safe(candidate.name)),
                format_estimate(total_of(rows), "ms", pen.glyphs()), pen);
    const int bar = std::min(pen.width() - 2 - widths.part - widths.time - widths.bound - kShare - 8, 40);
    std::vector<Grid::Column> columns{{widths.part}, {widths.time}, {kShare, Align::right}};
    const bool room = bar >= 4;   // else the figures alone
    if (room) columns.insert(columns.end(), {{bar}, {widths.bound}});
    Grid grid(columns);
    for (const auto& row : rows) {
        std::vector<Cell> cells{{{pen.safe(row.part)}},
                                {{format_part(row.ms, step, "ms", pen.glyphs())}},
                                {{format_value(row.share, "fraction", pen.glyphs())}}};
        if (room) {
            cells.push_back({{pen.bar(row.share, bar), Ink::accent}});
            cells.push_back({{pen.safe(row.bound), Ink::dim}});
        }
        grid.add(std::move(cells));
    }
    append_lines(out, grid.lines(pen));
}

struct Segment {
    std::string fill;
    Ink ink;
    int cells;
    std::string label;
    double gb;
};

std::vector<Segment> segments_of(const CandidateReport& c, double cells_per_gb, const Pen& pen) {
    std::vector<Segment> segments;
    double filled = 0;   // in GB, so that rounding never adds up
    int drawn = 0;
    for (const auto& row : c.memory) {
        if (is_free(row)) continue;
        const std::size_t kind = segments.size() % kFills.size();
        filled += row.gb;
        const int until = static_cast<int>(std::lround(filled * cells_per_gb));
        segments.push_back(
            {pen.pick(kFills[kind], kPlainFills[kind]), kFillInks[kind], until - drawn, row.label, row.gb});
        drawn = until;
    }
    return segments;
}

// "█ weights 23.4  ▓ kv cache 41.2": as many to a line as fit.
void add_legend(std::string& out, const std::vector<Segment>& segments, int indent, const Pen& pen) {
    std::string line;
    for (const auto& segment : segments) {
        const std::string item = fmt::format("{} {} {}", pen.ink(segment.fill, segment.ink),
                                             pen.safe(segment.label), format_number(segment.gb));
        const std::string shown = shortened(item, std::max(8, pen.width() - indent), pen.unicode());
        if (!line.empty() && indent + display_width(line) + 3 + display_width(shown) > pen.width()) {
            out += std::string(static_cast<std::size_t>(indent), ' ') + line + '\n';
            line.clear();
        }
        if (!line.empty()) line += "   ";
        line += shown;
    }
    if (!line.empty()) out += std::string(static_cast<std::size_t>(indent), ' ') + line + '\n';
}

void add_stack(std::string& out, const CandidateReport& c, int name_width, double scale_gb, const Pen& pen) {
    const double used = memory_used_gb(c);
    const bool over = c.memory_limit_gb > 0 && used > c.memory_limit_gb;
    std::string note = fmt::format("{} of {} GB", format_part(Estimate::exact(used), 100, ""),
                                   format_number(c.memory_limit_gb));
    if (over) note += " too much";
    const int bar = std::clamp(pen.width() - 2 - name_width - 2 - 2 - 24, 8, 60);
    const double cells_per_gb = scale_gb > 0 ? bar / scale_gb : 0;
    const auto segments = segments_of(c, cells_per_gb, pen);
    const int limit = static_cast<int>(std::lround(c.memory_limit_gb * cells_per_gb));
    std::string text;
    int drawn = 0;
    for (const auto& segment : segments) {
        for (int i = 0; i < segment.cells; ++i, ++drawn) {
            if (drawn == limit) text += pen.ink(pen.pick("┃", "|"), Ink::bad);
            text += pen.ink(segment.fill, segment.ink);
        }
    }
    if (drawn <= limit) {
        text += pen.ink(repeated(pen.pick("·", "."), limit - drawn), Ink::dim) + pen.pick("│", "|");
    }
    out += "  " + padded(shortened(pen.safe(c.name), name_width, pen.unicode()), name_width) + "  " +
           padded(std::move(text), bar + 1) + " " + pen.ink(note, over ? Ink::bad : Ink::plain) + '\n';
    add_legend(out, segments, name_width + 4, pen);
}

}  // namespace

void add_breakdowns(std::string& out, const Report& report, const Pen& pen) {
    const PartWidths widths = widths_of(report.candidates, pen);
    std::size_t shown = 0, with_any = 0;
    for (const auto& candidate : report.candidates) {
        const auto phases = phases_of(candidate);
        if (phases.empty()) continue;
        ++with_any;
        const bool winner = report.verdict && report.verdict->winner == candidate.name;
        if (report.candidates.size() > kMostBreakdowns && !winner) continue;
        add_phase(out, candidate, phases.front(), widths, pen);
        ++shown;
    }
    if (shown < with_any) {
        add_hanging(out, "", 0, fmt::format("{} more step breakdowns are in the json, md and html formats",
                                            with_any - shown), Ink::dim, pen);
    }
}

void add_memory(std::string& out, const std::vector<CandidateReport>& candidates, const Pen& pen) {
    int name_width = 0;
    double scale = 0;
    for (const auto& c : candidates) {
        if (c.memory.empty()) continue;
        name_width = std::max(name_width, display_width(c.name));
        scale = std::max({scale, memory_used_gb(c), c.memory_limit_gb});
    }
    if (name_width == 0) return;
    name_width = std::min(name_width, std::max(8, pen.width() / 5));
    add_heading(out, "Memory of the fullest GPU", "GB", pen);
    for (const auto& c : candidates) {
        if (!c.memory.empty()) add_stack(out, c, name_width, scale, pen);
    }
}

void add_rank_loads(std::string& out, const std::vector<CandidateReport>& candidates, const Pen& pen) {
    static constexpr std::array kLevels{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    bool headed = false;
    for (const auto& c : candidates) {
        if (c.rank_load.empty()) continue;
        if (!headed) add_heading(out, "Load of the expert-parallel ranks", "1 is a fair share", pen);
        headed = true;
        const double hottest = std::ranges::max(c.rank_load);
        std::string line;
        for (const double load : c.rank_load) {
            if (display_width(line) >= pen.width() / 2) break;
            const double level = hottest > 0 ? load / hottest * 7 : 0;
            const auto step = static_cast<std::size_t>(std::clamp<long>(std::lround(level), 0, 7));
            line += pen.pick(kLevels[step], std::to_string(step));
        }
        const auto coldest = std::ranges::min(c.rank_load);
        add_hanging(
            out, shortened(pen.safe(c.name), 18, pen.unicode()), 18,
            fmt::format("{}  {} ranks, hottest {}, coldest {}", line, c.rank_load.size(),
                        format_value(hottest, "x", pen.glyphs()), format_value(coldest, "x", pen.glyphs())),
            Ink::plain, pen);
    }
}

}  // namespace moeplan
