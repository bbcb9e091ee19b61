// Lines from programs that are broken, hostile, or nearly right.

#include "gpu/protocol/protocol.h"
#include "tests/protocol/random_kernel.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

std::string request_problems(std::string_view line) {
    const auto read = read_request(line);
    REQUIRE_FALSE(read.has_value());
    std::string text;
    for (const Problem& problem : read.error()) text += to_text(problem) + "\n";
    return text;
}

std::string reply_problems(std::string_view line) {
    const auto read = read_reply(line);
    REQUIRE_FALSE(read.has_value());
    std::string text;
    for (const Problem& problem : read.error()) text += to_text(problem) + "\n";
    return text;
}

std::string hello_problems(std::string_view line) {
    const auto read = read_hello(line);
    REQUIRE_FALSE(read.has_value());
    std::string text;
    for (const Problem& problem : read.error()) text += to_text(problem) + "\n";
    return text;
}

}  // namespace

TEST_CASE("what is no JSON object is refused with its beginning") {
    REQUIRE_THAT(reply_problems("Segmentation fault"),
                 ContainsSubstring("expected one JSON object, found 'Segmentation fault'"));
    REQUIRE_THAT(reply_problems(""), ContainsSubstring("expected one JSON object"));
    REQUIRE_THAT(reply_problems("[1,2]"), ContainsSubstring("expected a JSON object, found a list of 2"));
    REQUIRE_THAT(request_problems("{\"id\":7"), ContainsSubstring("expected one JSON object"));
    REQUIRE_THAT(hello_problems(std::string(5, '\0')), ContainsSubstring("expected one JSON object"));
}

TEST_CASE("deep nesting and long lines are refused before they are parsed") {
    const std::string deep = std::string(1'000'000, '[');
    REQUIRE_THAT(reply_problems(deep), ContainsSubstring("nested 1000000 deep; at most 8"));
    const std::string longest = "{\"id\":1,\"x\":\"" + std::string(kLongestProbeLine, 'x') + "\"}";
    REQUIRE_THAT(reply_problems(longest), ContainsSubstring("at most 16777216 are read"));
    REQUIRE_FALSE(request_id(deep).has_value());
}

TEST_CASE("missing and mistyped keys are all named") {
    const std::string text = request_problems(R"({"op":"gemm","dtype":7,"m":"8","n":1.5})");
    REQUIRE_THAT(text, ContainsSubstring("'id' is missing; expected a whole number"));
    REQUIRE_THAT(text, ContainsSubstring("'m' is '8'; expected a whole number"));
    REQUIRE_THAT(text, ContainsSubstring("'n' is 1.5; expected a whole number"));
    REQUIRE_THAT(text, ContainsSubstring("'k' is missing"));
    REQUIRE_THAT(text, ContainsSubstring("'dtype' is 7; expected a text"));
}

TEST_CASE("unknown names come with the nearest right one") {
    REQUIRE_THAT(request_problems(R"({"id":1,"op":"moe_fnn"})"), ContainsSubstring("did you mean 'moe_ffn'?"));
    REQUIRE_THAT(request_problems(R"({"id":1,"op":"gemm","dtype":"bf61","m":1,"n":1,"k":1})"),
                 ContainsSubstring("did you mean 'bf16'?"));
    REQUIRE_THAT(request_problems(R"({"id":1,"op":"copy","bytes":8,"byte":8})"),
                 ContainsSubstring("unknown key 'byte'"));
    REQUIRE_THAT(request_problems(R"({"id":1,"op":"collective","kind":"all_reduce","ranks":2,"bytes":8})"),
                 ContainsSubstring("did you mean 'all-reduce'?"));
    REQUIRE_THAT(reply_problems(R"({"id":1,"status":"OK","samples_us":[1]})"), ContainsSubstring("did you mean 'ok'?"));
}

