#include "core/report/json_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/json_text.h"
#include "core/base/nearest.h"
#include "core/report/json_candidate.h"
#include "core/report/json_node.h"

namespace moeplan {
namespace {

constexpr std::size_t kLargest = std::size_t{256} << 20;
constexpr int kDeepest = 64;

// The library's message names itself, the place and the text; its middle says what is wrong.
std::string short_message(const nlohmann::json::exception& e) {
    std::string text = e.what();
    if (const auto close = text.find("] "); close != std::string::npos) text.erase(0, close + 2);
    if (const auto read = text.find("; last read"); read != std::string::npos) text.erase(read);
    return text;
}

Result<Json> parse(std::string_view text, const std::string& file) {
    if (text.size() > kLargest) return fail({file, {}, fmt::format("{} MiB are too many for a report; at most {} are read", text.size() >> 20, kLargest >> 20), {}});
    const SafeJson scanned = safe_json(text);
    if (scanned.deepest > kDeepest) return fail({file, {}, fmt::format("nested {} deep; a report has at most {} levels", scanned.deepest, kDeepest), {}});
    try {
        return Json::parse(scanned.text);
    } catch (const Json::parse_error& e) {
        const auto end = scanned.text.begin() + static_cast<std::ptrdiff_t>(std::min(e.byte, scanned.text.size()));
        return fail({fmt::format("{}:{}", file, 1 + std::count(scanned.text.begin(), end, '\n')), {}, "not valid JSON: " + short_message(e), {}});
    } catch (const Json::exception& e) {
        return fail({file, {}, "not readable as JSON: " + short_message(e), {}});
    }
}

std::vector<CandidateReport> candidates_of(const JsonNode& json) {
    std::vector<CandidateReport> all;
    for (const JsonNode& item : json.list()) all.push_back(read_candidate(item));
    return all;
}

Verdict verdict_of(const JsonNode& json) {
    Verdict v;
    v.objective = json.at("objective").text();
    if (const auto winner = json.find("winner")) v.winner = winner->text();
    v.decided = json.at("decided").boolean();
    v.sentence = json.at("sentence").text();
    for (const JsonNode& flip : json.at("flips").list()) v.flips.push_back({flip.at("axis").text(), flip.at("at").number(), flip.at("unit").text(), flip.at("sentence").text()});
    v.warnings = json.at("warnings").texts();
    return v;
}

BreakEven break_even_of(const JsonNode& json) {
    BreakEven even;
    even.a = json.at("a").text();
    even.b = json.at("b").text();
    even.utilisation = json.at("utilisation").number();
    even.price_ratio = json.at("price_ratio").number();
    for (const JsonNode& point : json.at("points").list()) {
        const Estimate ratio{point.at("price_ratio").number(), point.at("low").number(), point.at("high").number()};
        if (!(ratio.low <= ratio.value && ratio.value <= ratio.high)) point.say("expected low <= price_ratio <= high");
        even.points.push_back({point.at("utilisation").number(), ratio});
    }
    return even;
}

ExpectationResult expectation_of(const JsonNode& json) {
    ExpectationResult result{json.at("name").text(), Outcome::fails, json.at("detail").text()};
    const JsonNode verdict = json.at("verdict");
    const std::string name = verdict.text();
    std::vector<std::string> known;
    for (const Outcome outcome : {Outcome::holds, Outcome::conditional, Outcome::fails}) {
        known.emplace_back(name_of(outcome));
        if (known.back() == name) {
            result.outcome = outcome;
            return result;
        }
    }
    verdict.say(fmt::format("'{}' is none of {}", name, one_of(known)), did_you_mean(name, known));
    return result;
}

Exploration exploration_of(const JsonNode& json) {
    Exploration e;
    e.evaluated = json.at("evaluated").count();
    e.infeasible = json.at("infeasible").count();
    for (const JsonNode& reason : json.at("reasons").list()) e.reasons.emplace_back(reason.at("reason").text(), reason.at("n").count());
    if (const auto left_out = json.find("left_out")) e.left_out = left_out->texts();
    e.best = candidates_of(json.at("best"));
    e.pareto = candidates_of(json.at("pareto"));
    return e;
}

Report report_of(const JsonNode& json) {
    Report r;
    r.scenario_name = json.at("name").text();
    r.scenario_file = json.at("file").text();
    r.cost_source = json.at("cost_source").text();
    if (const auto scenario = json.find("scenario")) r.scenario = scenario->document();
    r.candidates = candidates_of(json.at("candidates"));
    if (const auto verdict = json.find("verdict")) r.verdict = verdict_of(*verdict);
    if (const auto evens = json.find("break_evens")) {
        for (const JsonNode& even : evens->list()) r.break_evens.push_back(break_even_of(even));
    }
    for (const JsonNode& result : json.at("expectations").list()) r.expectations.push_back(expectation_of(result));
    if (const auto exploration = json.find("exploration")) r.exploration = exploration_of(*exploration);
    r.warnings = json.at("warnings").texts();
    return r;
}

}  // namespace

Result<Report> read_report_json(std::string_view text, const std::string& file) {
    const auto json = parse(text, file);
    if (!json) return tl::unexpected(json.error());
    JsonFault fault{file, {}};
    const JsonNode root(*json, fault);
    const auto version = root.find("moeplan");
    if (fault.problem || !version || !root.find("candidates")) return fail({file, {}, "not a report: expected what `moeplan run --format json` writes", {}});
    const std::string is = version->text();
    if (!fault.problem && is != kReportVersion) {
        return fail({file, "moeplan", fmt::format("a report of version {} is read, this is '{}'", kReportVersion, is), "run the study again with this program"});
    }
    Report report = report_of(root);
    if (fault.problem) return fail(*std::move(fault.problem));
    return report;
}

}  // namespace moeplan
