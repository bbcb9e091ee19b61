// llama-bench and vLLM's serving benchmark into the table of servers.
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "core/analyse/measured_serving.h"
#include "tests/calibrate/import_support.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

std::vector<MeasuredServing> served(const Imported& table) {
    const Scratch scratch;
    const std::string path = scratch.file("rows.csv", write_import(table));
    std::vector<MeasuredServing> rows;
    const auto read = read_measured_serving(path, [&](const MeasuredServing& m) { rows.push_back(m); });
    REQUIRE(read);
    return rows;
}

}  // namespace

TEST_CASE("llama-bench JSON becomes a prompt's time and a token's time") {
    const Imported table = imported("llama_bench_example.json");
    CHECK(table.target == ImportTarget::servers);
    REQUIRE(table.rows.size() == 2);
    CHECK(unknown_columns(table).empty());
    const auto rows = served(table);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].skip.empty());
    CHECK(rows[0].ttft_s == Approx(0.064));
    CHECK_FALSE(rows[0].tpot_s);
    CHECK(std::get<FixedLengths>(rows[0].lengths).input == 512);
    CHECK(rows[1].tpot_s == Approx(0.008));
    CHECK_FALSE(rows[1].ttft_s);
    CHECK(std::get<FixedLengths>(rows[1].lengths).input == 1024);
    CHECK(std::get<FixedLengths>(rows[1].lengths).output == 128);
    CHECK(std::get<ClosedLoop>(rows[1].load).concurrency == 1);
    CHECK(rows[1].precision.linear == NumberFormat::q4_k_m);
    CHECK(rows[1].model == "models/example-7b-q4_k_m.gguf");
    CHECK(rows[1].engine == "llama_cpp");
    CHECK(cell(table.rows[0], "engine_version") == "b5163");
    CHECK(cell(table.rows[1], "source") == "llama_bench_example.json:29");
}

TEST_CASE("llama-bench JSON lines and JSON say the same") {
    const std::string text = fixture("llama_bench_example.json");
    std::string lines;
    int depth = 0;
    for (const char c : text.substr(1, text.rfind(']') - 1)) {
        if (c == '{') ++depth;
        if (c == '}') --depth;
        if (depth == 0 && c == ',') lines += '\n';
        else if (c != '\n') lines += c;
    }
    const auto from_lines = import_text(lines, "l.jsonl");
    REQUIRE(from_lines);
    auto from_json = import_text(text, "l.jsonl");
    REQUIRE(from_json);
    REQUIRE(from_lines->rows.size() == 2);
    CHECK(cell(from_lines->rows[1], "source") == "l.jsonl:2");
    for (std::size_t i = 0; i < 2; ++i) {
        ImportRow a = from_lines->rows[i], b = from_json->rows[i];
        a.erase("source");
        b.erase("source");
        CHECK(a == b);
    }
}

TEST_CASE("llama-bench CSV places layers on GPUs, and flags what may lie in host memory") {
    const Imported table = imported("llama_bench_example.csv");
    REQUIRE(table.rows.size() == 2);
    CHECK(cell(table.rows[0], "gpu") == "NVIDIA H100 80GB HBM3");
    CHECK(cell(table.rows[0], "tp") == "2");
    CHECK(cell(table.rows[0], "pp") == "1");
    const auto rows = served(table);
    CHECK(rows[0].skip.empty());
    CHECK(rows[0].gpus == 2);
    CHECK_THAT(rows[1].skip, ContainsSubstring("n_gpu_layers 20"));
}

TEST_CASE("llama-bench results are of the GPUs that took part") {
    struct Case {
        const char *gpus, *devices, *shares, *split, *gpu, *tp, *pp;
    };
    for (const Case& c : {Case{"A, A, A, A", "auto", "0.00", "layer", "A", "1", "4"}, Case{"A, A, A, A", "CUDA0/CUDA1", "0.00", "layer", "A", "1", "2"},
                          Case{"A, A, B", "CUDA2", "0.00", "layer", "B", "1", "1"}, Case{"A, B", "auto", "1.00/0.00", "row", "A", "1", "1"},
                          Case{"A, B, A", "auto", "1.00/0.00/3.00", "row", "A", "2", "1"}, Case{"A, A", "auto", "1.00/1.00", "row", "A", "2", "1"},
                          Case{"A, A, A", "CUDA0/CUDA2", "1.00/0.00", "layer", "A", "1", "1"}}) {
        INFO(c.gpus << " " << c.devices << " " << c.shares);
        const std::string record = std::string("[{\"backends\":\"CUDA\",\"gpu_info\":\"") + c.gpus + "\",\"devices\":\"" + c.devices +
                                   "\",\"tensor_split\":\"" + c.shares + "\",\"split_mode\":\"" + c.split +
                                   "\",\"model_filename\":\"m\",\"n_gpu_layers\":99,\"n_prompt\":0,\"n_gen\":128,\"avg_ns\":1000000000,\"avg_ts\":128}]";
        const auto table = import_text(record, "l.json", ImportKind::llama_bench);
        REQUIRE(table);
        CHECK(cell(table->rows.at(0), "gpu") == c.gpu);
        CHECK(cell(table->rows.at(0), "tp") == c.tp);
        CHECK(cell(table->rows.at(0), "pp") == c.pp);
    }
}

