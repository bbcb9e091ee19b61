#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include "core/report/format.h"
#include "core/report/report_writer.h"
#include "core/report/text_width.h"
#include "tests/support/approved.h"
#include "tests/support/example_report.h"

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

// Names that want to break out of every format.
Report hostile_report() {
    Report report = example_report();
    const std::string bad = "<b>\"x\" & 'y', |z|\n\x1b[2J\xff模型</b>";
    report.scenario_name = bad;
    report.scenario_file = bad;
    report.cost_source = bad;
    report.scenario = Document::Map{{bad, bad}};
    report.candidates[0].name = bad;
    report.candidates[0].model = bad;
    report.candidates[0].warnings = {bad};
    report.candidates[0].metrics[0].source = bad;
    report.candidates[0].breakdown[0].part = bad;
    report.candidates[0].memory[0].label = bad;
    report.candidates[0].series[0].axis = bad;
    report.verdict->sentence = bad;
    report.verdict->flips[0].sentence = bad;
    report.expectations[0].name = bad;
    report.expectations[0].detail = bad;
    report.warnings = {bad};
    return report;
}

Report explored_report() {
    Report report = example_report();
    Exploration exploration;
    exploration.evaluated = 1'234'567;
    exploration.infeasible = 400'000;
    exploration.reasons = {{"weights do not fit", 390'000}, {"tp does not divide heads", 10'000}};
    exploration.best = report.candidates;
    exploration.pareto = {report.candidates[1]};
    exploration.pareto[0].name = "dense on the frontier";
    report.exploration = exploration;
    report.candidates[0].rank_load = {1.3, 0.9, 1.0, 0.8};
    return report;
}

Report many_candidates(int n) {
    Report report = example_report();
    const auto first = report.candidates.front();
    report.candidates.clear();
    for (int i = 0; i < n; ++i) {
        report.candidates.push_back(first);
        report.candidates.back().name = "candidate number " + std::to_string(i);
    }
    return report;
}

// Fields of RFC 4180, read by the letter.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
    std::vector<std::vector<std::string>> rows{{""}};
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            rows.back().back() += text[++i];
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && c == ',') {
            rows.back().emplace_back();
        } else if (!quoted && c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
            ++i;
            rows.push_back({""});
        } else {
            rows.back().back() += c;
        }
    }
    rows.pop_back();
    return rows;
}

// Tags of a page in order, checked to nest; void elements and SVG's self-closing ones aside.
void check_tags_nest(const std::string& html) {
    std::vector<std::string> open;
    for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
        const std::size_t end = html.find('>', at);
        REQUIRE(end != std::string::npos);
        const std::string tag = html.substr(at + 1, end - at - 1);
        REQUIRE(tag.find('<') == std::string::npos);
        const std::string name = tag.substr(0, tag.find_first_of(" \n"));
        if (name.starts_with('!') || name == "meta" || name == "br" || tag.ends_with('/')) continue;
        if (!name.starts_with('/')) {
            open.push_back(name);
        } else {
            REQUIRE_FALSE(open.empty());
            CHECK(open.back() == name.substr(1));
            open.pop_back();
        }
    }
    CHECK(open.empty());
}

}  // namespace

TEST_CASE("every writer in the catalog can be made and its outputs are as approved", "[report]") {
    const Report report = explored_report();
    std::set<std::string_view> names;
    for (const auto& entry : writer_catalog()) {
        CHECK(names.insert(entry.name).second);
        CHECK(entry.extension.starts_with('.'));
        const std::string text = written(std::string(entry.name), report);
        CHECK(text.ends_with('\n'));
        CHECK(text == written(std::string(entry.name), report));
        check_approved(text, "report/example" + std::string(entry.extension));
    }
    CHECK(names == std::set<std::string_view>{"table", "json", "csv", "md", "html"});
    check_approved(written("table", report, {false, 80, false}), "report/example-80-plain.txt");
}

TEST_CASE("an unknown format is answered with the nearest one", "[report]") {
    const auto writer = make_writer("jsn");
    REQUIRE_FALSE(writer);
    REQUIRE(writer.error().size() == 1);
    CHECK_THAT(to_text(writer.error()[0]),
               ContainsSubstring("'jsn'") && ContainsSubstring("did you mean 'json'?"));
}

