// moeplan calibrate fit, evaluate and sample, and validate kernels, on excerpts of the tables in scenarios/calibration.
#include <set>

#include <nlohmann/json.hpp>

#include "tests/cli/moeplan.h"
#include "tests/trace/packed.h"

using namespace moeplan::test;
using Json = nlohmann::json;

namespace {

// The header and the first rows of one format.
std::string excerpt(const std::string& table, const std::string& format, std::size_t rows) {
    std::istringstream in(text_of(source("scenarios/calibration/" + table)));
    std::string line, out;
    std::getline(in, line);
    out = line + "\n";
    while (rows > 0 && std::getline(in, line)) {
        if (line.find("," + format + ",") == std::string::npos) continue;
        out += line + "\n";
        --rows;
    }
    REQUIRE(rows == 0);
    return out;
}

std::string gemms(std::size_t rows = 120) { return excerpt("h100_sxm-vllm-gemm.csv", "fp8", rows); }

Json json_of(const Finished& done) {
    INFO(done.err);
    REQUIRE(done.code == 0);
    return Json::parse(done.out);
}

const char* kServer =
    "model,gpu,engine,isl,osl,concurrency,tp,pp,attention_dp,moe_tp,moe_ep,gemm_dtype,moe_dtype,serving_mode,"
    "quality_flag,mean_ttft_ms,mean_tpot_ms\n"
    "meta-llama/Meta-Llama-3-8B,h100_sxm,vllm,1024,1024,4,1,1,1,1,1,bfloat16,bfloat16,agg,,30,8\n";

// Fields and ranges of a score: fractions, not percent.
void check_score(const Json& f) {
    for (const char* key : {"family", "dtype", "device"}) CHECK(f.at(key).is_string());
    for (const char* key : {"n_fit", "n_test"}) CHECK(f.at(key).is_number_unsigned());
    for (const char* key : {"mape", "median_ape", "p90_ape"}) {
        CHECK(f.at(key).get<double>() > 0);
        CHECK(f.at(key).get<double>() < 1);
    }
    CHECK(f.at("median_ape").get<double>() <= f.at("p90_ape").get<double>());
    CHECK(std::abs(f.at("bias").get<double>()) <= f.at("mape").get<double>());
    CHECK(f.at("coverage90").get<double>() > 0.5);
    CHECK(f.at("coverage90").get<double>() <= 1);
}

void refused(std::vector<std::string> words, const std::string& why) {
    const auto done = run(std::move(words));
    INFO(done.err);
    CHECK(done.code == 2);
    CHECK(done.out.empty());
    CHECK_THAT(done.err, ContainsSubstring(why));
    CHECK_THAT("\n" + done.err, ContainsSubstring("\nerror: "));
}

}  // namespace

TEST_CASE("fit writes a profile that kernels are validated with", "[cli]") {
    const Scratch scratch;
    const auto table = scratch.file("gemm.csv", gemms());
    const auto fitted =
        run({"calibrate", "fit", table, "-o", scratch.path("mine.json"), "--date", "2026-01-02", "--source", "a rack"});
    INFO(fitted.err);
    REQUIRE(fitted.code == 0);
    CHECK(fitted.out.empty());
    CHECK_THAT(fitted.err, ContainsSubstring("gemm"));
    CHECK_THAT(fitted.err, ContainsSubstring("96 fitted"));
    CHECK_THAT(fitted.err, ContainsSubstring("24 held out"));
    const Json profile = Json::parse(text_of(scratch.path("mine.json")));
    CHECK(profile.at("name") == "mine");
    CHECK(profile.at("device") == "h100_sxm");
    CHECK(profile.at("device_name") == "NVIDIA H100 80GB HBM3");
    CHECK(profile.at("engine") == "VLLM 0.24.0");
    CHECK(profile.at("source") == "a rack");
    CHECK(profile.at("date") == "2026-01-02");
    REQUIRE(profile.at("families").size() == 1);
    CHECK(profile.at("families")[0].at("format") == "fp8");

    const Json scores =
        json_of(run({"validate", "kernels", table, "--profile", scratch.path("mine.json"), "--format", "json"}));
    REQUIRE(scores.at("families").size() == 1);
    const Json& f = scores.at("families")[0];
    check_score(f);
    CHECK(f.at("family") == "gemm");
    CHECK(f.at("dtype") == "fp8");
    CHECK(f.at("n_test") == 120);
    CHECK(f.at("mape").get<double>() < 0.1);
    CHECK(f.at("roofline_mape").get<double>() > f.at("mape").get<double>());
    CHECK_THAT(scores.at("method").get<std::string>(), ContainsSubstring("mine"));
}

