#pragma once
// The GPUs of this machine as ranks of one process: a communicator, a stream, two events and two buffers each.

#include "gpu/cuda/nccl_api.h"

#ifdef MOEPLAN_HAS_NCCL

#include <cstdint>
#include <functional>
#include <vector>

#include "core/kernels/kernel.h"
#include "gpu/cuda/device_buffer.h"

namespace moeplan::cuda {

class Communicators {
public:
    // Ranks are the devices from `first` on, going round. Throws DeviceError.
    Communicators(int first, int devices, int ranks, std::int64_t bytes_of_buffer);
    ~Communicators();
    Communicators(const Communicators&) = delete;
    Communicators& operator=(const Communicators&) = delete;

    // One collective of every rank, on the ranks' streams.
    void enqueue(const CollectiveKernel& kernel);
    // Every rank's GPU waits so long before it does what is queued after this.
    void pause(double seconds);
    // A tiny one before what is timed: the ranks start together.
    void meet();
    void mark_start();
    void mark_stop();
    // Waits; the time of the slowest rank, in seconds.
    double slowest();

private:
    struct Rank {
        int device = 0;
        ncclComm_t communicator = nullptr;
        cudaStream_t stream = nullptr;
        cudaEvent_t start = nullptr, stop = nullptr;
        DeviceBuffer from, to, flag;
    };
    void open(Rank& rank, std::int64_t bytes, std::uint64_t seed);
    void grouped(const std::function<void(std::size_t)>& each);
    void all_to_all(std::size_t rank, std::size_t elements);
    void close() noexcept;

    std::vector<Rank> ranks_;
    bool broken_ = false;
};

}  // namespace moeplan::cuda

#endif
