// ServeGen's chunk-N-trace.csv.
#include <array>

#include <fmt/format.h>

#include "core/base/line_reader.h"
#include "sim/trace/servegen.h"
#include "sim/trace/trace_parts.h"

namespace moeplan {
namespace {

using trace::parse_number;
using trace::wrong;

constexpr std::size_t kMostWindows = 100'000;
constexpr std::size_t kMostProblems = 20;
constexpr double kOnlyWindow_s = 600;
constexpr double kMostRate = 1e6;
constexpr std::size_t kCells = 6;

bool split(std::string_view line, std::array<std::string_view, kCells>& cells) {
    for (std::size_t i = 0; i < kCells; ++i) {
        const std::size_t comma = line.find(',');
        if ((comma == std::string_view::npos) != (i + 1 == kCells)) return false;
        cells[i] = line.substr(0, comma);
        if (comma != std::string_view::npos) line.remove_prefix(comma + 1);
    }
    return true;
}

std::string cut(std::string_view text) { return std::string(text.substr(0, 40)); }

// What is wrong with the distribution, or an empty text.
std::string read_gaps(const std::array<std::string_view, kCells>& cells, ServeGenWindow& window) {
    if (cells[3].empty()) return {};
    if (cells[3] == "Gamma") window.gaps = ServeGenGaps::gamma;
    else if (cells[3] == "Weibull") window.gaps = ServeGenGaps::weibull;
    else return fmt::format("distribution '{}'; Gamma, Weibull or nothing is expected", cut(cells[3]));
    const auto shape = parse_number(cells[4]);
    const double least = window.gaps == ServeGenGaps::gamma ? kLeastGammaShape : kLeastWeibullShape;
    if (!shape || *shape < least || *shape > 1e8) {
        return fmt::format("shape '{}' of {}; a number from {:g} to 1e8 is expected", cut(cells[4]), cells[3], least);
    }
    window.shape = *shape;
    return {};
}

std::string read_window(std::string_view line, ServeGenWindow& window) {
    std::array<std::string_view, kCells> cells;
    if (!split(line, cells)) return "not six cells: window start, rate, CV, distribution and its two arguments";
    const auto start = parse_number(cells[0]);
    const auto rate = parse_number(cells[1]);
    if (!start || *start < 0 || *start > 1e12)
        return fmt::format("window start '{}'; seconds are expected", cut(cells[0]));
    if (!rate || *rate < 0 || *rate > kMostRate) {
        return fmt::format("rate '{}'; requests a second, 0 to 1e6, are expected", cut(cells[1]));
    }
    const auto cv = parse_number(cells[2]);
    if (!cells[2].empty() && (!cv || *cv < 0)) return fmt::format("CV '{}'; a number from 0 or nothing is expected", cut(cells[2]));
    window.start_s = *start;
    window.rate = *rate;
    // A window with one request or none has no gaps to fit.
    return *rate > 0 ? read_gaps(cells, window) : std::string();
}

void set_ends(std::vector<ServeGenWindow>& windows) {
    for (std::size_t i = 0; i + 1 < windows.size(); ++i) windows[i].end_s = windows[i + 1].start_s;
    ServeGenWindow& last = windows.back();
    const bool only = windows.size() == 1;
    last.end_s = last.start_s + (only ? kOnlyWindow_s : last.start_s - windows[windows.size() - 2].start_s);
}

}  // namespace

Result<std::vector<ServeGenWindow>> parse_servegen_windows(std::istream& stream, const std::string& name) {
    LineReader lines(stream, trace::kLongestLine);
    std::vector<ServeGenWindow> windows;
    Problems problems;
    std::string_view line;
    while (lines.next(line) && problems.size() < kMostProblems) {
        if (line.empty() && !lines.too_long()) continue;
        ServeGenWindow window;
        std::string what = lines.too_long() ? "a line longer than 1 MiB" : read_window(line, window);
        if (what.empty() && !windows.empty() && window.start_s <= windows.back().start_s) {
            what = fmt::format("window start {:g} s after {:g} s; rising starts are expected", window.start_s,
                               windows.back().start_s);
        }
        if (what.empty() && windows.size() == kMostWindows) {
            return fail(wrong(name, fmt::format("more than {} windows", kMostWindows)));
        }
        if (what.empty()) windows.push_back(window);
        else problems.push_back(wrong(fmt::format("{}:{}", name, lines.number()), std::move(what)));
    }
    if (problems.empty() && windows.empty()) problems.push_back(wrong(name, "empty; ServeGen's windows are expected"));
    if (!problems.empty()) return fail(std::move(problems));
    set_ends(windows);
    return windows;
}

}  // namespace moeplan
