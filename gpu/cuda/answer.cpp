// From a request to a reply, whatever happens on the device.

#include <cuda_runtime_api.h>

#include "gpu/cuda/matmul.h"
#include "gpu/cuda/probes.h"

namespace moeplan::cuda {

namespace {

// 13000: 13.0.
std::string version_text(int version) {
    return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

double megahertz(cudaDeviceAttr which, int device) {
    int kilohertz = 0;
    return cudaDeviceGetAttribute(&kilohertz, which, device) == cudaSuccess ? kilohertz / 1e3 : 0.0;
}

void name_formats(WorkerHello& hello, const Session& session) {
    for (const NumberFormat format :
         {NumberFormat::bf16, NumberFormat::fp16, NumberFormat::fp8, NumberFormat::fp8_block}) {
        if (!matmul_missing(session, format).empty()) continue;
        hello.ops[KernelFamily::gemm].emplace_back(name_of(format));
        if (format != NumberFormat::fp8_block) hello.ops[KernelFamily::moe_ffn].emplace_back(name_of(format));
    }
    hello.ops[KernelFamily::attention_decode] = {"bf16", "bf16, fp8 cache"};
    for (const KernelFamily family : {KernelFamily::router, KernelFamily::dispatch, KernelFamily::combine,
                                      KernelFamily::activation, KernelFamily::copy, KernelFamily::launch}) {
        hello.ops[family] = {};
    }
    if (collectives_missing(session).empty()) hello.ops[KernelFamily::collective] = {};
}

ProbeStatus status_of(Failure kind) {
    switch (kind) {
        case Failure::out_of_memory: return ProbeStatus::out_of_memory;
        case Failure::unsupported: return ProbeStatus::unsupported;
        case Failure::failed: return ProbeStatus::failed;
    }
    return ProbeStatus::failed;
}

void run(Session& session, const ProbeRequest& request, ProbeReply& reply) {
    check(cudaSetDevice(session.ordinal()), "cudaSetDevice");
    Timed timed =
        std::visit([&](const auto& kernel) { return probe(session, kernel, request.limits); }, request.kernel);
    if (timed.samples_us.empty()) throw DeviceError(Failure::failed, "no sample could be taken");
    reply.samples_us = std::move(timed.samples_us);
    reply.kernel = std::move(timed.kernel);
    reply.clock_mhz = session.clocks().clock_mhz();
    reply.throttled = session.clocks().throttled();
}

}  // namespace

WorkerHello greeting(Session& session) {
    WorkerHello hello;
    hello.device = session.device_name();
    int driver = 0, runtime = 0;
    check(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
    check(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
    hello.driver = session.clocks().driver_version();
    if (hello.driver.empty()) hello.driver = "for CUDA " + version_text(driver);
    hello.runtime = "CUDA " + version_text(runtime);
    hello.memory_bytes = static_cast<std::int64_t>(session.properties().totalGlobalMem);
    if (const double mhz = megahertz(cudaDevAttrClockRate, session.ordinal()); mhz > 0) hello.core_mhz = mhz;
    if (const double mhz = megahertz(cudaDevAttrMemoryClockRate, session.ordinal()); mhz > 0) hello.memory_mhz = mhz;
    hello.devices = session.devices();
    name_formats(hello, session);
    return hello;
}

ProbeReply answer(Session& session, const ProbeRequest& request, bool& lost) {
    ProbeReply reply;
    reply.id = request.id;
    lost = false;
    if (const Problems problems = check_kernel(request.kernel); !problems.empty()) {
        reply.status = ProbeStatus::failed;
        for (const Problem& problem : problems) reply.message += (reply.message.empty() ? "" : "; ") + to_text(problem);
        return reply;
    }
    try {
        run(session, request, reply);
        return reply;
    } catch (const DeviceError& error) {
        reply.status = status_of(error.kind);
        reply.message = error.what();
    } catch (const std::bad_alloc&) {
        reply.status = ProbeStatus::out_of_memory;
        reply.message = "the host has no memory for it";
    } catch (const std::exception& error) {
        reply.status = ProbeStatus::failed;
        reply.message = error.what();
    }
    lost = !session.recover();
    if (lost) {
        reply.status = ProbeStatus::failed;
        reply.message += "; the GPU runs nothing more for this process";
    }
    return reply;
}

}  // namespace moeplan::cuda
