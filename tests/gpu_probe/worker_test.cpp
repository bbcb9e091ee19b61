// The GPU probe worker from outside, on a GPU that is not there: every family of kernels, what it refuses, what it
// survives. docs: gpu/emulate/pretend/README.md.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>

#include "gpu/calibrator/probe_worker.h"
#include "gpu/protocol/protocol.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

struct Ended {
    int code = -1;
    std::string out, err;
    std::vector<std::string> lines;
};

std::string read_whole(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

Ended run(const std::string& program, const std::string& arguments, const std::string& input,
          const std::string& before = "") {
    static int count = 0;
    const std::string base = std::string(MOEPLAN_BINARY_DIR) + "/probe_test_" + std::to_string(getpid()) + "_" + std::to_string(count++);
    std::ofstream(base + ".in") << input;
    const std::string command = before + " '" + MOEPLAN_BINARY_DIR + "/bin/" + program + "' " + arguments + " <'" +
                                base + ".in' 2>'" + base + ".err'";
    std::FILE* const pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    Ended ended;
    std::array<char, 4096> part{};
    while (const std::size_t got = std::fread(part.data(), 1, part.size(), pipe)) ended.out.append(part.data(), got);
    const int status = pclose(pipe);
    ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ended.err = read_whole(base + ".err");
    std::remove((base + ".in").c_str());
    std::remove((base + ".err").c_str());
    for (std::size_t at = 0; at < ended.out.size();) {
        const std::size_t end = ended.out.find('\n', at);
        ended.lines.push_back(ended.out.substr(at, end - at));
        at = end == std::string::npos ? ended.out.size() : end + 1;
    }
    return ended;
}

const std::string kWithLibraries = std::string("MOEPLAN_CUDA_LIBRARIES='") + MOEPLAN_BINARY_DIR + "/pretend'";

struct Answers {
    WorkerHello hello;
    std::vector<ProbeReply> replies;
    int code = -1;
    std::string err;
};

Answers ask(const std::vector<Kernel>& kernels, const std::string& arguments = "",
            const std::string& before = kWithLibraries) {
    std::string input;
    std::int64_t id = 100;
    for (const Kernel& kernel : kernels) input += write_request({id++, kernel, {4, 1.0, 0.01}}) + "\n";
    const Ended ended = run("moeplan-probe-pretend", arguments, input + write_quit() + "\n", before);
    Answers answers;
    answers.code = ended.code;
    answers.err = ended.err;
    CAPTURE(ended.out, ended.err);
    REQUIRE_FALSE(ended.lines.empty());
    const auto hello = read_hello(ended.lines[0]);
    REQUIRE(hello);
    answers.hello = *hello;
    for (std::size_t i = 1; i < ended.lines.size(); ++i) {
        const auto reply = read_reply(ended.lines[i]);
        REQUIRE(reply);
        answers.replies.push_back(*reply);
    }
    return answers;
}

// Whether the program was built with headers that know fp8 with 128-blocks (cuBLAS 12.9).
bool built_with_blocks() {
    const Ended described = run("moeplan-probe-pretend", "--describe", "", kWithLibraries);
    return described.err.find("fp8 in 128-blocks: no (no GEMM in fp8_block: this program was built") == std::string::npos;
}

std::vector<NumberFormat> product_formats() {
    std::vector<NumberFormat> formats = {NumberFormat::bf16, NumberFormat::fp16, NumberFormat::fp8};
    if (built_with_blocks()) formats.push_back(NumberFormat::fp8_block);
    return formats;
}

AttentionKernel decode_attention(NumberFormat kv) {
    AttentionKernel a;
    a.decode = true;
    a.sequences = 2, a.context = 70, a.heads = 8, a.kv_heads = 2, a.qk_dim = 32, a.v_dim = 32, a.kv = kv;
    return a;
}

}  // namespace

