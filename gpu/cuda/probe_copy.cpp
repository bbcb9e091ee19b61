#include "gpu/cuda/operators.h"
#include "gpu/cuda/probes.h"
#include "gpu/cuda/sampler.h"

namespace moeplan::cuda {

namespace {

// Empty kernels captured once, replayed by one call.
class LaunchGraph {
public:
    LaunchGraph(Session& session, std::int64_t kernels) : session_(session) {
        cudaGraph_t graph = nullptr;
        check(cudaStreamBeginCapture(session.stream(), cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
        for (std::int64_t i = 0; i < kernels; ++i) run_empty(session.stream());
        check(cudaStreamEndCapture(session.stream(), &graph), "cudaStreamEndCapture");
        const cudaError_t made = cudaGraphInstantiate(&runnable_, graph, 0);
        static_cast<void>(cudaGraphDestroy(graph));
        check(made, "cudaGraphInstantiate");
    }
    ~LaunchGraph() { static_cast<void>(cudaGraphExecDestroy(runnable_)); }
    LaunchGraph(const LaunchGraph&) = delete;
    LaunchGraph& operator=(const LaunchGraph&) = delete;
    void replay() const { check(cudaGraphLaunch(runnable_, session_.stream()), "cudaGraphLaunch"); }

private:
    Session& session_;
    cudaGraphExec_t runnable_ = nullptr;
};

}  // namespace

Timed probe(Session& session, const CopyKernel& kernel, const ProbeLimits& limits) {
    const double one_set = 2.0 * static_cast<double>(kernel.bytes);
    require_room(session, one_set);
    struct Set {
        DeviceBuffer from, to;
    };
    std::vector<Set> sets;
    const int count = sets_of(session, one_set);
    for (int s = 0; s < count; ++s) {
        sets.push_back({DeviceBuffer(kernel.bytes), DeviceBuffer(kernel.bytes)});
        run_fill_random(sets.back().from.get(), kernel.bytes, Element::fp8, 1.0f, static_cast<std::uint64_t>(s),
                        session.stream());
    }
    TimedWork work;
    work.sets = count;
    work.enqueue = [&](int s) {
        const Set& set = sets[static_cast<std::size_t>(s)];
        check(cudaMemcpyAsync(set.to.get(), set.from.get(), static_cast<std::size_t>(kernel.bytes),
                              cudaMemcpyDeviceToDevice, session.stream()),
              "cudaMemcpyAsync");
    };
    return {take_samples(session, limits, work), "cudaMemcpyAsync"};
}

// Nothing is flushed and nothing hidden: what the host needs to launch is what is asked for.
Timed probe(Session& session, const LaunchKernel& kernel, const ProbeLimits& limits) {
    TimedWork work;
    work.cold = false;
    work.hide_launches = false;
    if (kernel.graph) {
        const LaunchGraph graph(session, kernel.kernels);
        work.enqueue = [&](int) { graph.replay(); };
        return {take_samples(session, limits, work), "empty kernels in a CUDA graph"};
    }
    work.enqueue = [&](int) {
        for (std::int64_t i = 0; i < kernel.kernels; ++i) run_empty(session.stream());
    };
    return {take_samples(session, limits, work), "empty kernels, launched one by one"};
}

}  // namespace moeplan::cuda
