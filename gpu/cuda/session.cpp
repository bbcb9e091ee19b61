#include "gpu/cuda/session.h"

#include <algorithm>
#include <array>

#include "gpu/cuda/operators.h"

namespace moeplan::cuda {

int count_devices(std::string& why) {
    int count = 0;
    const cudaError_t found = cudaGetDeviceCount(&count);
    if (found == cudaErrorInsufficientDriver) {
        why = "no NVIDIA driver is loaded, or it is older than this program";
        return 0;
    }
    if (found == cudaErrorNoDevice || (found == cudaSuccess && count == 0)) {
        why = "none is installed";
        return 0;
    }
    check(found, "cudaGetDeviceCount");
    return count;
}

Session::Session(int ordinal) : ordinal_(ordinal) {
    check(cudaGetDeviceCount(&devices_), "cudaGetDeviceCount");
    check(cudaSetDevice(ordinal), "cudaSetDevice");
    check(cudaGetDeviceProperties(&properties_, ordinal), "cudaGetDeviceProperties");
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    check(cudaEventCreate(&start_), "cudaEventCreate");
    check(cudaEventCreate(&stop_), "cudaEventCreate");
    std::array<char, 64> bus{};
    check(cudaDeviceGetPCIBusId(bus.data(), static_cast<int>(bus.size()), ordinal), "cudaDeviceGetPCIBusId");
    clocks_ = std::make_unique<ClockWatch>(bus.data());
    workspace_ = DeviceBuffer(kWorkspaceBytes);
    // A driver may not know how large the cache is. A multiple of 16, as run_read() asks.
    flush_bytes_ = std::max<std::int64_t>(2 * std::int64_t{properties_.l2CacheSize}, std::int64_t{8} << 20) / 16 * 16;
    flush_ = DeviceBuffer(flush_bytes_);
    flush_sum_ = DeviceBuffer(sizeof(unsigned));
    check(cudaMemsetAsync(flush_.get(), 0x5a, static_cast<std::size_t>(flush_bytes_), stream_), "cudaMemsetAsync");
    check(cudaMemsetAsync(flush_sum_.get(), 0, sizeof(unsigned), stream_), "cudaMemsetAsync");
}

// cuBLAS handles are left to the end of the process: destroying them after a lost context can hang.
Session::~Session() {
    static_cast<void>(cudaEventDestroy(start_));
    static_cast<void>(cudaEventDestroy(stop_));
    static_cast<void>(cudaStreamDestroy(stream_));
}

std::int64_t Session::free_bytes() const {
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
    return static_cast<std::int64_t>(free);
}

cublasLtHandle_t Session::lt() {
    if (lt_) return lt_;
    if (!blas_api().usable()) throw DeviceError(Failure::unsupported, "no cuBLASLt: " + blas_api().missing);
    check_blas(blas_api().lt_create(&lt_), "cublasLtCreate");
    return lt_;
}

cublasHandle_t Session::blas() {
    if (blas_) return blas_;
    const BlasApi& api = blas_api();
    if (!api.grouped_missing.empty())
        throw DeviceError(Failure::unsupported, "no grouped GEMM of cuBLAS: " + api.grouped_missing);
    check_blas(api.create(&blas_), "cublasCreate");
    check_blas(api.set_stream(blas_, stream_), "cublasSetStream");
    check_blas(api.set_workspace(blas_, workspace_.get(), static_cast<std::size_t>(kWorkspaceBytes)),
               "cublasSetWorkspace");
    return blas_;
}

void Session::flush_l2() { run_read(flush_.get(), flush_bytes_, flush_sum_.as<unsigned>(), stream_); }

bool Session::recover() {
    static_cast<void>(cudaGetLastError());
    if (cudaSetDevice(ordinal_) != cudaSuccess || cudaDeviceSynchronize() != cudaSuccess) return false;
    return cudaMemsetAsync(flush_.get(), 0, 4096, stream_) == cudaSuccess &&
           cudaStreamSynchronize(stream_) == cudaSuccess;
}

}  // namespace moeplan::cuda