TEST_CASE("the greeting names the device, what it can measure and in which formats") {
    const WorkerHello hello = ask({}).hello;
    CHECK(hello.device == "Pretended GPU");
    CHECK(hello.driver == "999.1");
    CHECK(hello.runtime == "CUDA 13.0");
    CHECK(hello.memory_bytes == std::int64_t{512} << 20);
    CHECK(hello.devices == 2);
    CHECK(hello.core_mhz == 1500.0);
    std::vector<std::string> formats;
    for (const NumberFormat format : product_formats()) formats.emplace_back(name_of(format));
    CHECK(hello.ops.at(KernelFamily::gemm) == formats);
    CHECK(hello.ops.at(KernelFamily::moe_ffn) == std::vector<std::string>{"bf16", "fp16", "fp8"});
    CHECK(hello.supports(decode_attention(NumberFormat::fp8)));
    CHECK(hello.supports(CollectiveKernel{}));
    AttentionKernel prefill = decode_attention(NumberFormat::bf16);
    prefill.decode = false;
    CHECK_FALSE(hello.supports(prefill));
}

TEST_CASE("every family and format in the greeting is measured") {
    std::vector<Kernel> kernels = {decode_attention(NumberFormat::bf16),
                                   decode_attention(NumberFormat::fp8),
                                   RouterKernel{20, 64, 8},
                                   PermuteKernel{false, 20, 64, 2, 8},
                                   PermuteKernel{true, 20, 64, 2, 8},
                                   ActivationKernel{10, 64},
                                   CopyKernel{100000},
                                   LaunchKernel{3, false},
                                   LaunchKernel{3, true}};
    for (const NumberFormat format : product_formats()) {
        kernels.push_back(GemmKernel{5, 32, 64, format});
        kernels.push_back(GemmKernel{1, 128, 256, format});
        if (format != NumberFormat::fp8_block)
            kernels.push_back(ExpertKernel{6, 32, 48, 2, true, format, {0, 6, 1, 5}});
    }
    for (const auto kind : {CollectiveKind::all_reduce, CollectiveKind::all_gather, CollectiveKind::reduce_scatter,
                            CollectiveKind::all_to_all, CollectiveKind::point_to_point}) {
        kernels.push_back(CollectiveKernel{kind, 2, 1001});
    }
    const Answers answers = ask(kernels);
    CHECK(answers.err == "");
    CHECK(answers.code == 0);
    REQUIRE(answers.replies.size() == kernels.size());
    for (std::size_t i = 0; i < kernels.size(); ++i) {
        const ProbeReply& reply = answers.replies[i];
        CAPTURE(to_text(kernels[i]), reply.message);
        CHECK(answers.hello.supports(kernels[i]));
        CHECK(reply.id == 100 + static_cast<std::int64_t>(i));
        CHECK(reply.status == ProbeStatus::ok);
        CHECK(reply.samples_us.size() >= 1);
        CHECK(reply.samples_us.size() <= 4);
        CHECK_FALSE(reply.kernel.empty());
        CHECK(reply.clock_mhz == 1410.0);
        CHECK(reply.throttled);
    }
}

TEST_CASE("after a collective the session's own device goes on") {
    for (const std::string device : {"--device 0", "--device 1"}) {
        const std::vector<Kernel> kernels = {CollectiveKernel{CollectiveKind::all_reduce, 2, 4096}, RouterKernel{20, 64, 8},
                                             CopyKernel{4096}, GemmKernel{5, 32, 64, NumberFormat::bf16}};
        const Answers answers = ask(kernels, device);
        REQUIRE(answers.replies.size() == kernels.size());
        for (std::size_t i = 0; i < kernels.size(); ++i) {
            CAPTURE(device, to_text(kernels[i]), answers.replies[i].message);
            CHECK(answers.replies[i].status == ProbeStatus::ok);
        }
        CHECK(answers.code == 0);
    }
}