TEST_CASE("the same fit writes the same bytes, in a study it answers by name of its file", "[cli]") {
    const Scratch scratch;
    const auto table = scratch.file("gemm.csv", gemms());
    for (const char* name : {"a", "b"}) {
        REQUIRE(run({"calibrate", "fit", table, "--name", "same", "--date", "2026-01-02", "-o",
                     scratch.path(std::string(name) + ".json")})
                    .code == 0);
    }
    CHECK((text_of(scratch.path("a.json")) == text_of(scratch.path("b.json"))));
    scratch.file(
        "study.yaml",
        "candidates: [{name: a, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm, precision: fp8, profile: a.json}]\n");
    const auto answered = run({"run", scratch.path("study.yaml")});
    INFO(answered.err);
    CHECK(answered.code == 0);
    CHECK_THAT(answered.out, ContainsSubstring("profile same"));
    scratch.file("study.yaml",
                 "candidates: [{name: a, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm, profile: gone.json}]\n");
    refused({"run", scratch.path("study.yaml")}, "gone.json");
}

TEST_CASE("several tables of one device become one profile, with another one's to start from", "[cli]") {
    const Scratch scratch;
    const auto gemm = scratch.file("h100_sxm-gemm.csv", gemms(40));
    const auto moe = scratch.file("h100_sxm-moe.csv", excerpt("h100_sxm-vllm-moe.csv", "bfloat16", 40));
    const auto done = run(
        {"calibrate", "fit", gemm, moe, "--prior", "h200_sxm-vllm", "-o", scratch.path("p.json"), "--gpu", "h100_sxm"});
    INFO(done.err);
    REQUIRE(done.code == 0);
    const Json profile = Json::parse(text_of(scratch.path("p.json")));
    std::set<std::string> families;
    for (const Json& f : profile.at("families")) {
        families.insert(f.at("family"));
        CHECK(f.at("inherited").size() == 1);
    }
    CHECK(families == std::set<std::string>{"gemm", "moe_ffn"});
}

TEST_CASE("evaluate scores by row and by shape, as fractions", "[cli]") {
    const Scratch scratch;
    const auto table = scratch.file("gemm.csv", gemms(200));
    const auto scores = [&](const std::string& split) {
        return json_of(run({"calibrate", "evaluate", table, "--probes", "80", "--split", split, "--format", "json"}));
    };
    const Json row = scores("row"), shape = scores("shape");
    for (const Json* j : {&row, &shape}) {
        REQUIRE(j->at("families").size() == 1);
        const Json& f = j->at("families")[0];
        check_score(f);
        CHECK(f.at("family") == "gemm");
        CHECK(f.at("dtype") == "fp8");
        CHECK(f.at("device") == "h100_sxm");
        CHECK(f.at("n_fit") == 80);
        CHECK_FALSE(f.contains("roofline_mape"));
    }
    CHECK(row.at("families")[0].at("n_test") == 120);
    CHECK(shape.at("families")[0].at("n_test").get<int>() < 80);
    CHECK(scores("row") == row);
    CHECK_THAT(row.at("method").get<std::string>(), ContainsSubstring("by row"));
    CHECK_THAT(shape.at("method").get<std::string>(), ContainsSubstring("by shape"));
}

TEST_CASE("evaluate writes a table, and to a file", "[cli]") {
    const Scratch scratch;
    const auto table = scratch.file("gemm.csv", gemms(60));
    const auto shown = run({"calibrate", "evaluate", table, "--probes", "30"});
    INFO(shown.err);
    CHECK(shown.code == 0);
    for (const char* word : {"gemm", "MAPE", "in interval", "90 %", "fp8"}) CHECK_THAT(shown.out, ContainsSubstring(word));
    const auto kept =
        run({"calibrate", "evaluate", table, "--probes", "30", "--format", "md", "-o", scratch.path("scores.md")});
    CHECK(kept.code == 0);
    CHECK(kept.out.empty());
    CHECK_THAT(text_of(scratch.path("scores.md")), ContainsSubstring("| gemm | fp8 |"));
}

