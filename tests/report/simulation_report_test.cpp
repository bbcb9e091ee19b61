// A simulated candidate in every output.

#include <algorithm>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include "core/report/report_writer.h"
#include "core/report/simulation_metrics.h"
#include "core/report/svg_chart.h"
#include "core/report/text_width.h"
#include "tests/support/approved.h"
#include "tests/support/example_simulation.h"

using namespace moeplan;
using nlohmann::json;

namespace {

std::string written(const std::string& format, const Report& report, const TableStyle& style = {}) {
    return make_writer(format, style).value()->write(report);
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

const Metric* find(const std::vector<Metric>& metrics, const std::string& id) {
    const auto found = std::ranges::find(metrics, id, &Metric::id);
    return found == metrics.end() ? nullptr : &*found;
}

// Text that wants to break out of every format, wherever a simulation carries text.
Report hostile_report() {
    Report report = simulated_report();
    const std::string bad = "<b>\"x\" & 'y', |z|\n\x1b[2J\xff</b>";
    report.candidates[0].name = bad;
    report.candidates[0].simulation->findings = {bad};
    report.candidates[0].simulation->series[0].label = bad;
    report.candidates[0].simulation->latencies[0].metric = bad;
    return report;
}

}  // namespace

TEST_CASE("a simulated report is as approved in every format", "[report]") {
    for (const auto& entry : writer_catalog()) {
        check_approved(written(std::string(entry.name), simulated_report()),
                       "report/simulated" + std::string(entry.extension));
    }
    check_approved(written("table", simulated_report(), {false, 80, false}), "report/simulated-80-plain.txt");
}

TEST_CASE("a report without a simulation does not mention one", "[report]") {
    for (const auto& entry : writer_catalog()) {
        CHECK(written(std::string(entry.name), example_report()).find("imulat") == std::string::npos);
    }
}

TEST_CASE("no line about a simulation is wider than the terminal", "[report]") {
    for (const Report& report : {simulated_report(), hostile_report()}) {
        for (const int width : {40, 60, 80, 100, 140, 200}) {
            for (const bool unicode : {true, false}) {
                for (const auto& line : lines_of(written("table", report, {true, width, unicode}))) {
                    INFO(width << ": " << line);
                    CHECK(display_width(line) <= width);
                    CHECK_FALSE(line.ends_with(' '));
                }
            }
        }
    }
}

TEST_CASE("a plain terminal gets a simulation in ASCII", "[report]") {
    Report report = simulated_report();
    report.expectations.clear();
    for (const char c : written("table", report, {false, 100, false})) {
        if (static_cast<unsigned char>(c) >= 0x80) FAIL_CHECK("a character beyond ASCII");
    }
}

TEST_CASE("every latency of the table is in its column", "[report]") {
    const auto lines = lines_of(written("table", simulated_report(), {false, 120, true}));
    const auto head = std::ranges::find_if(lines, [](const auto& l) {
        return l.find("p50") != std::string::npos && l.find("p99") != std::string::npos &&
               l.find("max") != std::string::npos;
    });
    REQUIRE(head != lines.end());
    const auto column = [](const std::string& line, const std::string& text) {
        const auto at = line.find(text);
        return at == std::string::npos ? -1 : display_width(line.substr(0, at));
    };
    int rows = 0;
    for (const auto& [label, p50, p99] : {std::tuple{"time to first token", "131 ms", "1.48 s ±"},
                                          {"time per output token", "14.9 ms", "27.1 ms ±"},
                                          {"gap between tokens", "13.8 ms", "96.2 ms"},
                                          {"time to last token", "3.98 s", "11.9 s ±"}}) {
        const auto row = std::find_if(head, lines.end(), [&, l = label](const auto& line) {
            return line.find(std::string("  ") + l + "  ") == 0;
        });
        REQUIRE(row != lines.end());
        CHECK(column(*row, p50) == column(*head, "p50"));
        CHECK(column(*row, p99) == column(*head, "p99"));
        ++rows;
    }
    CHECK(rows == 4);
}

TEST_CASE("the JSON of a simulation reads back as it was", "[report]") {
    const SimulationReport from = example_simulation();
    const json to = json::parse(written("json", simulated_report()))["candidates"][0].at("simulation");
    CHECK(to.at("counts").at("completed") == 9'961);
    CHECK(to.at("counts").at("events") == 41'207);
    CHECK(to.at("warm_up_s").get<double>() == from.warm_up_s);
    REQUIRE(to.at("latencies").size() == from.latencies.size());
    for (const auto& latency : from.latencies) {
        const json& l = to["latencies"].at(latency.metric);
        CHECK(l.at("p99").at("high").get<double>() == latency.p99.high);
        CHECK(l.at("mean").at("unit") == "ms");
        CHECK(l.at("sampling_p99").is_null() == !latency.sampling_p99.has_value());
    }
    CHECK(to.at("figures").at("goodput_rps").at("low").get<double>() == from.goodput_rps->low);
    REQUIRE(to.at("series").size() == from.series.size());
    CHECK(to["series"][3].at("points").size() == from.series[3].points.size());
    CHECK(to["series"][3]["points"][7][1].get<double>() == from.series[3].points[7].second);
    CHECK_FALSE(json::parse(written("json", simulated_report()))["candidates"][1].contains("simulation"));
}

TEST_CASE("a simulation's metrics carry its figures, and only ids of the catalog", "[report]") {
    const SimulationReport s = example_simulation();
    const auto metrics = simulated_metrics(s);
    for (const auto& metric : metrics) {
        INFO(metric.id);
        CHECK(find_metric(metric.id) != nullptr);
        CHECK(metric.source == "simulated requests after the warm-up");
        CHECK(metric.value.low <= metric.value.value);
        CHECK(metric.value.value <= metric.value.high);
        CHECK(std::ranges::count(metrics, metric.id, &Metric::id) == 1);
    }
    for (const char* id : {"ttft_ms", "ttft_ms_p50", "ttft_ms_p90", "ttft_ms_p99", "itl_ms_p99", "e2e_ms_p90",
                           "goodput_rps", "saturation", "kv_peak"}) {
        INFO(id);
        CHECK(find(metrics, id) != nullptr);
    }
    REQUIRE(find(metrics, "ttft_ms_p99"));
    CHECK(find(metrics, "ttft_ms_p99")->value == s.latencies[0].p99);
    CHECK(find(metrics, "total_tok_s")->value.value == Approx(1019 + 4077));
    CHECK(find(metrics, "preemptions_per_k")->value.value == Approx(18.4));
    CHECK(find(metrics, "tok_s_per_user")->value.value == Approx(1000 / 15.4));
    CHECK(find(metrics, "tok_s_per_user")->value.low == Approx(1000 / (15.4 * 1.2)));
}

TEST_CASE("what a simulation did not find is no metric", "[report]") {
    const auto metrics = simulated_metrics(SimulationReport{});
    for (const char* id :
         {"ttft_ms", "goodput_rps", "attainment", "saturation", "prefix_hit", "preemptions_per_k", "tok_s_per_user"}) {
        INFO(id);
        CHECK(find(metrics, id) == nullptr);
    }
}

TEST_CASE("an empty simulation can be written", "[report]") {
    Report report = example_report();
    report.candidates[0].simulation.emplace();
    for (const auto& entry : writer_catalog()) CHECK_FALSE(written(std::string(entry.name), report).empty());
}

TEST_CASE("text of a simulation cannot break the page, the table or the terminal", "[report]") {
    const std::string html = written("html", hostile_report()), md = written("md", hostile_report()),
                      table = written("table", hostile_report());
    CHECK(html.find("<b>\"x\"") == std::string::npos);
    CHECK(html.find('\x1b') == std::string::npos);
    CHECK(table.find('\x1b') == std::string::npos);
    std::size_t expected = 0;
    for (const auto& line : lines_of(md)) {
        if (!line.starts_with('|')) {
            expected = 0;
            continue;
        }
        std::size_t cells = 0;
        for (std::size_t i = 0; i < line.size(); ++i) cells += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
        if (expected == 0) expected = cells;
        INFO(line);
        CHECK(cells == expected);
    }
}

TEST_CASE("a chart told to be linear is linear and without dots when told so", "[report]") {
    Chart chart{"t", "x", "y", "", {{"a", 0, {{1, Estimate::exact(1)}, {100, Estimate::exact(1000)}}}}, {}};
    CHECK_THAT(svg_of(chart), ContainsSubstring("(log)") && ContainsSubstring("<circle"));
    chart.linear = true;
    chart.dots = false;
    CHECK(svg_of(chart).find("(log)") == std::string::npos);
    CHECK(svg_of(chart).find("<circle") == std::string::npos);
    CHECK_THAT(svg_of(chart), ContainsSubstring("<polyline"));
}

TEST_CASE("with many candidates the terminal shows the better buy's simulation and says where the rest is",
          "[report]") {
    Report report = simulated_report();
    const auto first = report.candidates[0];
    for (int i = 0; i < 4; ++i) {
        report.candidates.push_back(first);
        report.candidates.back().name = "other " + std::to_string(i);
    }
    const std::string table = written("table", report);
    CHECK_THAT(table, ContainsSubstring("Simulated: mixtral"));
    CHECK(table.find("Simulated: other") == std::string::npos);
    CHECK_THAT(table, ContainsSubstring("4 more simulated candidates"));
    CHECK_THAT(written("html", report), ContainsSubstring("Simulated: other 3"));
}
