// Probes of every family, what is refused and why, and how the worker talks.

#include "gpu/cpu/probe.h"

#include <sstream>

#include "gpu/cpu/machine.h"
#include "gpu/cpu/program.h"
#include "gpu/protocol/serve.h"
#include "tests/probe_cpu/reference.h"

using namespace moeplan;
using namespace moeplan::cpu;

namespace {

const ProbeLimits kQuick{3, 0.2, 0.5};

std::vector<Kernel> small_kernels() {
    using F = NumberFormat;
    std::vector<Kernel> all{RouterKernel{9, 16, 2},
                            PermuteKernel{false, 9, 24, 2, 16},
                            PermuteKernel{true, 9, 24, 2, 16},
                            ActivationKernel{5, 33},
                            CopyKernel{1 << 20},
                            LaunchKernel{50, false},
                            AttentionKernel{true, 2, 1, 40, 4, 2, 16, 16, 0, F::bf16, F::bf16},
                            AttentionKernel{false, 1, 20, 8, 4, 2, 16, 16, 12, F::fp32, F::fp32}};
    const WorkerHello hello = describe_worker();
    for (const std::string& format : hello.ops.at(KernelFamily::gemm)) {
        const F f = *number_format_named(format);
        all.emplace_back(GemmKernel{4, 256, 512, f});
        all.emplace_back(ExpertKernel{6, 128, 256, 2, true, f, {6, 0, 3, 2, 1, 0}});
    }
    return all;
}

std::string talk(const std::string& input) {
    std::istringstream in(input);
    std::ostringstream out;
    serve(in, out, describe_worker(), answer);
    return out.str();
}

std::vector<ProbeReply> replies(const std::string& input) {
    std::istringstream lines(talk(input));
    std::string line;
    REQUIRE(std::getline(lines, line));
    REQUIRE(read_hello(line).has_value());
    std::vector<ProbeReply> found;
    while (std::getline(lines, line)) {
        const auto reply = read_reply(line);
        REQUIRE(reply.has_value());
        found.push_back(*reply);
    }
    return found;
}

struct Ran {
    int code;
    std::string out, err;
};
Ran run(const std::vector<std::string>& arguments) {
    std::istringstream in;
    std::ostringstream out, err;
    const int code = run_program(arguments, in, out, err);
    return {code, out.str(), err.str()};
}

}  // namespace

TEST_CASE("every kernel the worker offers can be probed and names what ran") {
    for (const Kernel& kernel : small_kernels()) {
        CAPTURE(to_text(kernel));
        REQUIRE(describe_worker().supports(kernel));
        const ProbeReply reply = answer({3, kernel, kQuick});
        CAPTURE(reply.message);
        REQUIRE(reply.status == ProbeStatus::ok);
        REQUIRE(reply.id == 3);
        REQUIRE(!reply.samples_us.empty());
        REQUIRE(reply.samples_us.size() <= 3);
        for (const double us : reply.samples_us) REQUIRE(us > 0);
        REQUIRE(!reply.kernel.empty());
    }
}

TEST_CASE(
    "what the worker does not offer is unsupported, what is impossible fails, what is too large is refused unrun") {
    const auto status = [](const Kernel& kernel) { return answer({1, kernel, kQuick}); };
    REQUIRE(status(CollectiveKernel{CollectiveKind::all_reduce, 2, 1024}).status == ProbeStatus::unsupported);
    REQUIRE_THAT(status(GemmKernel{1, 1, 1, NumberFormat::mxfp4}).message,
                 ContainsSubstring("no gemm kernels in mxfp4"));
    REQUIRE(status(LaunchKernel{1, true}).status == ProbeStatus::unsupported);
    REQUIRE(status(GemmKernel{0, 1, 1, NumberFormat::fp32}).status == ProbeStatus::failed);
    const ProbeReply large = status(GemmKernel{1, kMostElements, kMostElements, NumberFormat::fp32});
    REQUIRE(large.status == ProbeStatus::out_of_memory);
    REQUIRE_THAT(large.message, ContainsSubstring("GiB can be had"));
    REQUIRE(status(CopyKernel{kMostBytes}).status == ProbeStatus::out_of_memory);
    ExpertKernel experts{2, 1 << 20, 1 << 20, 1, true, NumberFormat::fp32, {2, 0}};
    REQUIRE(status(experts).status == ProbeStatus::out_of_memory);
}

