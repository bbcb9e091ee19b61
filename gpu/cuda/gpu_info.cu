// moeplan-gpu-info: what the GPUs of this machine say of themselves, one JSON line each:
// {"index":0,"name":"…","compute":"9.0","memory_bytes":…,"sm_count":132,"l2_bytes":…,"memory_bus_bits":…,
//  "memory_clock_khz":…,"sm_clock_khz":…,"driver":13000,"runtime":13000}
// Exit code 0 with at least one GPU, 3 without (one line on stderr says why), 4 when CUDA fails otherwise.

#include <cstdio>
#include <string>

#include <cuda_runtime.h>

namespace {

constexpr int kNoGpu = 3, kFailed = 4;

std::string json_text(const char* text) {
    std::string out = "\"";
    for (const char* c = text; *c; ++c) {
        if (*c == '"' || *c == '\\') out += '\\';
        if (static_cast<unsigned char>(*c) >= 0x20) out += *c;
    }
    return out + "\"";
}

// Every CUDA call goes through here: the call's own text is part of the message.
bool ok(cudaError_t error, const char* call) {
    if (error == cudaSuccess) return true;
    std::fprintf(stderr, "moeplan-gpu-info: %s: %s\n", call, cudaGetErrorString(error));
    return false;
}

int attribute(cudaDeviceAttr which, int device) {
    int value = 0;
    return ok(cudaDeviceGetAttribute(&value, which, device), "cudaDeviceGetAttribute") ? value : 0;
}

bool print_device(int index, int driver, int runtime) {
    cudaDeviceProp p{};
    if (!ok(cudaGetDeviceProperties(&p, index), "cudaGetDeviceProperties")) return false;
    std::printf("{\"index\":%d,\"name\":%s,\"compute\":\"%d.%d\",\"memory_bytes\":%zu,\"sm_count\":%d,\"l2_bytes\":%d,"
                "\"memory_bus_bits\":%d,\"memory_clock_khz\":%d,\"sm_clock_khz\":%d,\"driver\":%d,\"runtime\":%d}\n",
                index, json_text(p.name).c_str(), p.major, p.minor, p.totalGlobalMem, p.multiProcessorCount, p.l2CacheSize,
                p.memoryBusWidth, attribute(cudaDevAttrMemoryClockRate, index), attribute(cudaDevAttrClockRate, index), driver, runtime);
    return true;
}

}  // namespace

int main() {
    int count = 0, driver = 0, runtime = 0;
    const cudaError_t found = cudaGetDeviceCount(&count);
    if (found == cudaErrorNoDevice || found == cudaErrorInsufficientDriver || (found == cudaSuccess && count == 0)) {
        std::fprintf(stderr, "moeplan-gpu-info: no usable GPU: %s\n",
                     found == cudaErrorInsufficientDriver ? "no NVIDIA driver is loaded, or it is older than this program" : "none is installed");
        return kNoGpu;
    }
    if (!ok(found, "cudaGetDeviceCount")) return kFailed;
    if (!ok(cudaDriverGetVersion(&driver), "cudaDriverGetVersion") || !ok(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion")) return kFailed;
    for (int i = 0; i < count; ++i) {
        if (!print_device(i, driver, runtime)) return kFailed;
    }
    return 0;
}
