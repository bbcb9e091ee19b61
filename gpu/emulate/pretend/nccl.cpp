// NCCL on the host, ranks of one thread: calls are held until the group ends, and refused when a rank is missing. While a
// group is open nothing else is done, as in the real one. A call of kRefused elements is refused, one of kTooLarge finds
// no memory.

#include <nccl.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

enum class Kind { all_reduce, all_gather, reduce_scatter, send, receive };

struct Rank {
    int rank, size;
};

struct Call {
    Kind kind;
    int rank, size, peer;
    const void* from;
    void* to;
    std::size_t bytes;
};

constexpr std::size_t kRefused = 5432, kTooLarge = 5434;

std::vector<Call> held;
bool open = false;
const char* last_error = "";

Rank* of(ncclComm_t c) { return reinterpret_cast<Rank*>(c); }

ncclResult_t hold(Kind kind, ncclComm_t c, int peer, const void* from, void* to, std::size_t count,
                  ncclDataType_t type) {
    if (!open) return ncclInvalidUsage;   // one thread: alone it would wait for ever
    if (count == kRefused) return ncclInvalidArgument;
    if (count == kTooLarge) {
        last_error = "Cuda failure 2 'out of memory'";
        return ncclUnhandledCudaError;
    }
    held.push_back({kind, of(c)->rank, of(c)->size, peer, from, to, count * (type == ncclFloat ? 4 : 2)});
    return ncclSuccess;
}

// Every receive finds its send of the same size; every send is received.
ncclResult_t exchange() {
    std::vector<bool> taken(held.size(), false);
    for (const Call& r : held) {
        if (r.kind != Kind::receive) continue;
        bool met = false;
        for (std::size_t i = 0; i < held.size() && !met; ++i) {
            const Call& s = held[i];
            if (s.kind != Kind::send || taken[i] || s.rank != r.peer || s.peer != r.rank) continue;
            if (s.bytes != r.bytes) return ncclInvalidUsage;
            std::memcpy(r.to, s.from, r.bytes);
            met = taken[i] = true;
        }
        if (!met) return ncclInvalidUsage;
    }
    for (std::size_t i = 0; i < held.size(); ++i) {
        if (held[i].kind == Kind::send && !taken[i]) return ncclInvalidUsage;
    }
    return ncclSuccess;
}

}  // namespace

extern "C" {

ncclResult_t ncclCommInitAll(ncclComm_t* made, int count, const int* devices) {
    if (open) return ncclInvalidUsage;
    if (std::getenv("NCCL_DEBUG")) std::puts("NCCL version: pretended");   // where the real one prints
    last_error = "";
    for (int r = 0; r < count; ++r) {
        for (int o = 0; o < r; ++o) {
            if (devices[o] == devices[r]) return ncclInvalidUsage;
        }
        made[r] = reinterpret_cast<ncclComm_t>(new Rank{r, count});
    }
    return ncclSuccess;
}
ncclResult_t ncclCommDestroy(ncclComm_t c) {
    delete of(c);
    return ncclSuccess;
}
ncclResult_t ncclCommAbort(ncclComm_t c) { return ncclCommDestroy(c); }
ncclResult_t ncclCommGetAsyncError(ncclComm_t, ncclResult_t* error) {
    *error = ncclSuccess;
    return ncclSuccess;
}
ncclResult_t ncclGetVersion(int* version) {
    *version = NCCL_VERSION_CODE;
    return ncclSuccess;
}
const char* ncclGetErrorString(ncclResult_t result) {
    return result == ncclUnhandledCudaError ? "unhandled cuda error" : result == ncclInvalidArgument ? "invalid argument" : "invalid usage";
}
const char* ncclGetLastError(ncclComm_t) { return last_error; }
ncclResult_t ncclGroupStart() {
    held.clear();
    open = true;
    return ncclSuccess;
}
ncclResult_t ncclGroupEnd() {
    open = false;
    if (held.empty()) return ncclSuccess;
    std::size_t collective = 0;
    for (const Call& c : held) collective += c.kind != Kind::send && c.kind != Kind::receive;
    if (collective == 0) return exchange();
    // A collective touches all that it was given of every rank's memory.
    if (collective != static_cast<std::size_t>(held[0].size)) return ncclInvalidUsage;
    for (const Call& c : held) {
        if (c.kind != held[0].kind || c.bytes != held[0].bytes) return ncclInvalidUsage;
        const auto parts = static_cast<std::size_t>(c.size);
        if (c.kind == Kind::all_gather) {
            for (std::size_t p = 0; p < parts; ++p)
                std::memcpy(static_cast<char*>(c.to) + p * c.bytes, held[p].from, c.bytes);
        } else {
            const std::size_t first = c.kind == Kind::reduce_scatter ? c.bytes * static_cast<std::size_t>(c.rank) : 0;
            std::memmove(c.to, static_cast<const char*>(held[0].from) + first, c.bytes);
        }
    }
    return ncclSuccess;
}
ncclResult_t ncclAllReduce(const void* from, void* to, std::size_t count, ncclDataType_t type, ncclRedOp_t,
                           ncclComm_t c, cudaStream_t) {
    return hold(Kind::all_reduce, c, -1, from, to, count, type);
}
ncclResult_t ncclAllGather(const void* from, void* to, std::size_t count, ncclDataType_t type, ncclComm_t c,
                           cudaStream_t) {
    return hold(Kind::all_gather, c, -1, from, to, count, type);
}
ncclResult_t ncclReduceScatter(const void* from, void* to, std::size_t count, ncclDataType_t type, ncclRedOp_t,
                               ncclComm_t c, cudaStream_t) {
    return hold(Kind::reduce_scatter, c, -1, from, to, count, type);
}
ncclResult_t ncclSend(const void* from, std::size_t count, ncclDataType_t type, int peer, ncclComm_t c, cudaStream_t) {
    return hold(Kind::send, c, peer, from, nullptr, count, type);
}
ncclResult_t ncclRecv(void* to, std::size_t count, ncclDataType_t type, int peer, ncclComm_t c, cudaStream_t) {
    return hold(Kind::receive, c, peer, nullptr, to, count, type);
}

}  // extern "C"