TEST_CASE("sample keeps some rows, which fit as a table does", "[cli]") {
    const Scratch scratch;
    const auto table = scratch.file("gemm.csv", gemms(100));
    const auto few = run({"calibrate", "sample", table, "--probes", "20"});
    INFO(few.err);
    CHECK(few.code == 0);
    CHECK(lines_in(few.out) == 21);
    CHECK_THAT(few.out.substr(0, few.out.find('\n')), ContainsSubstring(",chosen"));
    CHECK(run({"calibrate", "sample", table, "--probes", "20"}).out == few.out);
    CHECK(run({"calibrate", "sample", table, "--probes", "20", "--seed", "2"}).out != few.out);
    const auto sample = scratch.file("few.csv", few.out);
    const auto fitted = run({"calibrate", "fit", sample, "-o", scratch.path("p.json")});
    INFO(fitted.err);
    CHECK(fitted.code == 0);
    CHECK_THAT(fitted.err, ContainsSubstring("16 fitted"));
}

TEST_CASE("rows a profile knows nothing of are counted", "[cli]") {
    const Scratch scratch;
    const auto table = scratch.file("h100_sxm-moe.csv", excerpt("h100_sxm-vllm-moe.csv", "bfloat16", 12));
    REQUIRE(run({"calibrate", "fit", scratch.file("gemm.csv", gemms(40)), "-o", scratch.path("p.json")}).code == 0);
    const Json scores =
        json_of(run({"validate", "kernels", table, "--profile", scratch.path("p.json"), "--format", "json"}));
    CHECK(scores.at("families").empty());
    REQUIRE(scores.at("skipped").size() == 1);
    CHECK(scores.at("skipped")[0].at("n") == 12);
    CHECK_THAT(scores.at("skipped")[0].at("reason").get<std::string>(), ContainsSubstring("moe_ffn bf16"));
}

TEST_CASE("tables that cannot be fitted are refused with the reason", "[cli]") {
    const Scratch scratch;
    const auto table = scratch.file("gemm.csv", gemms(40));
    refused({"calibrate", "fit", table}, "--output: is needed");
    refused({"calibrate", "fit", "-o", scratch.path("p.json")}, "needs a file");
    refused({"calibrate", "fit", table, "--gpu", "h100_sxn", "-o", scratch.path("p.json")}, "did you mean 'h100_sxm'?");
    refused({"calibrate", "fit", scratch.path("gone.csv"), "-o", scratch.path("p.json")}, "gone.csv");
    refused({"calibrate", "fit", table, "--prior", "h200-vlm", "-o", scratch.path("p.json")}, "is not a known profile");
    refused({"calibrate", "fit", table, "--prior", scratch.path("gone.json"), "-o", scratch.path("p.json")},
            "gone.json");
    refused({"calibrate", "fit", table, "-o", scratch.path("no/such/folder/p.json")}, "p.json");
    refused({"calibrate", "fit", scratch.file("text.csv", "a,b\n1,2\n"), "-o", scratch.path("p.json")}, "text.csv");
    refused({"calibrate", "fit", scratch.file("few.csv", gemms(5)), "-o", scratch.path("p.json")},
            "gemm fp8: 5 measurements, 8 are needed");
    const auto other = scratch.file("a100.csv", excerpt("a100_sxm-vllm-gemm.csv", "bfloat16", 10));
    refused({"calibrate", "fit", table, other, "-o", scratch.path("p.json")}, "a profile is of one device");
    refused({"calibrate", "evaluate", table, "--probes", "4"}, "--probes");
    refused({"calibrate", "evaluate", table, "--split", "model"}, "--split");
    refused({"calibrate", "evaluate", table, "--budget", "5m"}, "is no option of `moeplan calibrate evaluate`");
    refused({"calibrate", "sample", scratch.path("gone.csv")}, "gone.csv");
    refused({"calibrate", "sample", table, table}, "one word too many");
    refused({"validate", "kernels", table, "--profile", "h100-vlm"}, "is not a known profile");
    refused({"validate", "kernels", table, "--gpu", "h100_sxn"}, "did you mean 'h100_sxm'?");
    refused({"validate", "kernels", scratch.path("gone.csv")}, "gone.csv");
    const auto servers = scratch.file("servers.csv", kServer);
    refused({"validate", "serving", servers, "--profile", "h100_sxm-vlm"}, "did you mean 'h100_sxm-vllm'?");
    refused({"validate", "serving", servers, "--profile", scratch.path("gone.json")}, "gone.json");
    CHECK_FALSE(std::filesystem::exists(scratch.path("p.json")));
}