TEST_CASE("llama-bench results without a column of their own are counted") {
    const std::string text = fixture("llama_bench_example.json");
    const auto both = import_text(replaced(text, "\"n_gen\": 0", "\"n_gen\": 512"), "b.json");
    REQUIRE_FALSE(both);   // the rate no longer fits: twice the tokens
    const auto behind = import_text(replaced(text, "\"n_depth\": 0", "\"n_depth\": 64"), "d.json");
    REQUIRE(behind);
    CHECK(behind->rows.size() == 1);
    REQUIRE(behind->skipped.size() == 1);
    CHECK_THAT(behind->skipped[0].reason, ContainsSubstring("cache already"));
    const auto mixed = import_text(
        replaced(replaced(text, "\"n_gen\": 0", "\"n_gen\": 128"), "\"avg_ts\": 8000.0", "\"avg_ts\": 10000.0"),
        "m.json");
    REQUIRE(mixed);
    CHECK_THAT(mixed->skipped.at(0).reason, ContainsSubstring("timed together"));
}

TEST_CASE("A unit that contradicts llama-bench's own rate is a mistake with its line") {
    const std::string text = fixture("llama_bench_example.json");
    const std::string said = refusal(replaced(text, "\"avg_ns\": 64000000", "\"avg_ns\": 64"), "u.json");
    CHECK_THAT(said, ContainsSubstring("u.json:2") && ContainsSubstring("avg_ts says 8000"));
    CHECK_THAT(refusal(replaced(text, "\"avg_ns\": 1024000000", "\"avg_ns\": -5"), "u.json"),
               ContainsSubstring("u.json:29") && ContainsSubstring("'avg_ns' is '-5'"));
    CHECK_THAT(refusal(replaced(text, "\"avg_ns\": 64000000,", ""), "u.json", ImportKind::llama_bench),
               ContainsSubstring("'avg_ns' is missing"));
    CHECK_THAT(refusal(replaced(text, "\"avg_ns\": 64000000", "\"avg_ns\": NaN"), "u.json"),
               ContainsSubstring("'avg_ns' is missing"));
    CHECK_THAT(refusal(replaced(text, "\"avg_ns\": 64000000", "\"avg_ns\": 1e999"), "u.json"),
               ContainsSubstring("u.json:22") && ContainsSubstring("larger than any number"));
}

TEST_CASE("A full vLLM result becomes a server's row in milliseconds") {
    Imported table = imported("vllm_full.json");
    REQUIRE(table.rows.size() == 1);
    CHECK(unknown_columns(table) == std::vector<std::string>{"gpu"});
    CHECK_THAT(served(table).at(0).skip, ContainsSubstring("not known: gpu"));
    REQUIRE(complete_import(table, {{"gpu", "h100_sxm"}}).empty());
    const auto rows = served(table);
    CHECK(rows[0].skip.empty());
    CHECK(rows[0].model == "Qwen/Qwen3-30B-A3B");
    CHECK(rows[0].engine == "vllm");
    CHECK(rows[0].layout.tp == 2);
    CHECK(rows[0].ttft_s == Approx(0.05));
    CHECK(rows[0].tpot_s == Approx(0.0195));
    CHECK(std::get<FixedLengths>(rows[0].lengths).input == 500);
    CHECK(std::get<FixedLengths>(rows[0].lengths).output == 100);
    CHECK(std::get<ClosedLoop>(rows[0].load).concurrency == 2);
    CHECK(cell(table.rows[0], "statistic") == "mean");
    CHECK(cell(table.rows[0], "engine_version") == "0.19.0");
}

TEST_CASE("A reduced vLLM result is in seconds, holds medians and says what it does not know") {
    Imported table = imported("vllm_reduced.json");
    REQUIRE(table.rows.size() == 1);
    CHECK(cell(table.rows[0], "statistic") == "median");
    CHECK(std::stod(cell(table.rows[0], "mean_ttft_ms")) == Approx(943.940956145525));
    CHECK(std::stod(cell(table.rows[0], "mean_tpot_ms")) == Approx(22.40929169595007));
    CHECK(unknown_columns(table) == std::vector<std::string>{"gpu", "engine", "tp"});
    CHECK(table.notes.size() == 2);
    const std::string line = write_import(table);
    CHECK_THAT(line, ContainsSubstring("not known: gpu engine tp"));
    REQUIRE(complete_import(table, {{"gpu", "b200_sxm"},
                                    {"engine", "vllm"},
                                    {"tp", "1"},
                                    {"attention_dp", "8"},
                                    {"moe_ep", "8"},
                                    {"moe_dtype", "fp8_block"}})
                .empty());
    const auto rows = served(table);
    CHECK(rows[0].skip.empty());
    CHECK(rows[0].gpus == 8);
    CHECK(rows[0].layout.ep == 8);
    CHECK(rows[0].precision.experts == NumberFormat::fp8_block);
}

