// CUDA's runtime as far as gpu/cuda uses it, on the host: a stream does everything at once, an event is a point in time.
// Streams, events and memory belong to the device that was current when they were made. What a real runtime refuses is
// refused: launching on another device's stream, recording an event on one, memory of a device without access to it.

#include <cuda_runtime_api.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "gpu/emulate/launch.h"

namespace {

constexpr std::size_t kMemory = std::size_t{512} << 20;
constexpr std::size_t kDeadlyCopy = 12344;

struct Event {
    int device;
    std::chrono::steady_clock::time_point at;
};

struct Stream {
    int device;
};

struct Pretended {
    std::map<void*, std::pair<int, std::size_t>> blocks;  // device, bytes
    std::size_t used[2] = {};
    int device = 0;
    cudaError_t last = cudaSuccess;
    bool lost = false;
};

Pretended& state() {
    static Pretended value;
    return value;
}

// A lost GPU answers nothing else any more.
cudaError_t done(cudaError_t error = cudaSuccess) {
    if (state().lost) error = cudaErrorIllegalAddress;
    if (error != cudaSuccess) state().last = error;
    return error;
}

template <class Handle, class T>
Handle handle(T* made) {
    return reinterpret_cast<Handle>(made);
}

Event* event_of(cudaEvent_t event) { return reinterpret_cast<Event*>(event); }

// The default stream is the current device's.
int device_of(const void* stream) { return stream ? static_cast<const Stream*>(stream)->device : state().device; }

std::string wrong_stream(const void* stream) {
    if (device_of(stream) == state().device) return {};
    return "invalid resource handle: a stream of device " + std::to_string(device_of(stream)) + " while device " +
           std::to_string(state().device) + " is current";
}

// Whether all of it lies in one block of the stream's device.
bool reachable(const void* memory, std::size_t bytes, cudaStream_t stream) {
    auto at = state().blocks.upper_bound(const_cast<void*>(memory));
    if (at == state().blocks.begin()) return false;
    --at;
    const auto offset = static_cast<std::size_t>(static_cast<const char*>(memory) - static_cast<const char*>(at->first));
    return at->second.first == device_of(stream) && offset + bytes <= at->second.second;
}

}  // namespace

extern "C" {

cudaError_t cudaGetDeviceCount(int* count) {
    *count = 2;
    return done();
}
cudaError_t cudaSetDevice(int device) {
    if (device < 0 || device >= 2) return done(cudaErrorInvalidDevice);
    state().device = device;
    return done();
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* p, int) {
    *p = {};
    std::strcpy(p->name, "Pretended GPU");
    p->major = 9;
    p->totalGlobalMem = kMemory;
    p->multiProcessorCount = 4;
    p->l2CacheSize = 1 << 20;
    return done();
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr which, int) {
    *value = which == cudaDevAttrClockRate ? 1500000 : 2000000;
    return done();
}
cudaError_t cudaDeviceGetPCIBusId(char* bus, int bytes, int) {
    std::strncpy(bus, "0000:01:00.0", static_cast<std::size_t>(bytes) - 1);
    return done();
}
cudaError_t cudaDeviceSynchronize() { return done(); }
cudaError_t cudaDriverGetVersion(int* version) {
    *version = 13000;
    return done();
}
cudaError_t cudaRuntimeGetVersion(int* version) {
    *version = 13000;
    return done();
}
cudaError_t cudaGetLastError() {
    const cudaError_t last = state().last;
    state().last = cudaSuccess;
    return last;
}
const char* cudaGetErrorString(cudaError_t error) {
    return error == cudaErrorMemoryAllocation ? "out of memory"
           : error == cudaErrorIllegalAddress ? "an illegal memory access was encountered"
           : error == cudaErrorInvalidResourceHandle ? "invalid resource handle"
           : error == cudaErrorInvalidValue ? "invalid argument"
                                              : "error";
}

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
    Pretended& s = state();
    std::size_t& used = s.used[s.device];
    if (bytes > kMemory - used) return done(cudaErrorMemoryAllocation);
    *memory = std::malloc(bytes);
    std::memset(*memory, 0xff, bytes);
    s.blocks[*memory] = {s.device, bytes};
    used += bytes;
    return done();
}
cudaError_t cudaFree(void* memory) {
    Pretended& s = state();
    const auto at = s.blocks.find(memory);
    if (at == s.blocks.end()) return done(cudaErrorInvalidValue);
    s.used[at->second.first] -= at->second.second;
    s.blocks.erase(at);
    std::free(memory);
    return done();
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
    // What the context and libraries take on a real one is not there.
    *free = kMemory - state().used[state().device];
    *total = kMemory;
    return done();
}
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind) {
    std::memcpy(to, from, bytes);
    return done();
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
    if (!reachable(to, bytes, stream) || !reachable(from, bytes, stream)) return done(cudaErrorInvalidValue);
    if (bytes == kDeadlyCopy) state().lost = true;
    std::memcpy(to, from, bytes);
    return done();
}
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
    if (!reachable(to, bytes, stream)) return done(cudaErrorInvalidValue);
    std::memset(to, value, bytes);
    return done();
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
    *stream = handle<cudaStream_t>(new Stream{state().device});
    moeplan::emulate::set_stream_check(wrong_stream);
    return done();
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
    delete reinterpret_cast<Stream*>(stream);
    return done();
}
cudaError_t cudaStreamSynchronize(cudaStream_t) { return done(); }
cudaError_t cudaStreamBeginCapture(cudaStream_t, cudaStreamCaptureMode) { return done(); }
cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t* graph) {
    *graph = handle<cudaGraph_t>(new char);
    return done();
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
    delete reinterpret_cast<char*>(graph);
    return done();
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* runnable, cudaGraph_t, unsigned long long) {
    *runnable = handle<cudaGraphExec_t>(new char);
    return done();
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t runnable) {
    delete reinterpret_cast<char*>(runnable);
    return done();
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t, cudaStream_t) { return done(); }

cudaError_t cudaEventCreate(cudaEvent_t* event) {
    *event = handle<cudaEvent_t>(new Event{state().device, {}});
    return done();
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
    delete event_of(event);
    return done();
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
    if (event_of(event)->device != device_of(stream)) return done(cudaErrorInvalidResourceHandle);
    event_of(event)->at = std::chrono::steady_clock::now();
    return done();
}
cudaError_t cudaEventSynchronize(cudaEvent_t) { return done(); }
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t stop) {
    *milliseconds = std::chrono::duration<float, std::milli>(event_of(stop)->at - event_of(start)->at).count();
    return done();
}

}  // extern "C"
