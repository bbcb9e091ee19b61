#include "core/report/calibration_report.h"

#include <sstream>

#include <nlohmann/json.hpp>

#include "core/report/text_width.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

CalibrationFamily measured_family(const std::string& name, const std::string& format, bool predicted) {
    CalibrationFamily f;
    f.family = name;
    f.format = format;
    f.computes = true;
    f.measured = 40;
    f.failed = 2;
    f.wide = 10;
    f.throttled = 3;
    f.noise = 0.012;
    f.seconds = 12.5;
    for (int i = 0; i < 40; ++i) {
        const double size = 1e6 * (1 + i * i), seconds = 1e-6 * (5 + i * i);
        CalibrationPoint p{"probe " + std::to_string(i), size, seconds, 0.01, i == 7, {}, false};
        // Ten of the forty lie outside their interval, all are predicted 10 % too slow.
        if (predicted) p.predicted = Estimate{1.1 * seconds, (i % 4 == 0 ? 1.05 : 0.9) * seconds, 1.3 * seconds};
        f.points.push_back(p);
    }
    return f;
}

CalibrationReport full_report() {
    CalibrationReport r;
    r.title = "Device <1>";
    r.facts = {{"driver", "570.86"}, {"worker", "ssh gpu01 \"moeplan-probe\""}};
    r.has_journal = r.has_profile = true;
    r.seconds = 25;
    r.families = {measured_family("gemm", "bf16", true), measured_family("gemm", "fp8", true),
                  measured_family("launch", "", false)};
    r.families[0].fitted = true;
    r.families[0].n_fit = 32;
    r.families[0].n_held_out = 8;
    r.families[0].held_out = ErrorStats{8, 0.05, 0.04, 0.11, 0.01, 0.9};
    r.families[2].computes = false;
    for (auto& p : r.families[2].points) p.size = 0;
    r.failures = {{"crashed", 3}};
    r.failed_probes = {{"gemm bf16 m 1", "crashed: it ended with signal 11"}};
    for (int i = 1; i <= 80; ++i)
        r.moments.push_back({i * 0.3, static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(i / 20)});
    r.notes = {"the last line was cut short and is left out"};
    score_points(r);
    return r;
}

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
}

}  // namespace

TEST_CASE("Points are scored against their own intervals") {
    const CalibrationReport r = full_report();
    REQUIRE(r.families[0].here);
    CHECK(r.families[0].here->n == 40);
    CHECK(r.families[0].here->mape == Approx(0.1));
    CHECK(r.families[0].here->bias == Approx(0.1));
    CHECK(r.families[0].here->coverage90 == Approx(0.75));
    CHECK_FALSE(r.families[2].here);
}

TEST_CASE("The JSON of a calibration holds every count, error and point") {
    const auto json = nlohmann::json::parse(write_calibration_json(full_report()));
    CHECK(json["title"] == "Device <1>");
    CHECK(json["facts"]["driver"] == "570.86");
    REQUIRE(json["families"].size() == 3);
    const auto& gemm = json["families"][0];
    CHECK(gemm["measured"] == 40);
    CHECK(gemm["failed"] == 2);
    CHECK(gemm["wide"] == 10);
    CHECK(gemm["throttled"] == 3);
    CHECK(gemm["noise"] == Approx(0.012));
    CHECK(gemm["n_fit"] == 32);
    CHECK(gemm["held_out"]["median_ape"] == Approx(0.04));
    CHECK(gemm["here"]["coverage90"] == Approx(0.75));
    REQUIRE(gemm["points"].size() == 40);
    CHECK(gemm["points"][0]["measured_s"] == Approx(5e-6));
    CHECK(gemm["points"][0]["predicted_s"] == Approx(5.5e-6));
    CHECK(json["families"][1]["held_out"].is_null());
    CHECK(json["failures"][0]["n"] == 3);
    CHECK(json["failed_probes"][0]["probe"] == "gemm bf16 m 1");
    CHECK(json["notes"].size() == 1);
}

TEST_CASE("The table says what was measured, how noisy, what failed and what the fit is worth") {
    TableStyle style;
    style.width = 100;
    const std::string table = write_calibration_table(full_report(), style);
    for (const char* part :
         {"120 probes measured in 25", "6 without an answer", "lowered its clock during 9", "1 of 3", "1.2 %", "wide", "few",
          "4.0 %", "11 %", "90 %", "75 %", "crashed", "signal 11", "570.86", "cut short"})
        CHECK_THAT(table, ContainsSubstring(part));
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);) CHECK(display_width(line) <= 100);
    style.unicode = false;
    for (const char c : write_calibration_table(full_report(), style)) CHECK(static_cast<unsigned char>(c) < 0x80);
}

TEST_CASE("Markdown and page escape what a device or worker calls itself") {
    CalibrationReport r = full_report();
    r.facts.push_back({"runtime", "<script>alert(1)</script>|x"});
    CHECK(write_calibration_html(r).find("<script>") == std::string::npos);
    CHECK_THAT(write_calibration_html(r), ContainsSubstring("Device &lt;1&gt;"));
    CHECK(write_calibration_markdown(r).find("<script>") == std::string::npos);
    CHECK_THAT(write_calibration_markdown(r), ContainsSubstring("| gemm | bf16 | 40 |"));
}

TEST_CASE("The page draws predicted against measured, residuals of each family and the probes over time") {
    const std::string page = write_calibration_html(full_report());
    for (const char* part :
         {"Predicted against measured", "gemm: residual against size", "Probes over time", ">measured time<",
          ">predicted time<", ">predicted / measured<", ">operations (FLOP)<", ">time spent probing (s)<", ">attempts<",
          "prefers-color-scheme: dark", "shaded: the usual 90 % interval", "outside its own 90 % interval"})
        CHECK_THAT(page, ContainsSubstring(part));
    CHECK(page.find("nan") == std::string::npos);
    CHECK(page.find("http") == std::string::npos);       // nothing is loaded
    CHECK(page.find("launch: ") == std::string::npos);    // no size, no picture
    CHECK(count_of(page, "<svg") == 3);
    CHECK(count_of(page, "class=\"out\"") == 2 * 20);     // ten probes of each format, in two pictures
}

TEST_CASE("A journal alone shows times against sizes, a profile alone its errors") {
    CalibrationReport journal = full_report();
    journal.has_profile = false;
    journal.families = {measured_family("gemm", "bf16", false)};
    const std::string page = write_calibration_html(journal);
    CHECK_THAT(page, ContainsSubstring("gemm: measured time against size") &&
                         ContainsSubstring("the device lowered its clock"));
    CHECK(page.find("Errors of the fit") == std::string::npos);
    CalibrationReport profile = full_report();
    profile.has_journal = false;
    for (auto& f : profile.families) f.points.clear();
    profile.moments.clear();
    score_points(profile);
    const std::string errors = write_calibration_html(profile);
    CHECK_THAT(errors, ContainsSubstring("Errors of the fit"));
    CHECK(errors.find("<svg") == std::string::npos);
    CHECK(errors.find("<h2>Measured</h2>") == std::string::npos);
}

TEST_CASE("A calibration of nothing is written without a fault") {
    CalibrationReport empty;
    empty.title = "nothing";
    empty.has_journal = true;
    for (const std::string& text : {write_calibration_table(empty, {}), write_calibration_markdown(empty),
                                    write_calibration_html(empty), write_calibration_json(empty)})
        CHECK_THAT(text, ContainsSubstring("nothing"));
}
