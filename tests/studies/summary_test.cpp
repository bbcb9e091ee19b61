#include "tests/studies/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "tests/support/catch.h"

namespace moeplan::testing {
namespace {

std::string number(const Estimate& e) {
    if (e.is_exact()) return fmt::format("{:.4g}", e.value);
    return fmt::format("{:.4g} ({:.4g} to {:.4g})", e.value, e.low, e.high);
}

void add_candidate(std::string& out, const CandidateReport& c, const std::string& kind) {
    out += fmt::format("\n{} {}\n  {} on {} {} x{}, {}, {}, {}\n", kind, c.name, c.model, c.gpus, c.gpu, c.replicas,
                       c.layout, c.precision, c.engine);
    for (const Metric& m : c.metrics) out += fmt::format("  {} = {}\n", m.id, number(m.value));
    for (const MemoryRow& r : c.memory) out += fmt::format("  memory {} = {:.4g} GB\n", r.label, r.gb);
    for (const BreakdownRow& r : c.breakdown) {
        out += fmt::format("  {} {} = {} ms, share {:.4g}, {}\n", r.phase, r.part, number(r.ms), r.share, r.bound);
    }
    for (const Series& s : c.series) {
        out += fmt::format("  {} by {}:", s.metric, s.axis);
        for (const auto& p : s.points) out += fmt::format(" {:g}: {:.4g}", p.x, p.y.value);
        out += "\n";
    }
    for (const double load : c.rank_load) out += fmt::format("  rank load {:.4g}\n", load);
    for (const auto& w : c.warnings) out += "  warning: " + w + "\n";
}

void add_verdict(std::string& out, const Verdict& v) {
    out += fmt::format("\nverdict on {}: {}\n  {}\n", v.objective, v.winner.empty() ? "nobody" : v.winner, v.sentence);
    for (const Flip& f : v.flips) out += fmt::format("  flip {} at {:.4g}: {}\n", f.axis, f.at, f.sentence);
    for (const auto& w : v.warnings) out += "  warning: " + w + "\n";
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

}  // namespace

std::string summary(const Report& r) {
    std::string out = r.scenario_name + "\n" + r.cost_source + "\n";
    for (const auto& c : r.candidates) add_candidate(out, c, "candidate");
    if (r.verdict) add_verdict(out, *r.verdict);
    for (const auto& e : r.expectations) out += fmt::format("\n{}: {}\n  {}\n", e.name, name_of(e.outcome), e.detail);
    if (r.exploration) {
        out += fmt::format("\nevaluated {}, infeasible {}\n", r.exploration->evaluated, r.exploration->infeasible);
        for (const auto& [reason, n] : r.exploration->reasons) out += fmt::format("  {} x {}\n", n, reason);
        for (const auto& c : r.exploration->best) add_candidate(out, c, "best");
        for (const auto& c : r.exploration->pareto) add_candidate(out, c, "frontier");
    }
    for (const auto& w : r.warnings) out += "warning: " + w + "\n";
    return out;
}

std::string differing_lines(const std::string& approved, const std::string& now, std::size_t most) {
    const auto before = lines_of(approved), after = lines_of(now);
    std::string text;
    std::size_t shown = 0;
    for (std::size_t i = 0; i < std::max(before.size(), after.size()) && shown < most; ++i) {
        const std::string a = i < before.size() ? before[i] : "", b = i < after.size() ? after[i] : "";
        if (a == b) continue;
        text += fmt::format("line {}\n- {}\n+ {}\n", i + 1, a, b);
        ++shown;
    }
    return text;
}

TEST_CASE("a summary keeps four digits and tells intervals from exact numbers") {
    Report r;
    r.scenario_name = "s";
    CandidateReport c;
    c.name = "a";
    c.metrics = {{"tpot_ms", {12.34567, 11.00001, 14.99999}, ""}, {"gpus", Estimate::exact(2), ""}};
    r.candidates = {c};
    CHECK_THAT(summary(r), ContainsSubstring("tpot_ms = 12.35 (11 to 15)\n") && ContainsSubstring("gpus = 2\n"));
}

TEST_CASE("differing lines name the line and both texts") {
    CHECK(differing_lines("a\nb\n", "a\nc\nd\n") == "line 2\n- b\n+ c\nline 3\n- \n+ d\n");
    CHECK(differing_lines("a\n", "a\n").empty());
}

}  // namespace moeplan::testing
