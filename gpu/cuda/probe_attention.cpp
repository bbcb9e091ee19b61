#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "gpu/cuda/operators.h"
#include "gpu/cuda/probes.h"
#include "gpu/cuda/sampler.h"

namespace moeplan::cuda {

namespace {

void require_supported(const AttentionKernel& k) {
    const auto refuse = [](const std::string& why) { throw DeviceError(Failure::unsupported, why); };
    if (!k.decode) refuse("no prefill attention here: only the paged decode kernel");
    if (k.format != NumberFormat::bf16 || (k.kv != NumberFormat::bf16 && k.kv != NumberFormat::fp8)) {
        refuse("decode attention runs in bf16 over a bf16 or fp8 cache");
    }
    if (k.qk_dim > kMostHeadDim || k.v_dim > kMostValueDim)
        refuse("heads of at most 576 (keys) and 512 (values) numbers");
    // Grid dimensions y and z of a launch.
    if (k.heads > 65535 || (k.context + 1) / 64 >= 65535) refuse("at most 65535 heads and 4 million tokens of context");
}

struct Cache {
    DeviceBuffer query, keys, values;
};

struct Paged {
    std::int64_t table_width, pages;
    DeviceBuffer table, lengths;
};

// Pages lie in a random order, as after hours of serving.
Paged page_out(const AttentionKernel& k) {
    Paged p{(k.context + 1 + kPageTokens - 1) / kPageTokens, 0, {}, {}};
    p.pages = p.table_width * k.sequences;
    if (p.pages > 0x7fffffff) throw DeviceError(Failure::out_of_memory, "more than 2^31 pages of the cache");
    std::vector<int> order(static_cast<std::size_t>(p.pages));
    std::iota(order.begin(), order.end(), 0);
    std::mt19937_64 random(7);
    std::shuffle(order.begin(), order.end(), random);
    p.table = DeviceBuffer::of(order);
    p.lengths =
        DeviceBuffer::of(std::vector<int>(static_cast<std::size_t>(k.sequences), static_cast<int>(k.context + 1)));
    return p;
}

Cache fill_cache(const AttentionKernel& k, std::int64_t pages, Element cache, std::uint64_t seed, Stream stream) {
    const std::int64_t rows = pages * kPageTokens * k.kv_heads, queries = k.sequences * k.heads * k.qk_dim;
    Cache c{DeviceBuffer(queries * 2), DeviceBuffer(rows * k.qk_dim * bytes_of(cache)),
            DeviceBuffer(rows * k.v_dim * bytes_of(cache))};
    run_fill_random(c.query.get(), queries, Element::bf16, 1.0f, seed, stream);
    run_fill_random(c.keys.get(), rows * k.qk_dim, cache, 1.0f, seed + 100, stream);
    run_fill_random(c.values.get(), rows * k.v_dim, cache, 1.0f, seed + 200, stream);
    return c;
}

double bytes_of_cache(const AttentionKernel& k, Element cache) {
    const double tokens = static_cast<double>(k.sequences) * static_cast<double>(k.context + kPageTokens);
    return tokens * static_cast<double>(k.kv_heads * (k.qk_dim + k.v_dim) * bytes_of(cache)) +
           4.0 * static_cast<double>(k.sequences) * static_cast<double>(k.heads) * static_cast<double>(k.qk_dim);
}

}  // namespace

Timed probe(Session& session, const AttentionKernel& kernel, const ProbeLimits& limits) {
    require_supported(kernel);
    const Element cache = kernel.kv == NumberFormat::fp8 ? Element::fp8 : Element::bf16;
    const double one_set = bytes_of_cache(kernel, cache);
    require_room(session, 1.1 * one_set);
    const Paged paged = page_out(kernel);
    std::vector<Cache> sets;
    const int count = sets_of(session, one_set);
    for (int s = 0; s < count; ++s)
        sets.push_back(fill_cache(kernel, paged.pages, cache, static_cast<std::uint64_t>(s), session.stream()));
    const DeviceBuffer out(kernel.sequences * kernel.heads * kernel.v_dim * 2);
    DecodeWork shape;
    shape.pages = paged.table.as<int>();
    shape.lengths = paged.lengths.as<int>();
    shape.out = out.get();
    shape.sequences = kernel.sequences, shape.heads = kernel.heads, shape.kv_heads = kernel.kv_heads;
    shape.qk_dim = kernel.qk_dim, shape.v_dim = kernel.v_dim;
    shape.table_width = paged.table_width, shape.longest = kernel.context + 1, shape.window = kernel.window;
    shape.cache = cache;
    shape.softmax_scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(kernel.qk_dim)));
    shape.chunk = decode_chunk(shape, session.properties().multiProcessorCount);
    const DeviceBuffer workspace(decode_workspace(shape) * 4);
    shape.workspace = workspace.as<float>();
    TimedWork work;
    work.sets = count;
    work.enqueue = [&](int s) {
        const Cache& set = sets[static_cast<std::size_t>(s)];
        DecodeWork one = shape;
        one.query = set.query.get();
        one.keys = set.keys.get();
        one.values = set.values.get();
        run_decode_attention(one, session.stream());
    };
    return {take_samples(session, limits, work), "paged decode, chunks of " + std::to_string(shape.chunk) + " keys"};
}

}  // namespace moeplan::cuda
