#include <cmath>

#include "gpu/cuda/expert_layer.h"
#include "gpu/cuda/matmul.h"
#include "gpu/cuda/probes.h"
#include "gpu/cuda/sampler.h"

namespace moeplan::cuda {

namespace {

constexpr std::int64_t kMostInt = 0x7fffffff;

void require_format(const Session& session, NumberFormat format) {
    if (matmul_format(session, format)) return;
    throw DeviceError(Failure::unsupported, "no GEMM in " + std::string(name_of(format)) + " on compute capability " +
                                                std::to_string(session.properties().major) + "." +
                                                std::to_string(session.properties().minor));
}

struct Operands {
    DeviceBuffer a, w, c;
};

}  // namespace

Timed probe(Session& session, const GemmKernel& kernel, const ProbeLimits& limits) {
    require_format(session, kernel.format);
    const Element in = input_element(kernel.format);
    const double m = static_cast<double>(kernel.m), n = static_cast<double>(kernel.n),
                 k = static_cast<double>(kernel.k);
    const double one_set = (m * k + n * k) * static_cast<double>(bytes_of(in)) + m * n * 2;
    require_room(session, one_set);
    std::vector<Operands> sets(static_cast<std::size_t>(sets_of(session, one_set)));
    std::uint64_t seed = 1;
    for (Operands& set : sets) {
        set.a = DeviceBuffer(kernel.m * kernel.k * bytes_of(in));
        set.w = DeviceBuffer(kernel.n * kernel.k * bytes_of(in));
        set.c = DeviceBuffer(kernel.m * kernel.n * 2);
        run_fill_random(set.a.get(), kernel.m * kernel.k, in, 1.0f, seed++, session.stream());
        run_fill_random(set.w.get(), kernel.n * kernel.k, in, static_cast<float>(2.0 / std::sqrt(k)), seed++,
                        session.stream());
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