TEST_CASE("what cannot be read is told, not guessed", "[cli]") {
    const Scratch scratch;
    std::string text = gemms(40);
    for (std::size_t at = 0; (at = text.find(",fp8,", at)) != std::string::npos;) text.replace(at, 5, ",fp9,");
    const auto unknown = scratch.file("h100_sxm-gemm.csv", text);
    for (const char* command : {"fit", "evaluate"}) {
        std::vector<std::string> words{"calibrate", command, unknown};
        if (std::string(command) == "fit") words.insert(words.end(), {"-o", scratch.path("p.json")});
        refused(words, "no row can be used (40 rows: number format 'fp9' is not known)");
    }
    refused({"validate", "kernels", unknown}, "no row can be used");
    refused({"validate", "kernels", scratch.file("none.csv", gemms(1).substr(0, gemms(1).find('\n') + 1))}, "there are no rows under the header");
    const auto table = scratch.file("gemm.csv", gemms(40));
    refused({"validate", "kernels", table, "--engine", "vllm"}, "--engine: validate kernels does not know it");
    refused({"validate", "kernels", table, "--model", "mixtral"}, "--model: validate kernels does not know it");
    std::string nameless = gemms(40);
    for (std::size_t at = 0; (at = nameless.find("NVIDIA H100 80GB HBM3", at)) != std::string::npos;) nameless.erase(at, 21);
    refused({"validate", "kernels", scratch.file("nameless.csv", nameless), "--gpu", "l40s"}, "--profile borrowed");
}

TEST_CASE("no output goes over what a command reads", "[cli]") {
    const Scratch scratch;
    const auto table = scratch.file("gemm.csv", gemms(40));
    const std::string before = text_of(table);
    for (const std::vector<std::string>& words : {std::vector<std::string>{"calibrate", "fit", table, "-o", table},
                                                  {"calibrate", "evaluate", table, "--probes", "20", "-o", table},
                                                  {"calibrate", "sample", table, "-o", scratch.path("./gemm.csv")},
                                                  {"calibrate", "import", table, "-o", table},
                                                  {"validate", "kernels", table, "-o", table}}) {
        INFO(words[1]);
        refused(words, "is read by this command and would be overwritten");
        CHECK(text_of(table) == before);
    }
    const auto servers = scratch.file("servers.csv", kServer);
    refused({"validate", "serving", servers, "--rows", servers}, "would be overwritten");
    CHECK(text_of(servers) == kServer);
    // What is there and nobody reads may be replaced.
    const auto old = scratch.file("old.json", "{}");
    CHECK(run({"calibrate", "fit", table, "-o", old}).code == 0);
}

TEST_CASE("servers are predicted with the profile asked for, and with engine terms fitted to them", "[cli]") {
    const Scratch scratch;
    const auto servers = scratch.file("servers.csv", kServer);
    const auto tpot = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"validate", "serving", servers, "--format", "json"});
        return json_of(run(more)).at("tpot").at("mape").get<double>();
    };
    CHECK(tpot({"--profile", "h100_sxm-vllm"}) == tpot({}));
    CHECK(tpot({"--profile", "none"}) != tpot({}));
    CHECK(tpot({"--fit-engines", "all"}) < tpot({}));
    // The only group is fitted on: nothing is left to score.
    const auto half = run({"validate", "serving", servers, "--format", "json", "--fit-engines", "even"});
    CHECK(json_of(half).at("n") == 0);
    CHECK_THAT(half.err, ContainsSubstring("fitted on meta-llama/Meta-Llama-3-8B, h100_sxm, vllm"));
}

