#include "gpu/cpu/probe.h"

#include <algorithm>
#include <new>
#include <stdexcept>

#include <fmt/format.h>

#include "core/base/match.h"
#include "core/base/require.h"
#include "gpu/cpu/machine.h"
#include "gpu/cpu/matmul.h"
#include "gpu/cpu/parallel.h"
#include "gpu/cpu/stopwatch.h"

namespace moeplan::cpu {
namespace {

// Left to the system and to what the program itself takes.
constexpr double kSpareBytes = 256.0 * 1024 * 1024;
constexpr int kTurns = 2;   // within what a calibrator waits beyond a probe's limit

std::vector<std::string> names(const std::vector<NumberFormat>& formats) {
    std::vector<std::string> found;
    for (const NumberFormat format : formats) found.emplace_back(name_of(format));
    return found;
}

ProbeReply refuse(std::int64_t id, ProbeStatus status, std::string why) {
    ProbeReply reply;
    reply.id = id;
    reply.status = status;
    reply.message = std::move(why);
    return reply;
}

std::string why_unsupported(const Kernel& kernel) {
    const std::string format = format_of(kernel);
    if (describe_worker().ops.count(family_of(kernel)) == 0)
        return fmt::format("this worker runs no {} kernels", name_of(family_of(kernel)));
    return fmt::format("this worker runs no {} kernels in {}", name_of(family_of(kernel)), format);
}

ProbeReply measure(const ProbeRequest& request) {
    const auto probe = make_probe(request.kernel);
    ProbeReply reply;
    reply.id = request.id;
    double shortest = 0;
    const auto run_once = [&] {
        const Timed timed = time_quietly([&] { probe->prepare(); }, [&] { probe->run(); });
        if (!timed.disturbed) return timed.seconds;
        shortest = shortest > 0 ? std::min(shortest, timed.seconds) : timed.seconds;
        return 0.0;
    };
    // What other programs took of a run is no part of its kernel's time: such runs count when there are no others for a
    // while, and then by the shortest.
    for (int turn = 0; turn < kTurns && reply.samples_us.empty(); ++turn)
        reply.samples_us = sample_until(request.limits, run_once);
    if (reply.samples_us.empty() && shortest > 0) reply.samples_us.push_back(shortest * 1e6);
    if (reply.samples_us.empty())
        return refuse(request.id, ProbeStatus::failed, "the kernel is too short for this clock");
    reply.kernel = probe->implementation();
    reply.clock_mhz = core_mhz();
    return reply;
}

}  // namespace

WorkerHello describe_worker() {
    WorkerHello hello;
    hello.device = processor_name();
    hello.driver = kernel_version();
    hello.runtime =
        fmt::format("{}, {}", matmul_library(), has_openmp() ? "OpenMP" : "one thread (built without OpenMP)");
    hello.memory_bytes = memory_bytes();
    hello.core_mhz = core_mhz();
    hello.threads = threads();
    const auto products = names(matmul_formats());
    const std::vector<std::string> attention{"fp32", "bf16"};
    hello.ops = {{KernelFamily::gemm, products},
                 {KernelFamily::moe_ffn, products},
                 {KernelFamily::attention_prefill, attention},
                 {KernelFamily::attention_decode, attention}};
    for (const KernelFamily family : {KernelFamily::router, KernelFamily::dispatch, KernelFamily::combine,
                                      KernelFamily::activation, KernelFamily::copy, KernelFamily::launch}) {
        hello.ops[family] = {};
    }
    return hello;
}

std::unique_ptr<CpuProbe> make_probe(const Kernel& kernel) {
    return match(
        kernel, [](const GemmKernel& k) { return make_gemm_probe(k); },
        [](const ExpertKernel& k) { return make_expert_probe(k); },
        [](const AttentionKernel& k) { return make_attention_probe(k); },
        [](const RouterKernel& k) { return make_router_probe(k); },
        [](const PermuteKernel& k) { return make_permute_probe(k); },
        [](const ActivationKernel& k) { return make_activation_probe(k); },
        [](const CopyKernel& k) { return make_copy_probe(k); },
        [](const LaunchKernel& k) { return make_launch_probe(k); },
        [](const CollectiveKernel&) -> std::unique_ptr<CpuProbe> {
            throw std::runtime_error("this worker runs no collective kernels");
        });
}

std::int64_t rotating_copies(std::int64_t bytes) {
    const std::int64_t others = 2 * last_level_cache();
    return bytes >= others ? 1 : (others + bytes - 1) / bytes + 1;
}

Bytes probe_bytes(const Kernel& kernel) {
    // Weights are packed from a plain copy; fp32 results of int8 products and fp32 rows are wider than memory_of()
    // says.
    double more = 3.0 * static_cast<double>(last_level_cache());
    if (const auto* g = std::get_if<GemmKernel>(&kernel)) {
        more += weight_bytes(static_cast<double>(g->n) * static_cast<double>(g->k), g->format).value;
        more += 4.0 * static_cast<double>(g->m) * (static_cast<double>(g->n) + static_cast<double>(g->k));
    }
    if (const auto* e = std::get_if<ExpertKernel>(&kernel)) {
        more += weight_bytes(3.0 * static_cast<double>(e->hidden) * static_cast<double>(e->width), e->format).value;
        double pairs = 0;
        for (const std::int64_t load : e->loads) pairs += static_cast<double>(load);
        more += 2.0 * pairs * (static_cast<double>(e->hidden) + 2.0 * static_cast<double>(e->width));
    }
    return memory_of(kernel) + Bytes{more};
}

ProbeReply answer(const ProbeRequest& request) {
    try {
        if (const Problems wrong = check_kernel(request.kernel); !wrong.empty()) {
            return refuse(request.id, ProbeStatus::failed, to_text(wrong.front()));
        }
        if (!describe_worker().supports(request.kernel)) {
            return refuse(request.id, ProbeStatus::unsupported, why_unsupported(request.kernel));
        }
        const double needed = probe_bytes(request.kernel).value;
        const double left = static_cast<double>(available_bytes()) - kSpareBytes;
        if (needed > left) {
            return refuse(
                request.id, ProbeStatus::out_of_memory,
                fmt::format("needs {:.2f} GiB, {:.2f} GiB can be had", needed / kGiB, std::max(0.0, left) / kGiB));
        }
        if (const auto* l = std::get_if<LaunchKernel>(&request.kernel); l && l->graph) {
            return refuse(request.id, ProbeStatus::unsupported, "a processor has no graphs of kernels");
        }
        return measure(request);
    } catch (const std::bad_alloc&) {
        return refuse(request.id, ProbeStatus::out_of_memory, "the system refused the memory");
    } catch (const std::exception& e) {
        return refuse(request.id, ProbeStatus::failed, e.what());
    }
}

}  // namespace moeplan::cpu