TEST_CASE("a collective that is refused half way leaves NCCL and the GPU as they were") {
    // Elements have two bytes; the pretended NCCL refuses 5432 of them and has no memory for 5434.
    const std::vector<Kernel> kernels = {CollectiveKernel{CollectiveKind::all_reduce, 2, 2 * 5432}, RouterKernel{20, 64, 8},
                                         CollectiveKernel{CollectiveKind::all_to_all, 2, 2 * 2 * 5434}, RouterKernel{20, 64, 8},
                                         CollectiveKernel{CollectiveKind::all_reduce, 2, 4096}};
    const Answers answers = ask(kernels);
    const std::vector<std::pair<ProbeStatus, std::string>> expected = {
        {ProbeStatus::failed, "ncclAllReduce: invalid argument"}, {ProbeStatus::ok, ""},
        {ProbeStatus::out_of_memory, "ncclSend: unhandled cuda error (Cuda failure 2 'out of memory')"}, {ProbeStatus::ok, ""},
        {ProbeStatus::ok, ""}};
    REQUIRE(answers.replies.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i, answers.replies[i].message);
        CHECK(answers.replies[i].status == expected[i].first);
        CHECK_THAT(answers.replies[i].message, ContainsSubstring(expected[i].second));
    }
    CHECK(answers.code == 0);
}

TEST_CASE("what cannot run is answered with why, and the worker goes on") {
    const Answers answers = ask({
        ExpertKernel{8, 128, 128, 2, true, NumberFormat::fp8_block, {8, 8}},
        GemmKernel{8, 32, 24, NumberFormat::fp8},            // rows of 24 bytes
        GemmKernel{8, 64, 64, NumberFormat::int8},
        CollectiveKernel{CollectiveKind::all_reduce, 8, 4096},
        CopyKernel{std::int64_t{4} << 30},
        GemmKernel{1 << 20, 64, 64, NumberFormat::bf16},
        RouterKernel{4, 2000, 4},
        CopyKernel{4096},
    });
    REQUIRE(answers.replies.size() == 8);
    const std::vector<std::pair<ProbeStatus, std::string>> expected = {
        {ProbeStatus::unsupported, "fp8_block"},    {ProbeStatus::unsupported, "not supported"},
        {ProbeStatus::unsupported, "int8"},         {ProbeStatus::unsupported, "8 ranks on 2 GPUs"},
        {ProbeStatus::out_of_memory, "GB"},         {ProbeStatus::out_of_memory, "GB"},
        {ProbeStatus::unsupported, "1024 experts"}, {ProbeStatus::ok, ""},
    };
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i, answers.replies[i].message);
        CHECK(answers.replies[i].status == expected[i].first);
        CHECK_THAT(answers.replies[i].message, ContainsSubstring(expected[i].second));
    }
    CHECK(answers.code == 0);
}

TEST_CASE("a lost GPU is said and the worker ends") {
    const Answers answers = ask({CopyKernel{12344}, CopyKernel{4096}});
    REQUIRE(answers.replies.size() == 1);
    CHECK(answers.replies[0].status == ProbeStatus::failed);
    CHECK_THAT(answers.replies[0].message, ContainsSubstring("illegal memory access"));
    CHECK_THAT(answers.replies[0].message, ContainsSubstring("nothing more"));
    CHECK(answers.code == 5);
}

TEST_CASE("without cuBLAS, NCCL and NVML the rest is measured and the missing named") {
    const Answers answers =
        ask({GemmKernel{5, 32, 64}, CopyKernel{4096}}, "", "MOEPLAN_CUDA_LIBRARIES=/nonexistent LD_LIBRARY_PATH=");
    if (answers.hello.ops.count(KernelFamily::gemm)) return;   // the system has them
    REQUIRE(answers.replies.size() == 2);
    CHECK(answers.replies[0].status == ProbeStatus::unsupported);
    CHECK_THAT(answers.replies[0].message, ContainsSubstring("libcublasLt.so"));
    CHECK(answers.replies[1].status == ProbeStatus::ok);
    CHECK_FALSE(answers.replies[1].clock_mhz.has_value());
    const Ended described =
        run("moeplan-probe-pretend", "--describe", "", "MOEPLAN_CUDA_LIBRARIES=/nonexistent LD_LIBRARY_PATH=");
    CHECK(described.code == 0);
    CHECK_THAT(described.err, ContainsSubstring("cuBLASLt: no (libcublasLt.so"));
}

