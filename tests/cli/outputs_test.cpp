// Where results go and what they look like there.
#include <nlohmann/json.hpp>

#include "tests/cli/moeplan.h"

using namespace moeplan::test;
using Json = nlohmann::json;

TEST_CASE("the JSON of a run has the documented shape", "[cli]") {
    const auto result = run({"run", example_study(), "--format", "json"});
    REQUIRE(result.code == 0);
    const Json json = Json::parse(result.out);
    CHECK(json.at("moeplan") == "0.1");
    CHECK(json.at("scenario").at("name") == "Mixtral 8x7B against Llama 3 70B on H100");
    REQUIRE(json.at("candidates").size() == 2);
    for (const auto& candidate : json.at("candidates")) {
        CHECK(candidate.at("name").is_string());
        CHECK(candidate.at("breakdown").is_array());
        CHECK(candidate.at("warnings").is_array());
        for (const char* id : {"params_total",
                               "params_active",
                               "weights_gb_per_gpu",
                               "kv_bytes_per_token",
                               "memory_used_gb_per_gpu",
                               "fits",
                               "max_concurrency",
                               "flops_per_output_token",
                               "ttft_ms",
                               "tpot_ms",
                               "e2e_ms",
                               "output_tok_s",
                               "total_tok_s",
                               "tok_s_per_gpu",
                               "mfu",
                               "mbu",
                               "usd_per_hour",
                               "usd_per_mtok_input",
                               "usd_per_mtok_output",
                               "usd_per_mtok_total",
                               "usd_per_request",
                               "usd_per_answer",
                               "usd_per_correct_answer",
                               "saturation",
                               "cold_start_s"}) {
            INFO(id);
            const auto& metric = candidate.at("metrics").at(id);
            CHECK(metric.contains("unit"));
            CHECK(metric.at("source").is_string());
            if (metric.at("value").is_number()) {
                CHECK(metric.at("low") <= metric.at("value"));
                CHECK(metric.at("value") <= metric.at("high"));
            }
        }
    }
    CHECK(json.at("verdict").at("sentence").is_string());
    CHECK(json.at("expectations").size() == 4);
}

TEST_CASE("every format can be written, and the same study gives the same bytes", "[cli]") {
    for (const auto& [format, mark] : {std::pair{"table", "How fast"},
                                       {"json", "\"candidates\""},
                                       {"csv", "mixtral,"},
                                       {"md", "|---"},
                                       {"html", "<html"}}) {
        INFO(format);
        const auto first = run({"run", example_study(), "--format", format});
        CHECK(first.code == 0);
        CHECK_THAT(first.out, ContainsSubstring(mark));
        CHECK(first.out == run({"run", example_study(), "--format", format}).out);
    }
}

TEST_CASE("the name of the output file picks the format", "[cli]") {
    const Scratch scratch;
    const auto result = run({"run", example_study(), "-o", scratch.path("report.json")});
    CHECK(result.code == 0);
    CHECK(result.out.empty());
    CHECK(Json::parse(text_of(scratch.path("report.json"))).contains("candidates"));
    CHECK(run({"run", example_study(), "-o", scratch.path("report.md")}).code == 0);
    CHECK_THAT(text_of(scratch.path("report.md")), ContainsSubstring("|---"));
}

TEST_CASE("a folder gets one file per study", "[cli]") {
    const Scratch scratch;
    const auto a = scratch.file("a.yaml", small_study()), b = scratch.file("b.yaml", small_study());
    const auto out = scratch.path("reports/today");
    CHECK(run({"run", a, b, "--format", "json", "-o", out}).code == 0);
    CHECK(Json::parse(text_of(out + "/a.json")).at("candidates").size() == 1);
    CHECK(Json::parse(text_of(out + "/b.json")).at("candidates").size() == 1);
    CHECK(run({"run", a, "--format", "csv", "-o", out}).code == 0);   // one study, a folder that is there
    CHECK(std::filesystem::exists(out + "/a.csv"));
}

