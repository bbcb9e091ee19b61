#pragma once
// Each family of kernels timed on the device. Every function throws DeviceError where it cannot.

#include <string>
#include <vector>

#include "gpu/cuda/session.h"
#include "gpu/protocol/protocol.h"

namespace moeplan::cuda {

struct Timed {
    std::vector<double> samples_us;
    std::string kernel;
};

Timed probe(Session& session, const GemmKernel& kernel, const ProbeLimits& limits);
Timed probe(Session& session, const ExpertKernel& kernel, const ProbeLimits& limits);
Timed probe(Session& session, const AttentionKernel& kernel, const ProbeLimits& limits);
Timed probe(Session& session, const RouterKernel& kernel, const ProbeLimits& limits);
Timed probe(Session& session, const PermuteKernel& kernel, const ProbeLimits& limits);
Timed probe(Session& session, const ActivationKernel& kernel, const ProbeLimits& limits);
Timed probe(Session& session, const CopyKernel& kernel, const ProbeLimits& limits);
Timed probe(Session& session, const LaunchKernel& kernel, const ProbeLimits& limits);
Timed probe(Session& session, const CollectiveKernel& kernel, const ProbeLimits& limits);

// Why no collective can run here; empty when they can.
std::string collectives_missing(const Session& session);

// What this GPU and the libraries found can do.
WorkerHello greeting(Session& session);

// Never throws; says so when the context is lost (`lost`), after which the program must end.
ProbeReply answer(Session& session, const ProbeRequest& request, bool& lost);

}  // namespace moeplan::cuda
