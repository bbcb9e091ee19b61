// What is written is read back as it was, for every family and status.

#include "gpu/protocol/protocol.h"
#include "tests/protocol/random_kernel.h"
#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("a request of every family reads back as it was written") {
    RandomKernels random(11);
    for (const KernelFamily family : all_kernel_families()) {
        for (int i = 0; i < 200; ++i) {
            const Kernel kernel = random.of(family);
            CAPTURE(to_text(kernel));
            REQUIRE(check_kernel(kernel).empty());
            REQUIRE(family_of(kernel) == family);
            const ProbeRequest request{random.from(0, 1'000'000),
                                       kernel,
                                       {random.from(1, 1000), static_cast<double>(random.from(1, 99)) / 7,
                                        static_cast<double>(random.from(0, 9)) / 13}};
            const std::string line = write_request(request);
            REQUIRE(line.find('\n') == std::string::npos);
            const auto read = read_request(line);
            REQUIRE(read.has_value());
            REQUIRE(read->has_value());
            REQUIRE(**read == request);
            REQUIRE(request_id(line) == request.id);
        }
    }
}

TEST_CASE("a reply of every status reads back as it was written") {
    for (const ProbeStatus status :
         {ProbeStatus::ok, ProbeStatus::unsupported, ProbeStatus::out_of_memory, ProbeStatus::failed}) {
        ProbeReply reply;
        reply.id = 42;
        reply.status = status;
        if (status == ProbeStatus::ok) reply.samples_us = {0.1, 1.0 / 3, 12345.678, 1e-3};
        reply.kernel = "grouped \"quoted\"\n";
        reply.clock_mhz = 1755.25;
        reply.throttled = true;
        reply.message = "größer";
        const auto read = read_reply(write_reply(reply));
        REQUIRE(read.has_value());
        REQUIRE(*read == reply);
    }
}

TEST_CASE("a hello reads back as it was written") {
    WorkerHello hello;
    hello.device = "NVIDIA H100 80GB HBM3";
    hello.driver = "570.86";
    hello.runtime = "CUDA 13.0";
    hello.memory_bytes = 85'000'000'000;
    hello.core_mhz = 1980;
    hello.devices = 8;
    hello.threads = 4;
    hello.ops = {{KernelFamily::gemm, {"bf16", "fp8"}}, {KernelFamily::copy, {}}};
    const auto read = read_hello(write_hello(hello));
    REQUIRE(read.has_value());
    REQUIRE(*read == hello);
}

TEST_CASE("quit reads back as no request") {
    const auto read = read_request(write_quit());
    REQUIRE(read.has_value());
    REQUIRE_FALSE(read->has_value());
}

TEST_CASE("text that is not UTF-8 is still written as one readable line") {
    ProbeReply reply;
    reply.status = ProbeStatus::failed;
    reply.message = "bad \xff\xfe bytes";
    const auto read = read_reply(write_reply(reply));
    REQUIRE(read.has_value());
    REQUIRE_THAT(read->message, ContainsSubstring("bytes"));
}

TEST_CASE("a worker supports a kernel in the formats it names and collectives over the devices it has") {
    WorkerHello hello;
    hello.devices = 4;
    hello.ops = {{KernelFamily::gemm, {"bf16"}},
                 {KernelFamily::copy, {}},
                 {KernelFamily::collective, {}},
                 {KernelFamily::attention_decode, {"bf16", "bf16, fp8 cache"}}};
    REQUIRE(hello.supports(GemmKernel{1, 1, 1, NumberFormat::bf16}));
    REQUIRE_FALSE(hello.supports(GemmKernel{1, 1, 1, NumberFormat::fp32}));
    REQUIRE(hello.supports(CopyKernel{1}));
    REQUIRE_FALSE(hello.supports(RouterKernel{1, 1, 1}));
    REQUIRE(hello.supports(CollectiveKernel{CollectiveKind::all_reduce, 4, 8}));
    REQUIRE_FALSE(hello.supports(CollectiveKernel{CollectiveKind::all_reduce, 8, 8}));
    AttentionKernel a{true, 1, 1, 1, 1, 1, 1, 1, 0, NumberFormat::bf16, NumberFormat::fp8};
    REQUIRE(hello.supports(a));
    a.kv = NumberFormat::int8;
    REQUIRE_FALSE(hello.supports(a));
}