TEST_CASE("two studies never overwrite each other's report", "[cli]") {
    const Scratch scratch;
    const auto a = scratch.file("x/s.yaml", small_study()), b = scratch.file("y/s.yaml", small_study());
    const auto result = run({"run", a, b, "-o", scratch.path("out")});
    CHECK(result.code == 2);
    CHECK_THAT(result.err, ContainsSubstring("both be written"));
    CHECK(run({"run", a, b, "--format", "html"}).code == 2);
}

TEST_CASE("an output that cannot be written ends with 2 and names the place", "[cli]") {
    const auto result = run({"run", example_study(), "-o", "/no/such/folder/report.json"});
    CHECK(result.code == 2);
    CHECK_THAT(result.err, ContainsSubstring("/no/such/folder"));
}

TEST_CASE("a reader that leaves early is no mistake", "[cli]") {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"run", example_study()}, {"model"}, {"--help"}, {"completion", "zsh"}}) {
        auto start = program(words);
        start.reader_leaves = true;
        const auto result = run_program(start);
        CHECK(result.code == 0);
        CHECK(result.err.empty());
    }
}

TEST_CASE("a full disk and a closed output are told", "[cli]") {
    auto full = program({"run", example_study()});
    full.full_output = true;
    const auto on_full = run_program(full);
    CHECK(on_full.code == 2);
    CHECK_THAT(on_full.err, ContainsSubstring("the output could not be written"));
    auto closed = program({"run", example_study()});
    closed.closed_output = true;
    const auto on_closed = run_program(closed);
    CHECK(on_closed.code == 2);
    CHECK(lines_in(on_closed.err) == 1);
}

TEST_CASE("colour is for terminals, unless it is asked for", "[cli]") {
    const auto coloured = [](std::vector<std::string> words, bool no_colour = false) {
        auto start = program(std::move(words));
        if (no_colour) start.environment.emplace_back("NO_COLOR", "1");
        const auto result = run_program(start);
        return std::pair(result.out.find('\x1b') != std::string::npos,
                         result.err.find('\x1b') != std::string::npos);
    };
    CHECK(coloured({"run", example_study()}) == std::pair(false, false));
    CHECK(coloured({"run", example_study(), "--color", "always"}) == std::pair(true, false));
    CHECK(coloured({"--color=always", "run", example_study()}).first);
    CHECK(coloured({"run", example_study(), "--color", "always"}, true).first);   // asked for by name
    CHECK(coloured({"run", example_study()}, true) == std::pair(false, false));
    CHECK(coloured({"run", "missing.yaml", "--color", "always"}).second);
    CHECK_FALSE(coloured({"run", "missing.yaml"}).second);
}

TEST_CASE("a table is never wider than the terminal", "[cli]") {
    for (const char* columns : {"80", "120"}) {
        for (const auto& words : std::vector<std::vector<std::string>>{{"run", example_study()},
                                                                       {"model", "mixtral-8x7b"},
                                                                       {"gpu", "h100_sxm"},
                                                                       {"describe", "scores"},
                                                                       {"--help"},
                                                                       {"compare", "--help"}}) {
            auto start = program(words);
            start.environment.emplace_back("COLUMNS", columns);
            std::istringstream lines(run_program(start).out);
            for (std::string line; std::getline(lines, line);) {
                const auto width = std::count_if(line.begin(), line.end(), [](char c) {
                    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
                });
                INFO(words[0] << " at " << columns << ": " << line);
                CHECK(width <= std::stoi(columns));
            }
        }
    }
}

TEST_CASE("a locale without UTF-8 gets plain characters", "[cli]") {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"model", "mixtral-8x7b"}, {"gpu"}, {"describe", "scores"}, {"run", "--help"}}) {
        auto start = program(words);
        start.environment.emplace_back("LC_ALL", "C");
        const auto result = run_program(start);
        CHECK(result.code == 0);
        const auto foreign = std::find_if(result.out.begin(), result.out.end(),
                                          [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
        INFO(std::string(foreign, std::min(foreign + 40, result.out.end())));
        CHECK(foreign == result.out.end());
    }
}
