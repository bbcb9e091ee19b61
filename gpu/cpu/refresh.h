#pragma once
// Input as the kernel before leaves it.

#include <cstring>

#include "core/base/require.h"
#include "gpu/cpu/buffer.h"
#include "gpu/cpu/parallel.h"

namespace moeplan::cpu {

// Writes `source` into `input` on all threads, as the kernel that computed it would have.
inline void refresh(const Buffer& input, const Buffer& source) {
    require(input.bytes() == source.bytes(), "refresh: buffers of different size");
    parallel_for(static_cast<std::int64_t>(source.bytes()), [&](std::int64_t begin, std::int64_t end) {
        std::memcpy(input.data() + begin, source.data() + begin, static_cast<std::size_t>(end - begin));
    });
}

}  // namespace moeplan::cpu
