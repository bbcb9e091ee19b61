#pragma once
// NCCL, loaded when the program runs. Only where its header was there when the program was built.

#if __has_include(<nccl.h>)
#include <nccl.h>
#define MOEPLAN_HAS_NCCL 1

#include <string>

namespace moeplan::cuda {

struct NcclApi {
    decltype(&ncclCommInitAll) init_all = nullptr;
    decltype(&ncclCommDestroy) destroy = nullptr;
    decltype(&ncclCommAbort) abort = nullptr;
    decltype(&ncclCommGetAsyncError) async_error = nullptr;
    decltype(&ncclGroupStart) group_start = nullptr;
    decltype(&ncclGroupEnd) group_end = nullptr;
    decltype(&ncclAllReduce) all_reduce = nullptr;
    decltype(&ncclAllGather) all_gather = nullptr;
    decltype(&ncclReduceScatter) reduce_scatter = nullptr;
    decltype(&ncclSend) send = nullptr;
    decltype(&ncclRecv) receive = nullptr;
    decltype(&ncclGetErrorString) error_text = nullptr;
    const char* (*last_error)(ncclComm_t) = nullptr;   // null: NCCL is older than 2.13
    decltype(&ncclGetVersion) version = nullptr;
    std::string missing;   // why it cannot be used; empty when it can
};

// Loaded at the first call.
const NcclApi& nccl_api();

// Throws DeviceError, with NCCL's own words where it has them. It has no result of its own for memory that runs out, but its
// words repeat CUDA's.
void check_nccl(ncclResult_t result, const char* call);

// "2.28.9"; empty when it is not there.
std::string nccl_version();

}  // namespace moeplan::cuda
#endif