TEST_CASE("what libraries print goes to standard error, between replies and in the self-test") {
    const std::string noisy = kWithLibraries + " NCCL_DEBUG=VERSION CUBLASLT_LOG_LEVEL=5";
    const Answers answers = ask({GemmKernel{5, 32, 64}, CollectiveKernel{CollectiveKind::all_reduce, 2, 4096}, CopyKernel{4096}}, "", noisy);
    REQUIRE(answers.replies.size() == 3);   // every line was one
    for (const ProbeReply& reply : answers.replies) CHECK(reply.status == ProbeStatus::ok);
    CHECK_THAT(answers.err, ContainsSubstring("[cublasLt] pretended"));
    CHECK_THAT(answers.err, ContainsSubstring("NCCL version: pretended"));
    const Ended tested = run("moeplan-probe-pretend", "--self-test --quick", "", noisy);
    CHECK(tested.code == 0);
    CHECK(tested.out.find("[cublasLt]") == std::string::npos);
    CHECK_THAT(tested.out, ContainsSubstring(", 0 wrong"));
}

TEST_CASE("a worker whose replies nobody takes ends") {
    const std::string request = write_request({1, CopyKernel{4096}, {2, 1.0, 0.1}}) + "\n";
    CHECK(run("moeplan-probe-pretend", ">&-", request + request, kWithLibraries).code == 0);
    CHECK(run("moeplan-probe-pretend", ">/dev/full", request + request, kWithLibraries).code == 0);
}

TEST_CASE("fp8 in 128-blocks is offered only where cuBLASLt knows it") {
    const std::string old = kWithLibraries + " PRETENDED_CUBLASLT=120803";
    const Answers answers = ask({GemmKernel{8, 128, 128, NumberFormat::fp8_block}, GemmKernel{8, 128, 128, NumberFormat::fp8}}, "", old);
    CHECK(answers.hello.ops.at(KernelFamily::gemm) == std::vector<std::string>{"bf16", "fp16", "fp8"});
    REQUIRE(answers.replies.size() == 2);
    CHECK(answers.replies[0].status == ProbeStatus::unsupported);
    CHECK_THAT(answers.replies[0].message, ContainsSubstring("12.9 has them"));
    CHECK(answers.replies[1].status == ProbeStatus::ok);
    if (!built_with_blocks()) return;
    const Ended described = run("moeplan-probe-pretend", "--describe", "", old);
    CHECK_THAT(described.err, ContainsSubstring("fp8 in 128-blocks: no (no GEMM in fp8_block: the cuBLASLt found is 12.8.3; 12.9 has them)"));
}

TEST_CASE("a line that is no request is answered with why, and with its id where it has one") {
    const std::string good = write_request({7, CopyKernel{4096}, {2, 1.0, 0.1}});
    const Ended ended = run("moeplan-probe-pretend", "", "rubbish\n{\"id\":1}\n\n" + good + "\n", kWithLibraries);
    CHECK(ended.code == 0);
    CHECK(ended.err == "");
    REQUIRE(ended.lines.size() == 4);
    const auto rubbish = read_reply(ended.lines[1]), short_one = read_reply(ended.lines[2]),
               last = read_reply(ended.lines[3]);
    REQUIRE((rubbish && short_one && last));
    CHECK(rubbish->id == -1);
    CHECK(rubbish->status == ProbeStatus::failed);
    CHECK(short_one->id == 1);
    CHECK(short_one->status == ProbeStatus::failed);
    CHECK_FALSE(short_one->message.empty());
    CHECK(last->id == 7);
    CHECK(last->status == ProbeStatus::ok);
}

TEST_CASE("each request is answered before the next is sent, as the calibrator does it") {
    ProbeWorker worker("env " + kWithLibraries + " '" + MOEPLAN_BINARY_DIR + "/bin/moeplan-probe-pretend'",
                       WorkerTimes{});
    const auto hello = worker.start(nullptr);
    REQUIRE(hello);
    CHECK(hello->device == "Pretended GPU");
    for (std::int64_t id = 1; id <= 3; ++id) {
        const Answer answer = worker.ask({id, RouterKernel{20, 64, 8}, {3, 1.0, 0.01}}, nullptr);
        CAPTURE(answer.message);
        CHECK(answer.kind == AnswerKind::ok);
    }
    CHECK(worker.ask({4, CopyKernel{12344}, {3, 1.0, 0.01}}, nullptr).kind == AnswerKind::failed);
    REQUIRE(worker.start(nullptr));
    CHECK(worker.ask({5, CopyKernel{4096}, {3, 1.0, 0.01}}, nullptr).kind == AnswerKind::ok);
}

