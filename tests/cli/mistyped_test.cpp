#include "tests/cli/moeplan.h"

using namespace moeplan::test;

namespace {

struct Mistake {
    std::vector<std::string> words;
    std::string said;
};

}  // namespace

TEST_CASE("what is mistyped is told with the nearest right name", "[cli]") {
    const std::vector<Mistake> mistakes{
        {{}, "a command is missing"},
        {{"rnu", "x.yaml"}, "'rnu' is no command; did you mean 'run'?"},
        {{"frobnicate"}, "one of run, compare, check"},
        {{"--frobnicate"}, "`moeplan --help` lists them"},
        {{"run"}, "needs STUDY"},
        {{"run", "--formt", "json", "x.yaml"}, "did you mean '--format'?"},
        {{"run", "x.yaml", "--format", "jsno"}, "did you mean 'json'?"},
        {{"run", "x.yaml", "--format", "json", "--format", "csv"}, "--format: given 2 times"},
        {{"run", "x.yaml", "--set"}, "--set: expected PATH=VALUE, found nothing"},
        {{"run", "x.yaml", "--format="}, "--format: "},
        {{"run", "x.yaml", "--color", "sometimes"}, "--color: expected one of auto, always, never"},
        {{"model", "mixtral-8x7"}, "did you mean"},
        {{"model", "gpt-4"}, "OpenAI has not published its sizes"},
        {{"model", "a", "b"}, "'b' is one word too many"},
        {{"model", "mixtral-8x7b", "--precision", "fp9"}, "did you mean 'fp8'?"},
        {{"model", "mixtral-8x7b", "--context", "many"},
         "--context: expected a number from 1 to 1000000000, found 'many'"},
        {{"gpu", "h10_sxm"}, "did you mean 'h100_sxm'?"},
        {{"describe", "roting"}, "did you mean 'routings'?"},
        {{"describe", "routings", "zpif"}, "did you mean 'zipf'?"},
        {{"describe", "engines", "vlm"}, "did you mean 'vllm'?"},
        {{"completion", "bsh"}, "did you mean 'bash'?"},
        {{"validate", "servng", "x.csv"}, "did you mean 'serving'?"},
        {{"validate", "serving"}, "needs FILE"},
        {{"check", "x.yaml", "--update-baseline"}, "name it with --baseline FILE"},
        {{"run", "x.yaml", "--catalog", "/no/such/folder"}, "/no/such/folder"},
        {{"compare", "mixtral-8x7b"}, "there is no GPU to put it on"},
        {{"compare", "mixtral-8x7b@gp=2", "--gpu", "h100_sxm"}, "did you mean 'gpu'?"},
        {{"compare", "mixtrall-8x7b", "--gpu", "h100_sxm"}, "did you mean"},
        {{"compare", "mixtral-8x7b", "--gpu", "h100_smx"}, "did you mean 'h100_sxm'?"},
        {{"compare", "mixtral-8x7b", "--gpu", "h100_sxm", "--engine", "vlm"}, "did you mean 'vllm'?"},
        {{"compare", "mixtral-8x7b", "--gpu", "h100_sxm", "--objective", "usd_per_mtok_outptu"},
         "did you mean 'usd_per_mtok_output'?"},
        {{"compare", "mixtral-8x7b", "--gpu", "h100_sxm", "--benchmark", "gms8k"}, "no gms8k score"},
        {{"compare", "mixtral-8x7b", "--gpu", "h100_sxm", "--layout", "tp=3"}, "3"},
        {{"compare", "mixtral-8x7b", "--gpu", "h100_sxm", "--rate", "4"}, "--rate: "},
    };
    for (const auto& mistake : mistakes) {
        const auto result = run(mistake.words);
        INFO([&] {
            std::string line = "moeplan";
            for (const auto& word : mistake.words) line += " " + word;
            return line + "\n" + result.err;
        }());
        CHECK(result.code == 2);
        CHECK(result.out.empty());
        CHECK_THAT(result.err, ContainsSubstring(mistake.said));
        CHECK(result.err.substr(0, 7) == "error: ");
    }
}

TEST_CASE("all that is wrong with the options of compare is told at once", "[cli]") {
    const auto result =
        run({"compare", "mixtral-8x7b@count=x", "--gpu", "h100_sxm", "--isl", "0", "--skew", "99", "--price",
             "cheap", "--precision", "fp9", "--batch", "-1", "--utilisation", "2"});
    CHECK(result.code == 2);
    for (const char* option : {"mixtral-8x7b@count: ", "--isl: ", "--skew: ", "--price: ", "--precision: ",
                               "--batch: ", "--utilisation: "}) {
        CHECK_THAT(result.err, ContainsSubstring(std::string("error: ") + option));
    }
    CHECK(lines_in(result.err) == 7);
}

TEST_CASE("control characters of what was typed do not reach the terminal", "[cli]") {
    const auto result = run({"model", "\x1b[31mred\n\x07"});
    CHECK(result.code == 2);
    CHECK(lines_in(result.err) == 1);
    CHECK(result.err.find('\x1b') == std::string::npos);
    CHECK(result.err.find('\x07') == std::string::npos);
}
