#include "gpu/cuda/communicators.h"

#include <chrono>

#include "gpu/cuda/probes.h"
#include "gpu/cuda/sampler.h"

namespace moeplan::cuda {

#ifdef MOEPLAN_HAS_NCCL

std::string collectives_missing(const Session& session) {
    if (!nccl_api().missing.empty()) return nccl_api().missing;
    return session.devices() < 2 ? "one GPU alone has nobody to talk to" : "";
}

// A sample is the mean of a few in a row. The host needs longer to start all ranks than a small collective lasts, so every
// GPU is kept waiting until all of it is queued; the small one before lets the ranks start together.
Timed probe(Session& session, const CollectiveKernel& kernel, const ProbeLimits& limits) {
    constexpr int kInARow = 8;
    if (const std::string missing = collectives_missing(session); !missing.empty())
        throw DeviceError(Failure::unsupported, missing);
    if (kernel.ranks > session.devices()) {
        throw DeviceError(Failure::unsupported,
                          std::to_string(kernel.ranks) + " ranks on " + std::to_string(session.devices()) + " GPUs");
    }
    // Uneven payloads are rounded up to an element a rank.
    const std::int64_t buffer = kernel.bytes + 2 * kernel.ranks;
    require_room(session, 2.0 * static_cast<double>(buffer));
    const DeviceReturn back(session);   // outlives the ranks, which make their own devices current to the last
    Communicators ranks(session.ordinal(), session.devices(), static_cast<int>(kernel.ranks), buffer);
    session.clocks().reset();
    double queueing = 0;   // seconds the host took last time
    std::vector<double> samples = sample_until(limits, [&] {
        const auto begin = std::chrono::steady_clock::now();
        ranks.pause(pause_for(queueing));
        ranks.meet();
        ranks.mark_start();
        for (int i = 0; i < kInARow; ++i) ranks.enqueue(kernel);
        ranks.mark_stop();
        queueing = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        session.clocks().look();
        return ranks.slowest() / kInARow;
    });
    return {std::move(samples), "NCCL " + nccl_version()};
}

#else

std::string collectives_missing(const Session&) { return "this program was built without NCCL's header"; }

Timed probe(Session& session, const CollectiveKernel&, const ProbeLimits&) {
    throw DeviceError(Failure::unsupported, collectives_missing(session));
}

#endif

}  // namespace moeplan::cuda
