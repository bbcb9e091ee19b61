// Content of any kind: told apart, refused in words, never a crash.
#include "core/calibrate/import_record.h"
#include "tests/calibrate/import_support.h"

using namespace moeplan;

TEST_CASE("The kind of a file is told by its content") {
    CHECK(import_kind_of(fixture("kernels_example.csv")) == ImportKind::kernel_table);
    CHECK(import_kind_of("\xEF\xBB\xBF" + fixture("kernels_example.csv")) == ImportKind::kernel_table);
    CHECK(import_kind_of(fixture("llama_bench_example.json")) == ImportKind::llama_bench);
    CHECK(import_kind_of(fixture("llama_bench_example.csv")) == ImportKind::llama_bench);
    CHECK(import_kind_of(fixture("vllm_full.json")) == ImportKind::vllm_bench);
    CHECK(import_kind_of(fixture("vllm_reduced.json")) == ImportKind::vllm_bench);
    CHECK(import_kind_of(fixture("nccl_all_reduce.txt")) == ImportKind::nccl_tests);
    CHECK(import_kind_of(fixture("nccl_alltoall.txt")) == ImportKind::nccl_tests);
    for (const char* other : {"", " \n\t", "hello", "{}", "[]", "a,b\n1,2\n",
                              "\x7f"
                              "ELF\x02"})
        CHECK_FALSE(import_kind_of(other));
    for (const ImportKind kind : all_import_kinds()) CHECK(import_kind_named(name_of(kind)) == kind);
}

TEST_CASE("Unknown content is answered with what is understood") {
    const std::string said = refusal("name,value\nx,1\n", "x.csv");
    for (const std::string& name : import_kind_names()) CHECK_THAT(said, ContainsSubstring("(" + name + ")"));
    CHECK_THAT(refusal("", "x.csv"), ContainsSubstring("the file is empty"));
    CHECK_THAT(refusal("| model | size |\n| --- | --- |\n", "x.md"), ContainsSubstring("-o json"));
}

TEST_CASE("Every kind refuses every other kind's file, and each of its own cut anywhere, in words") {
    const std::vector<std::pair<std::string, ImportKind>> files{{"kernels_example.csv", ImportKind::kernel_table},
                                                                {"llama_bench_example.json", ImportKind::llama_bench},
                                                                {"llama_bench_example.csv", ImportKind::llama_bench},
                                                                {"vllm_full.json", ImportKind::vllm_bench},
                                                                {"nccl_all_reduce.txt", ImportKind::nccl_tests}};
    for (const auto& [name, own] : files) {
        const std::string text = fixture(name);
        for (const ImportKind kind : all_import_kinds()) {
            if (kind != own) CHECK_FALSE(import_text(text, name, kind));
            for (const auto& problem : import_text("", name, kind) ? Problems{} : import_text("", name, kind).error())
                CHECK_THAT(problem.where, ContainsSubstring(name));
            CHECK_FALSE(import_text("", name, kind));
        }
        for (std::size_t cut = 0; cut < text.size(); cut += 7) {
            const auto result = import_text(text.substr(0, cut), name, own);
            if (result) continue;
            REQUIRE_FALSE(result.error().empty());
            CHECK_THAT(result.error().front().where, ContainsSubstring(name));
            CHECK_FALSE(result.error().front().what.empty());
        }
    }
}

TEST_CASE("A JSON file cut short says where what is open begins") {
    const std::string text = fixture("llama_bench_example.json");
    CHECK_THAT(refusal(text.substr(0, text.size() - 40), "c.json"),
               ContainsSubstring("c.json:29") && ContainsSubstring("cut short"));
    CHECK_THAT(refusal(text.substr(0, text.rfind(']')), "c.json"),
               ContainsSubstring("c.json:1") && ContainsSubstring("cut short"));
    CHECK_THAT(refusal(replaced(text, "\"n_threads\": 8,", "\"n_threads\": ,"), "c.json"),
               ContainsSubstring("c.json:14") && ContainsSubstring("not JSON"));
    CHECK_THAT(refusal(text + "warning: slow\n", "c.json"),
               ContainsSubstring("c.json:57") && ContainsSubstring("no JSON object"));
}

TEST_CASE("Depth, size and odd bytes are bounded") {
    const std::string deep(100000, '[');
    CHECK_THAT(refusal("{\"avg_ns\":" + deep, "d.json", ImportKind::llama_bench), ContainsSubstring("brackets"));
    std::string nested = "{\"completed\":4,\"total_output_tokens\":1,\"x\":";
    for (int i = 0; i < 50; ++i) nested += "[";
    for (int i = 0; i < 50; ++i) nested += "]";
    CHECK_THAT(refusal(nested + "}", "n.json"), ContainsSubstring("total_input_tokens"));
    CHECK_FALSE(import_text("{\"avg_ns\":\"\xff\xfe\",\"n_gen\":1}", "b.json", ImportKind::llama_bench));
    CHECK_FALSE(import_text("{\"a\":1}}}}}", "b.json", ImportKind::vllm_bench));
    CHECK_FALSE(import_text("{\"a\":\"unclosed", "b.json", ImportKind::vllm_bench));
    const std::string long_line = "op_name,latency\n" + std::string(2u << 20, 'x') + "\n";
    CHECK_THAT(refusal(long_line, "l.csv"), ContainsSubstring("l.csv:2") && ContainsSubstring("longer than 1 MiB"));
}

TEST_CASE("Records hold the scalars of the top level only") {
    const auto records = read_json_records(
        R"({"a": 1.50, "b": "x", "c": true, "d": null, "e": NaN, "f": {"a": 9}, "g": [1, {"b": 2}], "a2": -Infinity})",
        "r.json");
    REQUIRE(records);
    REQUIRE(records->size() == 1);
    const Record& r = records->front();
    CHECK(r.text("a") == "1.50");
    CHECK(r.number("a") == 1.5);
    CHECK(r.text("b") == "x");
    CHECK(r.text("c") == "true");
    CHECK(r.fields.size() == 3);
}