TEST_CASE("a GPU without a name in the table is taken from the file's or told", "[cli]") {
    const Scratch scratch;
    std::string text = gemms(40);
    for (std::size_t at = 0; (at = text.find("NVIDIA H100 80GB HBM3", at)) != std::string::npos;)
        text.replace(at, 21, "some accelerator");
    refused({"calibrate", "fit", scratch.file("gemm.csv", text), "-o", scratch.path("p.json")},
            "'some accelerator' is not in the catalog of GPUs");
    CHECK(run({"calibrate", "fit", scratch.file("gemm.csv", text), "--gpu", "h100_sxm", "-o", scratch.path("p.json")})
              .code == 0);
    CHECK(run({"calibrate", "fit", scratch.file("h100_sxm-gemm.csv", text), "-o", scratch.path("q.json")}).code == 0);
}

TEST_CASE("the device of a table's column decides", "[cli]") {
    const Scratch scratch;
    const auto named = scratch.file("b200_sxm-gemm.csv", gemms(40));   // measured on H100
    const auto done = run({"calibrate", "fit", named, "-o", scratch.path("p.json")});
    INFO(done.err);
    REQUIRE(done.code == 0);
    CHECK_THAT(done.err, ContainsSubstring("note: ") && ContainsSubstring("is named after b200_sxm, but was measured on 'NVIDIA H100 80GB HBM3': taken for h100_sxm"));
    CHECK(Json::parse(text_of(scratch.path("p.json"))).at("device") == "h100_sxm");
    refused({"calibrate", "fit", named, "--gpu", "b200_sxm", "-o", scratch.path("q.json")}, "--gpu: is b200_sxm, but ");
    refused({"calibrate", "evaluate", named, "--gpu", "b200_sxm"}, "which is h100_sxm");
    CHECK_FALSE(std::filesystem::exists(scratch.path("q.json")));
    // What the column leaves open, the file's name or --gpu decides.
    std::string open = gemms(40);
    for (std::size_t at = 0; (at = open.find("NVIDIA H100 80GB HBM3", at)) != std::string::npos;) open.replace(at, 21, "NVIDIA H100");
    REQUIRE(run({"calibrate", "fit", scratch.file("h100_pcie-gemm.csv", open), "-o", scratch.path("r.json")}).code == 0);
    CHECK(Json::parse(text_of(scratch.path("r.json"))).at("device") == "h100_pcie");
    REQUIRE(run({"calibrate", "fit", scratch.file("gemm.csv", open), "--gpu", "h100_pcie", "-o", scratch.path("s.json")}).code == 0);
    CHECK(Json::parse(text_of(scratch.path("s.json"))).at("device") == "h100_pcie");
}

TEST_CASE("a profile is of one engine; collectives may be another program's", "[cli]") {
    const Scratch scratch;
    const auto vllm = scratch.file("gemm.csv", gemms(40));
    const auto trt = scratch.file("moe.csv", excerpt("h100_sxm-trtllm-moe.csv", "bfloat16", 20));
    refused({"calibrate", "fit", vllm, trt, "-o", scratch.path("p.json")}, "a profile is of one engine");
    const auto nccl = scratch.file("nccl.csv", excerpt("h100_sxm-nccl.csv", "half", 20));
    for (const auto& files : {std::vector<std::string>{vllm, nccl}, {nccl, vllm}}) {
        const auto done = run({"calibrate", "fit", files[0], files[1], "-o", scratch.path("p.json")});
        INFO(done.err);
        REQUIRE(done.code == 0);
        CHECK(Json::parse(text_of(scratch.path("p.json"))).at("engine") == "VLLM 0.24.0");
    }
}

TEST_CASE("rows that are not used are counted with the reason", "[cli]") {
    const Scratch scratch;
    std::string text = gemms(60);
    for (std::size_t at = 0, n = 0; n < 12 && (at = text.find(",fp8,", at)) != std::string::npos; ++n) text.replace(at, 5, ",bf17,");
    const auto odd = scratch.file("gemm.csv", text);
    const auto fitted = run({"calibrate", "fit", odd, odd, "-o", scratch.path("p.json")});
    CHECK(fitted.code == 0);
    CHECK_THAT(fitted.err, ContainsSubstring("note: 24 left out: number format 'bf17' is not known"));
    const auto few = run({"calibrate", "sample", odd, "--probes", "10"});
    CHECK(few.code == 0);
    CHECK_THAT(few.err, ContainsSubstring("note: 12 left out: number format 'bf17' is not known"));
}