TEST_CASE("no line of the table is wider than asked, at any width", "[report]") {
    for (const auto& report : {explored_report(), hostile_report(), many_candidates(7), Report{}}) {
        for (const int width : {40, 60, 80, 100, 120, 200}) {
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

TEST_CASE("without colour there is no escape code, and with it the same words", "[report]") {
    for (const auto& report : {explored_report(), hostile_report()}) {
        const std::string plain = written("table", report, {false, 100, true});
        CHECK(plain.find('\x1b') == std::string::npos);
        std::string coloured = written("table", report, {true, 100, true});
        REQUIRE(coloured.find("\x1b[32m") != std::string::npos);
        for (std::size_t at = coloured.find("\x1b["); at != std::string::npos;
             at = coloured.find("\x1b[", at)) {
            coloured.erase(at, coloured.find('m', at) - at + 1);
        }
        CHECK(lines_of(coloured).size() == lines_of(plain).size());
        CHECK(coloured == plain);
    }
}

TEST_CASE("the plain table is ASCII when the report is", "[report]") {
    Report report = explored_report();
    for (auto& e : report.expectations) e.detail = plain_glyphs(e.detail);
    for (const char c : written("table", report, {false, 100, false})) {
        if (static_cast<unsigned char>(c) >= 0x80) FAIL_CHECK("a character beyond ASCII");
    }
}

TEST_CASE("candidates stand in the same columns on every row of the table", "[report]") {
    const auto lines = lines_of(written("table", example_report(), {false, 110, true}));
    std::size_t rows = 0;
    std::size_t second = 0;   // display column of the second candidate
    for (const auto& line : lines) {
        const auto at = line.find("dense");
        if (at != std::string::npos && line.find("mixtral  ") != std::string::npos &&
            line.ends_with("ratio")) {
            second = static_cast<std::size_t>(display_width(line.substr(0, at)));
        }
        for (const char* value : {"30.5 B", "192 KiB", "13.7 ms (", "$0.59", "example/dense-30b"}) {
            const auto found = line.find(value, 40);
            if (second == 0 || found == std::string::npos || line.find("A decode") == 0) continue;
            CHECK(static_cast<std::size_t>(display_width(line.substr(0, found))) == second);
            ++rows;
        }
        if (line.starts_with("Memory of")) break;
    }
    CHECK(rows >= 5);
}

TEST_CASE("JSON reads back with every number as it was", "[report]") {
    const Report report = explored_report();
    const json read = json::parse(written("json", report));
    CHECK(read.at("moeplan") == "0.1");
    REQUIRE(read.at("candidates").size() == 2);
    for (std::size_t c = 0; c < 2; ++c) {
        const auto& from = report.candidates[c];
        const auto& to = read["candidates"][c];
        CHECK(to.at("name") == from.name);
        REQUIRE(to.at("metrics").size() == from.metrics.size());
        for (const auto& metric : from.metrics) {
            const auto& m = to["metrics"].at(metric.id);
            INFO(metric.id);
            CHECK(m.size() == 5);
            CHECK(m.at("unit") == std::string(find_metric(metric.id)->unit));
            CHECK(m.at("source") == metric.source);
            if (metric.id == "fits") {
                CHECK(m.at("value") == true);
                continue;
            }
            CHECK(m.at("value").get<double>() == metric.value.value);
            CHECK(m.at("low").get<double>() == metric.value.low);
            CHECK(m.at("high").get<double>() == metric.value.high);
        }
        CHECK(to.at("breakdown").size() == from.breakdown.size());
        CHECK(to.at("breakdown")[0].at("ms").get<double>() == from.breakdown[0].ms.value);
        CHECK(to.at("series")[1].at("points")[3].at("value").get<double>() ==
              from.series[1].points[3].y.value);
    }
    CHECK(read.at("verdict").at("winner") == "mixtral");
    CHECK(read.at("expectations")[3].at("verdict") == "fails");
    CHECK(read.at("exploration").at("evaluated") == 1'234'567);
    CHECK(read.at("scenario").at("workload").at("lengths").at("input") == 1024);
}

TEST_CASE("JSON never holds a number that is not one", "[report]") {
    Report report = example_report();
    report.candidates[0].metrics[2].value.high = std::numeric_limits<double>::infinity();
    CHECK_THROWS_AS(written("json", report), std::logic_error);
    CHECK_THROWS_AS(written("csv", report), std::logic_error);
    report = example_report();
    report.scenario = Document::Map{{"x", std::nan("")}};
    CHECK_THROWS_AS(written("json", report), std::logic_error);
}

TEST_CASE("the metrics of a model are JSON in the same form", "[report]") {
    const json read =
        json::parse(write_metrics_json({{"params_total", Estimate::exact(46702792704.0), "counted"}}));
    CHECK(read["metrics"]["params_total"]["value"] == 46702792704LL);
    CHECK(read["metrics"]["params_total"]["source"] == "counted");
    CHECK(json::parse(write_metrics_json({})).at("metrics").is_object());
}

TEST_CASE("CSV has nine fields on every row and the numbers of the report", "[report]") {
    for (const auto& report : {explored_report(), hostile_report()}) {
        const auto rows = parse_csv(written("csv", report));
        std::map<std::pair<std::string, std::string>, std::string> values;
        std::size_t points = 0;
        for (const auto& row : rows) {
            REQUIRE(row.size() == 9);
            if (row[7].empty()) values[{row[0], row[1]}] = row[2];
            points += !row[7].empty() && row[7] != "axis";
        }
        CHECK(points == 2 * 2 * 9);
        for (const auto& c : report.candidates) {
            for (const auto& m : c.metrics) CHECK(std::stod(values.at({c.name, m.id})) == m.value.value);
        }
    }
}

TEST_CASE("HTML nests, escapes what it is given and loads nothing", "[report]") {
    for (const auto& report : {explored_report(), hostile_report(), many_candidates(7), Report{}}) {
        const std::string html = written("html", report);
        check_tags_nest(html);
        CHECK(html.find("<b>\"x\"") == std::string::npos);
        CHECK(html.find('\x1b') == std::string::npos);
        for (const char* forbidden :
             {"<script", "http://", "https://", "url(", "@import", " src=", "nan", "inf\""}) {
            INFO(forbidden);
            CHECK(html.find(forbidden) == std::string::npos);
        }
    }
    CHECK_THAT(written("html", hostile_report()),
               ContainsSubstring("&lt;b&gt;&quot;x&quot; &amp; &#39;y&#39;"));
}

TEST_CASE("HTML shows light and dark, every candidate, every source and the flips on the chart", "[report]") {
    const std::string html = written("html", example_report());
    CHECK_THAT(html, ContainsSubstring("prefers-color-scheme: dark"));
    CHECK_THAT(html, ContainsSubstring("on-demand median of 12 offers, 2026-05-24"));
    CHECK_THAT(html, ContainsSubstring("flips at 7.1") && ContainsSubstring("flips at 15"));
    CHECK_THAT(html, ContainsSubstring("batch (log)"));
    CHECK_THAT(html, ContainsSubstring("$0.52 <small>(0.50–0.55)</small>"));
    CHECK_THAT(html, ContainsSubstring("class=\"b0\" points="));
}

TEST_CASE("Markdown tables have the same number of cells on every row", "[report]") {
    for (const auto& report : {explored_report(), hostile_report(), many_candidates(7)}) {
        std::size_t expected = 0, rows = 0;
        for (const auto& line : lines_of(written("md", report))) {
            if (!line.starts_with('|')) {
                expected = 0;
                continue;
            }
            std::size_t cells = 0;
            for (std::size_t i = 0; i < line.size(); ++i)
                cells += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
            if (expected == 0) expected = cells;
            INFO(line);
            CHECK(cells == expected);
            ++rows;
        }
        CHECK(rows > 20);
    }
}

TEST_CASE("an empty report is still a report", "[report]") {
    for (const auto& entry : writer_catalog()) CHECK_NOTHROW(written(std::string(entry.name), Report{}));
}

TEST_CASE("a candidate over its memory says so", "[report]") {
    Report report = example_report();
    report.candidates[0].memory[0].gb = 70;
    report.candidates[0].fits = false;
    CHECK_THAT(written("table", report), ContainsSubstring("114.3 of 80 GB too much"));
    CHECK_THAT(written("html", report), ContainsSubstring("does not fit"));
}
