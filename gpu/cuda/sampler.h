#pragma once
// Timing one piece of work on the device, over and over, as sample_until() of gpu/protocol asks.

#include <functional>
#include <vector>

#include "gpu/cuda/session.h"
#include "gpu/protocol/protocol.h"

namespace moeplan::cuda {

// enqueue(set) puts one execution on the session's stream, using the set of buffers of that number (below `sets`).
struct TimedWork {
    std::function<void(int set)> enqueue;
    int sets = 1;
    bool cold = true;            // flush the L2 cache before each sample
    bool hide_launches = true;  // let the device wait until all launches are queued, so that only its own time counts
};

// Microseconds by CUDA events. Before each sample: another set of buffers, the L2 cache emptied by reading, and the device kept
// waiting for as long as the host took to queue the work last time. Throws DeviceError.
std::vector<double> take_samples(Session& session, const ProbeLimits& limits, const TimedWork& work);

// How long the device is kept waiting, in seconds, so that the host has queued everything before it starts: a quarter more
// than queueing took last time, and a little; at most 50 ms.
double pause_for(double queueing_seconds);

// As many sets as rotate through twice the L2 cache, at most 8, and as fit into half of the free memory; at least 1.
int sets_of(const Session& session, double bytes_of_one_set);

// Throws DeviceError (out of memory) when `bytes` and what libraries need will not fit.
void require_room(const Session& session, double bytes);

}  // namespace moeplan::cuda
