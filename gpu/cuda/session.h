#pragma once
// One GPU and what every probe on it shares: its stream, cuBLAS handles and workspace, the buffer that flushes the L2
// cache, two events, the clock watch.

#include <cuda_runtime_api.h>

#include <cstdint>
#include <memory>
#include <string>

#include "gpu/cuda/blas_api.h"
#include "gpu/cuda/clock_watch.h"
#include "gpu/cuda/device_buffer.h"

namespace moeplan::cuda {

class Session {
public:
    // Throws DeviceError. `ordinal` is below the number of devices.
    explicit Session(int ordinal);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    int ordinal() const { return ordinal_; }
    int devices() const { return devices_; }
    const cudaDeviceProp& properties() const { return properties_; }
    std::string device_name() const { return properties_.name; }
    int compute_capability() const { return properties_.major * 10 + properties_.minor; }   // 90 for 9.0
    bool has_fp8() const { return compute_capability() >= 89; }
    cudaStream_t stream() const { return stream_; }
    std::int64_t free_bytes() const;

    // Made at first use. Throw DeviceError when the library is missing (unsupported, with the reason).
    cublasLtHandle_t lt();
    cublasHandle_t blas();
    void* workspace() const { return workspace_.get(); }
    static constexpr std::int64_t kWorkspaceBytes = std::int64_t{64} << 20;

    // Reads twice the L2 cache. Nothing is written, or the kernel timed next would have to make room by writing back.
    void flush_l2();
    cudaEvent_t start() const { return start_; }
    cudaEvent_t stop() const { return stop_; }
    ClockWatch& clocks() { return *clocks_; }

    // After a failure: forgets an error that is over. False when the context is lost and nothing will run any more.
    bool recover();

private:
    int ordinal_ = 0, devices_ = 0;
    cudaDeviceProp properties_{};
    cudaStream_t stream_ = nullptr;
    cudaEvent_t start_ = nullptr, stop_ = nullptr;
    cublasLtHandle_t lt_ = nullptr;
    cublasHandle_t blas_ = nullptr;
    DeviceBuffer workspace_, flush_, flush_sum_;
    std::int64_t flush_bytes_ = 0;
    std::unique_ptr<ClockWatch> clocks_;
};

// Makes the session's device current again when it goes, whatever happened on others in between.
class DeviceReturn {
public:
    explicit DeviceReturn(const Session& session) : ordinal_(session.ordinal()) {}
    ~DeviceReturn() { static_cast<void>(cudaSetDevice(ordinal_)); }
    DeviceReturn(const DeviceReturn&) = delete;
    DeviceReturn& operator=(const DeviceReturn&) = delete;

private:
    int ordinal_;
};

// Devices of this machine; 0 and `why` in one line when there is none to use. Throws DeviceError when CUDA fails otherwise.
int count_devices(std::string& why);

}  // namespace moeplan::cuda
