#include "gpu/cuda/expert_layer.h"
#include "gpu/cuda/matmul.h"
#include "gpu/cuda/probes.h"
#include "gpu/cuda/sampler.h"

namespace moeplan::cuda {

namespace {

constexpr std::int64_t kMostInt = 0x7fffffff;

void require_format(const Session& session, NumberFormat format) {
    if (const std::string missing = matmul_missing(session, format); !missing.empty())
        throw DeviceError(Failure::unsupported, missing);
}

struct Operands {
    DeviceBuffer a, w, c;
};

}  // namespace

Timed probe(Session& session, const GemmKernel& kernel, const ProbeLimits& limits) {
    require_format(session, kernel.format);
    const Element in = input_element(kernel.format);
    const std::int64_t rows = stored_rows(kernel.format, kernel.m), n = kernel.n, k = kernel.k;
    const auto d = [](std::int64_t value) { return static_cast<double>(value); };
    const double one_set = (d(rows) + d(n)) * d(k) * d(bytes_of(in)) + d(rows) * d(n) * 2;
    require_room(session, one_set);
    std::vector<Operands> sets(static_cast<std::size_t>(sets_of(session, one_set)));
    std::uint64_t seed = 1;
    for (Operands& set : sets) {
        set.a = DeviceBuffer(rows * k * bytes_of(in));
        set.w = DeviceBuffer(n * k * bytes_of(in));
        set.c = DeviceBuffer(rows * n * 2);
        run_fill_random(set.a.get(), rows * k, in, 1.0f, seed++, session.stream());
        run_fill_random(set.w.get(), n * k, in, weight_range(kernel.format, k), seed++, session.stream());
    }
    Matmul matmul(session, {kernel.m, kernel.n, kernel.k, kernel.format});
    matmul.choose(sets[0].a.get(), sets[0].w.get(), sets[0].c.get());
    TimedWork work;
    work.sets = static_cast<int>(sets.size());
    work.enqueue = [&](int s) {
        const Operands& set = sets[static_cast<std::size_t>(s)];
        matmul.enqueue(set.a.get(), set.w.get(), set.c.get());
    };
    return {take_samples(session, limits, work), matmul.text()};
}

Timed probe(Session& session, const ExpertKernel& kernel, const ProbeLimits& limits) {
    if (kernel.format == NumberFormat::fp8_block) {
        throw DeviceError(Failure::unsupported,
                          "no expert layer in fp8_block: cuBLAS multiplies groups in bf16, fp16 and fp8 here");
    }
    require_format(session, kernel.format);
    if (kernel.tokens > kMostInt / kernel.top_k) throw DeviceError(Failure::unsupported, "more than 2^31 pairs");
    const double one_set = bytes_of_set(kernel);
    require_room(session, one_set + bytes_shared(kernel));
    const int sets =
        bytes_shared(kernel) > 0.3 * static_cast<double>(session.free_bytes()) ? 1 : sets_of(session, one_set);
    const ExpertLayer layer(session, kernel, sets);
    TimedWork work;
    work.sets = sets;
    work.enqueue = [&](int s) { layer.enqueue(s); };
    return {take_samples(session, limits, work), layer.text()};
}

}  // namespace moeplan::cuda