TEST_CASE("Results that are no closed loop, or of nothing, are counted or flagged") {
    const std::string text = fixture("vllm_full.json");
    const auto open = import_text(
        replaced(replaced(text, "\"inf\"", "4.0"), "\"max_concurrency\": 2", "\"max_concurrency\": null"), "o.json");
    REQUIRE(open);
    CHECK(open->rows.empty());
    CHECK_THAT(open->skipped.at(0).reason, ContainsSubstring("closed loops"));
    const auto limited = import_text(replaced(text, "\"inf\"", "4.0"), "o.json");
    REQUIRE(limited);
    CHECK_THAT(cell(limited->rows.at(0), "quality_flag"), ContainsSubstring("4.0/s, at most 2 at once"));
    const auto all_at_once =
        import_text(replaced(text, "\"max_concurrency\": 2", "\"max_concurrency\": null"), "o.json");
    REQUIRE(all_at_once);
    CHECK(cell(all_at_once->rows.at(0), "concurrency") == "4");
    const auto roomy = import_text(replaced(text, "\"max_concurrency\": 2", "\"max_concurrency\": 512"), "o.json");
    REQUIRE(roomy);
    CHECK(cell(roomy->rows.at(0), "concurrency") == "4");
    const auto failed = import_text(replaced(text, "\"num_prompts\": 4", "\"num_prompts\": 6"), "o.json");
    REQUIRE(failed);
    CHECK_THAT(cell(failed->rows.at(0), "quality_flag"), ContainsSubstring("2 of 6 requests failed"));
    const auto none = import_text(replaced(text, "\"completed\": 4", "\"completed\": 0"), "o.json");
    REQUIRE(none);
    CHECK_THAT(none->skipped.at(0).reason, ContainsSubstring("no request"));
}

TEST_CASE("Times in another unit than their key, and rates that do not fit, are mistakes") {
    const std::string text = fixture("vllm_full.json");
    CHECK_THAT(refusal(replaced(text, "\"mean_ttft_ms\": 50.0", "\"mean_ttft_ms\": 50000.0"), "t.json"),
               ContainsSubstring("t.json:1") && ContainsSubstring("longer than the whole run"));
    CHECK_THAT(refusal(replaced(text, "\"output_throughput\": 100.0", "\"output_throughput\": 0.1"), "t.json"),
               ContainsSubstring("output_throughput"));
    CHECK_THAT(refusal(replaced(text, "\"max_concurrency\": 2", "\"max_concurrency\": -2"), "t.json"),
               ContainsSubstring("max_concurrency"));
    CHECK_THAT(refusal(replaced(text, "\"tp\": \"2\"", "\"tp\": \"two\""), "t.json"),
               ContainsSubstring("'tp' is 'two'"));
    CHECK_THAT(refusal(replaced(text, "\"total_input_tokens\"", "\"total_inptu_tokens\""), "t.json"),
               ContainsSubstring("did you mean 'total_inptu_tokens'"));
}

TEST_CASE("What is told beside the files is checked") {
    Imported table = imported("vllm_full.json");
    const auto problems =
        complete_import(table, {{"tpp", "8"}, {"tp", "2.5"}, {"moe_dtype", "fp7"}, {"mean_ttft_ms", "1"}});
    REQUIRE(problems.size() == 4);
    std::string all;
    for (const auto& problem : problems) all += to_text(problem) + "\n";
    CHECK_THAT(all, ContainsSubstring("did you mean 'tp'") && ContainsSubstring("no whole number from 1 to 4096") &&
                        ContainsSubstring("no number format") &&
                        ContainsSubstring("'mean_ttft_ms' is no column that can be set"));
    CHECK(cell(table.rows[0], "tp") == "2");
}

TEST_CASE("A hostile text in a field stays in its cell") {
    const auto table =
        import_text(replaced(fixture("vllm_full.json"), "Qwen/Qwen3-30B-A3B", "a\\nb,\\\"c\\u001b[31m"), "h.json");
    REQUIRE(table);
    const std::string written = write_import(*table);
    CHECK(written.find('\x1b') == std::string::npos);
    CHECK(std::count(written.begin(), written.end(), '\n') == 2);
    CHECK(served(*table).at(0).model.find("a?b,\"c") == 0);
}
