#include "gpu/cuda/nccl_api.h"

#ifdef MOEPLAN_HAS_NCCL

#include "gpu/cuda/cuda_check.h"
#include "gpu/cuda/shared_library.h"

namespace moeplan::cuda {

namespace {

#define MOEPLAN_FIND(member, function) api.member = library.find<decltype(api.member)>(#function)

NcclApi load() {
    NcclApi api;
    SharedLibrary library({"libnccl.so.2"});
    MOEPLAN_FIND(init_all, ncclCommInitAll);
    MOEPLAN_FIND(destroy, ncclCommDestroy);
    MOEPLAN_FIND(abort, ncclCommAbort);
    MOEPLAN_FIND(async_error, ncclCommGetAsyncError);
    MOEPLAN_FIND(group_start, ncclGroupStart);
    MOEPLAN_FIND(group_end, ncclGroupEnd);
    MOEPLAN_FIND(all_reduce, ncclAllReduce);
    MOEPLAN_FIND(all_gather, ncclAllGather);
    MOEPLAN_FIND(reduce_scatter, ncclReduceScatter);
    MOEPLAN_FIND(send, ncclSend);
    MOEPLAN_FIND(receive, ncclRecv);
    MOEPLAN_FIND(error_text, ncclGetErrorString);
    MOEPLAN_FIND(version, ncclGetVersion);
    api.missing = library.missing();
    MOEPLAN_FIND(last_error, ncclGetLastError);   // after missing(): what follows can be done without
    return api;
}

#undef MOEPLAN_FIND

}  // namespace

const NcclApi& nccl_api() {
    static const NcclApi api = load();
    return api;
}

void check_nccl(ncclResult_t result, const char* call) {
    if (result == ncclSuccess) return;
    std::string what = std::string(call) + ": " + nccl_api().error_text(result);
    const char* const more = nccl_api().last_error ? nccl_api().last_error(nullptr) : nullptr;
    if (more && *more) what += std::string(" (") + more + ")";
    const bool no_memory = result == ncclUnhandledCudaError && what.find("out of memory") != std::string::npos;
    throw DeviceError(no_memory ? Failure::out_of_memory : Failure::failed, what);
}

std::string nccl_version() {
    int number = 0;
    if (!nccl_api().missing.empty() || nccl_api().version(&number) != ncclSuccess) return {};
    return std::to_string(number / 10000) + "." + std::to_string(number / 100 % 100) + "." +
           std::to_string(number % 100);
}

}  // namespace moeplan::cuda

#endif
