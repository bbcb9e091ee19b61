#include "gpu/cuda/communicators.h"

#ifdef MOEPLAN_HAS_NCCL

#include <algorithm>

#include "gpu/cuda/operators.h"

namespace moeplan::cuda {

Communicators::Communicators(int first, int devices, int ranks, std::int64_t bytes)
    : ranks_(static_cast<std::size_t>(ranks)) {
    std::vector<int> list;
    for (int r = 0; r < ranks; ++r) list.push_back((first + r) % devices);
    std::vector<ncclComm_t> made(ranks_.size(), nullptr);
    check_nccl(nccl_api().init_all(made.data(), ranks, list.data()), "ncclCommInitAll");
    for (std::size_t r = 0; r < ranks_.size(); ++r) {
        ranks_[r].device = list[r];
        ranks_[r].communicator = made[r];
    }
    try {
        for (std::size_t r = 0; r < ranks_.size(); ++r) open(ranks_[r], bytes, r + 1);
    } catch (...) {
        close();
        throw;
    }
}

void Communicators::open(Rank& rank, std::int64_t bytes, std::uint64_t seed) {
    check(cudaSetDevice(rank.device), "cudaSetDevice");
    check(cudaStreamCreateWithFlags(&rank.stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    check(cudaEventCreate(&rank.start), "cudaEventCreate");
    check(cudaEventCreate(&rank.stop), "cudaEventCreate");
    rank.from = DeviceBuffer(bytes);
    rank.to = DeviceBuffer(bytes);
    rank.flag = DeviceBuffer::of(std::vector<float>(1, 0.0f));
    run_fill_random(rank.from.get(), bytes / 2, Element::bf16, 1.0f, seed, rank.stream);
    check(cudaStreamSynchronize(rank.stream), "cudaStreamSynchronize");
}

Communicators::~Communicators() { close(); }

// A communicator whose collective failed is given up: waiting for it could last for ever.
void Communicators::close() noexcept {
    for (Rank& rank : ranks_) {
        static_cast<void>(cudaSetDevice(rank.device));
        if (rank.communicator)
            static_cast<void>(broken_ ? nccl_api().abort(rank.communicator) : nccl_api().destroy(rank.communicator));
        if (rank.start) static_cast<void>(cudaEventDestroy(rank.start));
        if (rank.stop) static_cast<void>(cudaEventDestroy(rank.stop));
        if (rank.stream) static_cast<void>(cudaStreamDestroy(rank.stream));
    }
}

// One thread drives all ranks: their calls belong into one group, or the first would wait for the others. A group left
// open would swallow every later call, the making of the next communicators too, so it ends whatever is thrown.
void Communicators::grouped(const std::function<void(std::size_t)>& each) {
    broken_ = true;
    check_nccl(nccl_api().group_start(), "ncclGroupStart");
    try {
        for (std::size_t r = 0; r < ranks_.size(); ++r) each(r);
    } catch (...) {
        static_cast<void>(nccl_api().group_end());   // tells the error that is thrown already
        throw;
    }
    check_nccl(nccl_api().group_end(), "ncclGroupEnd");
    broken_ = false;
}

void Communicators::meet() {
    grouped([&](std::size_t r) {
        Rank& rank = ranks_[r];
        check_nccl(nccl_api().all_reduce(rank.flag.get(), rank.flag.get(), 1, ncclFloat, ncclSum, rank.communicator,
                                         rank.stream),
                   "ncclAllReduce");
    });
}

void Communicators::all_to_all(std::size_t r, std::size_t elements) {
    Rank& rank = ranks_[r];
    for (std::size_t peer = 0; peer < ranks_.size(); ++peer) {
        const auto at = static_cast<std::int64_t>(peer * elements * 2);
        check_nccl(nccl_api().send(rank.from.at(at), elements, ncclBfloat16, static_cast<int>(peer), rank.communicator,
                                   rank.stream),
                   "ncclSend");
        check_nccl(nccl_api().receive(rank.to.at(at), elements, ncclBfloat16, static_cast<int>(peer), rank.communicator,
                                      rank.stream),
                   "ncclRecv");
    }
}

// `bytes` as core/ops Collective counts them, in elements of two bytes, at least one a rank.
void Communicators::enqueue(const CollectiveKernel& kernel) {
    const NcclApi& api = nccl_api();
    const auto whole = static_cast<std::size_t>(std::max<std::int64_t>(1, kernel.bytes / 2));
    const std::size_t part = std::max<std::size_t>(1, whole / ranks_.size());
    grouped([&](std::size_t r) {
        Rank& rank = ranks_[r];
        void *const from = rank.from.get(), *const to = rank.to.get();
        switch (kernel.kind) {
            case CollectiveKind::all_reduce:
                return check_nccl(
                    api.all_reduce(from, to, whole, ncclBfloat16, ncclSum, rank.communicator, rank.stream),
                    "ncclAllReduce");
            case CollectiveKind::all_gather:
                return check_nccl(api.all_gather(from, to, part, ncclBfloat16, rank.communicator, rank.stream),
                                  "ncclAllGather");
            case CollectiveKind::reduce_scatter:
                return check_nccl(
                    api.reduce_scatter(from, to, part, ncclBfloat16, ncclSum, rank.communicator, rank.stream),
                    "ncclReduceScatter");
            case CollectiveKind::all_to_all: return all_to_all(r, part);
            case CollectiveKind::point_to_point:
                if (r == 0)
                    check_nccl(api.send(from, whole, ncclBfloat16, 1, rank.communicator, rank.stream), "ncclSend");
                if (r == 1)
                    check_nccl(api.receive(to, whole, ncclBfloat16, 0, rank.communicator, rank.stream), "ncclRecv");
                return;
        }
    });
}

void Communicators::pause(double seconds) {
    for (Rank& rank : ranks_) {
        check(cudaSetDevice(rank.device), "cudaSetDevice");
        run_pause(static_cast<std::int64_t>(seconds * 1e9), rank.stream);
    }
}

void Communicators::mark_start() {
    for (Rank& rank : ranks_) {
        check(cudaSetDevice(rank.device), "cudaSetDevice");
        check(cudaEventRecord(rank.start, rank.stream), "cudaEventRecord");
    }
}

void Communicators::mark_stop() {
    for (Rank& rank : ranks_) {
        check(cudaSetDevice(rank.device), "cudaSetDevice");
        check(cudaEventRecord(rank.stop, rank.stream), "cudaEventRecord");
    }
}

double Communicators::slowest() {
    float most = 0;
    for (Rank& rank : ranks_) {
        check(cudaSetDevice(rank.device), "cudaSetDevice");
        check(cudaEventSynchronize(rank.stop), "cudaEventSynchronize");
        ncclResult_t later = ncclSuccess;
        check_nccl(nccl_api().async_error(rank.communicator, &later), "ncclCommGetAsyncError");
        broken_ = later != ncclSuccess && later != ncclInProgress;
        if (broken_) check_nccl(later, "a collective");
        float milliseconds = 0;
        check(cudaEventElapsedTime(&milliseconds, rank.start, rank.stop), "cudaEventElapsedTime");
        most = std::max(most, milliseconds);
    }
    return static_cast<double>(most) / 1e3;
}

}  // namespace moeplan::cuda

#endif