TEST_CASE("the self-test agrees on products and kernels, and prints a table") {
    const Ended ended = run("moeplan-probe-pretend", "--self-test --quick --seed 3 --device 1", "", kWithLibraries);
    CAPTURE(ended.out, ended.err);
    CHECK(ended.code == 0);
    CHECK_THAT(ended.out, ContainsSubstring(", 0 wrong"));
    for (const char* row :
         {"decode attention", "GEMM bf16", "GEMM fp8_block", "expert layer bf16", "expert layer fp8 "}) {
        CHECK_THAT(ended.out, ContainsSubstring(row));
    }
    CHECK((ended.out.find("not here") == std::string::npos) == built_with_blocks());
}

TEST_CASE("the self-test fails where the library refuses what the greeting offers") {
    const Ended ended = run("moeplan-probe-pretend", "--self-test --quick", "", kWithLibraries + " PRETENDED_CUBLASLT_REFUSES=1");
    CHECK(ended.code == 1);
    CHECK_THAT(ended.out, ContainsSubstring("FAILED m "));
    CHECK_THAT(ended.out, ContainsSubstring("cublasLtMatmulAlgoGetHeuristic: not supported"));
    // GEMM fp8, perhaps GEMM fp8_block, and the expert layer in fp8: every round counts.
    CHECK_THAT(ended.out, ContainsSubstring(built_with_blocks() ? ", 36 wrong" : ", 24 wrong"));
}

TEST_CASE("experts whose rows begin off 16-byte boundaries are multiplied one by one") {
    const Answers answers = ask({ExpertKernel{6, 36, 48, 2, true, NumberFormat::bf16, {0, 6, 1, 5}},
                                 ExpertKernel{6, 32, 36, 2, false, NumberFormat::fp16, {0, 6, 1, 5}},
                                 ExpertKernel{6, 32, 48, 2, true, NumberFormat::bf16, {0, 6, 1, 5}}});
    REQUIRE(answers.replies.size() == 3);
    for (const ProbeReply& reply : answers.replies) {
        CAPTURE(reply.message);
        CHECK(reply.status == ProbeStatus::ok);
    }
    CHECK_THAT(answers.replies[0].kernel, ContainsSubstring("3 cublasLt GEMMs in turn"));
    CHECK_THAT(answers.replies[1].kernel, ContainsSubstring("3 cublasLt GEMMs in turn"));
    if (built_with_blocks()) CHECK_THAT(answers.replies[2].kernel, ContainsSubstring("cuBLAS grouped GEMM"));
}

TEST_CASE("wrong arguments are refused with the nearest right one") {
    const Ended misspelt = run("moeplan-probe-pretend", "--self-tests", "");
    CHECK(misspelt.code == 2);
    CHECK_THAT(misspelt.err, ContainsSubstring("did you mean '--self-test'?"));
    CHECK(run("moeplan-probe-pretend", "--device", "").code == 2);
    CHECK(run("moeplan-probe-pretend", "--device -1", "").code == 2);
    const Ended beyond = run("moeplan-probe-pretend", "--device 2", "");
    CHECK(beyond.code == 2);
    CHECK_THAT(beyond.err, ContainsSubstring("this machine has 2"));
    CHECK_THAT(run("moeplan-probe-pretend", "--help", "").out, ContainsSubstring("Exit codes"));
}

TEST_CASE("the real worker starts without a GPU and says so") {
    const Ended ended = run("moeplan-probe-cuda", "", "");
    if (ended.code == 0) return;   // there is one
    CHECK(ended.code == 3);
    CHECK(ended.out == "");
    CHECK_THAT(ended.err, ContainsSubstring("moeplan-probe-cuda: no usable GPU: "));
    CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') == 1);
}