TEST_CASE("a profile goes to standard output and is read under any name", "[cli]") {
    const Scratch scratch;
    const auto table = scratch.file("gemm.csv", gemms(40));
    Started start = program({"calibrate", "fit", table, "-o", "-"});
    start.folder = scratch.path("");
    const auto printed = run_program(start);
    INFO(printed.err);
    REQUIRE(printed.code == 0);
    CHECK(Json::parse(printed.out).at("name") == "moeplan-profile");
    CHECK_FALSE(std::filesystem::exists(scratch.path("-")));
    REQUIRE(run({"calibrate", "fit", table, "-o", scratch.path("h100.sxm")}).code == 0);
    CHECK(Json::parse(text_of(scratch.path("h100.sxm"))).at("name") == "h100.sxm");
    CHECK(run({"validate", "kernels", table, "--profile", scratch.path("h100.sxm")}).code == 0);
    CHECK(run({"calibrate", "report", scratch.path("h100.sxm")}).code == 0);
}

TEST_CASE("what is no file is told as that", "[cli]") {
    const Scratch scratch;
    const auto table = scratch.file("gemm.csv", gemms(40));
    const std::string folder = scratch.path("");
    REQUIRE(run({"calibrate", "fit", table, "-o", scratch.path("p.json")}).code == 0);
    refused({"calibrate", "report", scratch.path("p.json"), scratch.path("nosuch.jsonl")}, "nosuch.jsonl: is not there");
    refused({"calibrate", "report", "nosuch.json"}, "nosuch.json: is not there");
    refused({"calibrate", "report", "h100_sxm-vlm"}, "did you mean 'h100_sxm-vllm'?");
    refused({"calibrate", "report", folder}, "is a folder");
    refused({"calibrate", "fit", folder, "-o", scratch.path("q.json")}, "is a folder; expected a table of measured kernels");
    refused({"calibrate", "sample", folder}, "is a folder");
    refused({"validate", "kernels", table, "--profile", folder}, "is a folder; expected a profile");
}

TEST_CASE("a table of kernels is read whatever separates it and however it is packed") {
    Scratch scratch;
    const std::string plain = gemms(60);
    const auto separated = [&](char by) {
        std::string text = plain;
        std::ranges::replace(text, ',', by);
        return text;
    };
    const std::string all = "h100_sxm-";
    const auto scores = [&](const std::string& file) { return json_of(run({"calibrate", "evaluate", file, "--probes", "30", "--format", "json"})).at("families"); };
    const auto imported = [&](const std::string& file) {
        const auto done = run({"calibrate", "import", file});
        INFO(done.err);
        CHECK(done.code == 0);
        std::string text = done.out;   // rows end in the file they are from
        for (std::size_t at = 0; (at = text.find(file)) != std::string::npos;) text.replace(at, file.size(), "FILE");
        return text;
    };
    const std::string first = scratch.file(all + "a.csv", plain);
    const Json wanted = scores(first);
    const std::string rows = imported(first);
    for (const auto& [name, text] : std::vector<std::pair<std::string, std::string>>{{"b.csv", separated(';')},
                                                                                    {"c.tsv", separated('\t')},
                                                                                    {"d.csv.gz", moeplan::gzipped(plain)},
                                                                                    {"e.csv.zst", moeplan::zstd_packed(separated(';'))}}) {
        CAPTURE(name);
        const std::string file = scratch.file(all + name, text);
        CHECK(scores(file) == wanted);
        CHECK(imported(file) == rows);
    }
    refused({"calibrate", "evaluate", scratch.file("cut.csv.gz", moeplan::gzipped(plain).substr(0, 200))}, "cut short");
    refused({"calibrate", "sample", scratch.file("s.csv.gz", moeplan::gzipped(plain))}, "is packed by gzip or zstd");
}