TEST_CASE("copies rotated through put twice the last-level cache between two uses of one") {
    const std::int64_t cache = last_level_cache();
    REQUIRE(cache > 0);
    for (const std::int64_t bytes : {std::int64_t{64}, cache / 3, cache, 2 * cache - 1, 2 * cache, 10 * cache}) {
        const std::int64_t copies = rotating_copies(bytes);
        CAPTURE(bytes, copies);
        REQUIRE(copies >= 1);
        REQUIRE((copies == 1 ? bytes : (copies - 1) * bytes) >= 2 * cache);
        REQUIRE((copies <= 2 || (copies - 2) * bytes < 2 * cache));   // and no more than that takes
    }
}

TEST_CASE("memory to probe is at least what the kernel holds") {
    for (const Kernel& kernel : small_kernels()) {
        CAPTURE(to_text(kernel));
        REQUIRE(probe_bytes(kernel).value >= memory_of(kernel).value + 2.0 * static_cast<double>(last_level_cache()));
    }
}

TEST_CASE("the worker answers in order, survives lines that are no requests, and ends at quit") {
    const std::string copy = write_request({7, CopyKernel{4096}, kQuick});
    const auto found =
        replies(copy + "\nnonsense\n\n{\"id\":8,\"op\":\"fly\"}\r\n" + copy + "\n" + write_quit() + "\n" + copy + "\n");
    REQUIRE(found.size() == 4);
    REQUIRE((found[0].id == 7 && found[0].status == ProbeStatus::ok));
    REQUIRE((found[1].id == -1 && found[1].status == ProbeStatus::failed));
    REQUIRE((found[2].id == 8 && found[2].status == ProbeStatus::failed));
    REQUIRE_THAT(found[2].message, ContainsSubstring("'fly'"));
    REQUIRE((found[3].id == 7 && found[3].status == ProbeStatus::ok));
}

TEST_CASE("a line longer than the protocol allows is answered and the next one read") {
    const auto found =
        replies(std::string(kLongestProbeLine + 10, 'x') + "\n" + write_request({2, CopyKernel{64}, kQuick}) + "\n");
    REQUIRE(found.size() == 2);
    REQUIRE_THAT(found[0].message, ContainsSubstring("more than"));
    REQUIRE(found[1].id == 2);
}

TEST_CASE("the worker stops when nobody reads its replies") {
    std::istringstream in(write_request({1, CopyKernel{64}, kQuick}) + "\n");
    std::ostringstream out;
    out.setstate(std::ios::badbit);
    int asked = 0;
    serve(in, out, describe_worker(), [&](const ProbeRequest& request) {
        ++asked;
        return answer(request);
    });
    REQUIRE(asked == 0);
}

TEST_CASE("the program explains itself and its options' mistakes") {
    REQUIRE(run({"--help"}).code == 0);
    REQUIRE_THAT(run({"--help"}).out, ContainsSubstring("moeplan calibrate"));
    const Ran described = run({"--describe"});
    REQUIRE(described.code == 0);
    REQUIRE_THAT(described.out, ContainsSubstring("attention_decode"));
    const Ran mistyped = run({"--thread", "2"});
    REQUIRE(mistyped.code == 2);
    REQUIRE_THAT(mistyped.err, ContainsSubstring("did you mean '--threads'?"));
    REQUIRE(run({"--threads", "0"}).code == 2);
    REQUIRE(run({"--threads"}).code == 2);
    REQUIRE(run({"--threads=x"}).code == 2);
    REQUIRE(run({"--step", "", "--seconds", "-1"}).code == 2);
    REQUIRE(run({"--step", "layer=2"}).code == 2);
    REQUIRE_THAT(run({"--step", "layer=2"}).err, ContainsSubstring("did you mean 'layers'?"));
    REQUIRE(run({}).code == 0);   // no requests: the greeting alone
    REQUIRE(read_hello(run({}).out).has_value());
}
