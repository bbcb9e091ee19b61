#pragma once
// A failed CUDA call, thrown inside gpu/cuda with the call's own text and caught where a probe ends.

#include <cuda_runtime_api.h>

#include <stdexcept>
#include <string>

namespace moeplan::cuda {

enum class Failure { out_of_memory, unsupported, failed };

class DeviceError : public std::runtime_error {
public:
    DeviceError(Failure kind_, const std::string& what) : std::runtime_error(what), kind(kind_) {}
    Failure kind;
};

inline void check(cudaError_t error, const char* call) {
    if (error == cudaSuccess) return;
    const Failure kind = error == cudaErrorMemoryAllocation ? Failure::out_of_memory
                         : error == cudaErrorNotSupported   ? Failure::unsupported
                                                            : Failure::failed;
    throw DeviceError(kind, std::string(call) + ": " + cudaGetErrorString(error));
}

}  // namespace moeplan::cuda