TEST_CASE("ops of a newer worker are left out by name, the others are used") {
    const auto hello = read_hello(R"({"moeplan_probe":1,"device":"x","memory_bytes":1,"ops":{"gemm":["bf16"],"sca\u001b[31mn":[],"gem":{}}})");
    REQUIRE(hello);
    REQUIRE(hello->ops.size() == 1);
    REQUIRE(hello->unknown_ops == std::vector<std::string>{"gem", "sca?[31mn"});
}

TEST_CASE("sizes no worker can run are refused by the reader") {
    REQUIRE_THAT(request_problems(R"({"id":1,"op":"gemm","dtype":"bf16","m":0,"n":1,"k":1})"),
                 ContainsSubstring("m is 0"));
    REQUIRE_THAT(request_problems(R"({"id":1,"op":"gemm","dtype":"bf16","m":18446744073709551615,"n":1,"k":1})"),
                 ContainsSubstring("expected a whole number"));
    REQUIRE_THAT(
        request_problems(
            R"({"id":1,"op":"moe_ffn","dtype":"bf16","tokens":4,"hidden":8,"inter":8,"experts":3,"top_k":2,"gated":true,"loads":[4,4]})"),
        ContainsSubstring("'loads' has 2 entries for 3 experts"));
    REQUIRE_THAT(
        request_problems(
            R"({"id":1,"op":"moe_ffn","dtype":"bf16","tokens":4,"hidden":8,"inter":8,"experts":2,"top_k":2,"gated":true,"loads":[4,"4"]})"),
        ContainsSubstring("loads[1]"));
}

TEST_CASE("limits outside what a worker may be told are refused") {
    const auto with = [](const std::string& limits) {
        return R"({"id":1,"op":"copy","bytes":8,"limits":)" + limits + "}";
    };
    REQUIRE(read_request(with("{}")).has_value());
    REQUIRE(read_request(with(R"({"seconds":0.5})"))->value().limits.samples == ProbeLimits{}.samples);
    REQUIRE_THAT(request_problems(with(R"({"samples":0})")), ContainsSubstring("'samples' is 0"));
    REQUIRE_THAT(request_problems(with(R"({"seconds":0})")), ContainsSubstring("'seconds' is 0"));
    REQUIRE_THAT(request_problems(with(R"({"seconds":1e9})")), ContainsSubstring("at most 3600"));
    REQUIRE_THAT(request_problems(with(R"({"error":-1})")), ContainsSubstring("'error' is -1"));
    REQUIRE_THAT(request_problems(with(R"({"seconds":NaN})")), ContainsSubstring("expected one JSON object"));
    REQUIRE_THAT(request_problems(with("3")), ContainsSubstring("'limits' is 3; expected an object"));
    REQUIRE_THAT(request_problems(with(R"({"sample":3})")), ContainsSubstring("did you mean 'samples'?"));
}

TEST_CASE("samples must be positive finite numbers and an ok reply has some") {
    REQUIRE_THAT(reply_problems(R"({"id":1,"status":"ok","samples_us":[]})"), ContainsSubstring("is empty"));
    REQUIRE_THAT(reply_problems(R"({"id":1,"status":"ok"})"), ContainsSubstring("'samples_us' is missing"));
    REQUIRE_THAT(reply_problems(R"({"id":1,"status":"ok","samples_us":[1,0]})"), ContainsSubstring("samples_us[1]"));
    REQUIRE_THAT(reply_problems(R"({"id":1,"status":"ok","samples_us":[-1]})"), ContainsSubstring("samples_us[0]"));
    REQUIRE_THAT(reply_problems(R"({"id":1,"status":"ok","samples_us":[NaN]})"),
                 ContainsSubstring("expected one JSON object"));
    REQUIRE_THAT(reply_problems(R"({"id":1,"status":"ok","samples_us":[1e999]})"),
                 ContainsSubstring("expected one JSON object"));
    REQUIRE_THAT(reply_problems(R"({"id":1,"status":"ok","samples_us":3})"), ContainsSubstring("expected a list"));
    REQUIRE_THAT(reply_problems(R"({"id":1,"status":"ok","samples_us":[1,1e13]})"), ContainsSubstring("'samples_us' has 1e+13; expected microseconds from 1e-09 to 1e+12"));
    REQUIRE_THAT(reply_problems(R"({"id":1,"status":"ok","samples_us":[1e-12]})"), ContainsSubstring("'samples_us' has 1e-12"));
}

TEST_CASE("a hello of another version or of another program is refused") {
    REQUIRE_THAT(hello_problems(R"({"moeplan_probe":2,"new":"things"})"),
                 ContainsSubstring("the worker speaks version 2; expected 1"));
    REQUIRE_THAT(hello_problems(R"({"hello":"world"})"), ContainsSubstring("'moeplan_probe' is missing"));
    REQUIRE_THAT(
        hello_problems(R"({"moeplan_probe":1,"device":"x","memory_bytes":-1,"ops":{"gemm":"bf16"},"devices":0})"),
        ContainsSubstring("ops.gemm"));
}

TEST_CASE("a worker may say more than is asked, a request may not") {
    REQUIRE(read_reply(R"({"id":1,"status":"ok","samples_us":[1],"temperature":70})").has_value());
    REQUIRE(read_hello(R"({"moeplan_probe":1,"device":"x","memory_bytes":1,"ops":{},"fans":3})").has_value());
    REQUIRE_THAT(request_problems(R"({"id":1,"op":"copy","bytes":8,"flush":true})"),
                 ContainsSubstring("unknown key 'flush'"));
    REQUIRE_THAT(request_problems(R"({"quit":false})"), ContainsSubstring("'quit' is false"));
}

TEST_CASE("the id of a refused request is found when it has one") {
    REQUIRE(request_id(R"({"id":9,"op":"nonsense"})") == 9);
    REQUIRE_FALSE(request_id(R"({"op":"copy"})").has_value());
    REQUIRE_FALSE(request_id("garbage").has_value());
}

TEST_CASE("a request cut short or with a byte changed is read or refused, never worse") {
    RandomKernels random(5);
    std::size_t refused = 0;
    for (const KernelFamily family : all_kernel_families()) {
        for (int i = 0; i < 20; ++i) {
            const std::string line = write_request({1, random.of(family), {}});
            for (std::size_t cut = 0; cut < line.size(); cut += 7) {
                refused += read_request(std::string_view(line).substr(0, cut)).has_value() ? 0U : 1U;
                std::string changed = line;
                changed[cut] = static_cast<char>(random.from(0, 255));
                const auto read = read_request(changed);
                if (read && *read) REQUIRE(check_kernel((*read)->kernel).empty());
            }
        }
    }
    REQUIRE(refused > 1000);
}
