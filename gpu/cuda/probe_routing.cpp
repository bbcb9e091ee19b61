#include <random>

#include "gpu/cuda/operators.h"
#include "gpu/cuda/probes.h"
#include "gpu/cuda/sampler.h"

namespace moeplan::cuda {

namespace {

double d(std::int64_t value) { return static_cast<double>(value); }

void require_choice(std::int64_t tokens, std::int64_t experts, std::int64_t top_k) {
    if (experts <= kMostExperts && top_k <= kMostTopK && tokens <= 0x7fffffff / top_k) return;
    throw DeviceError(Failure::unsupported,
                      "routing runs for at most 1024 experts, 32 of them a token, and 2^31 pairs");
}

// Where random scores send each pair, placed on the device.
struct Routed {
    DeviceBuffer expert_of, weight_of, workspace, offsets, row_of_pair, pair_of_row;
    PlaceWork place;
};

Routed route_random(Session& session, const PermuteKernel& k, std::uint64_t seed) {
    const std::int64_t pairs = k.tokens * k.top_k;
    Routed r{DeviceBuffer(pairs * 4),
             DeviceBuffer(pairs * 4),
             DeviceBuffer(place_workspace(pairs, k.experts) * 4),
             DeviceBuffer((k.experts + 1) * 4),
             DeviceBuffer(pairs * 4),
             DeviceBuffer(pairs * 4),
             {}};
    const DeviceBuffer scores(k.tokens * k.experts * 4);
    run_fill_random_float(scores.as<float>(), k.tokens * k.experts, 4.0f, seed, session.stream());
    run_router({scores.as<float>(), r.expert_of.as<int>(), r.weight_of.as<float>(), k.tokens, k.experts, k.top_k},
               session.stream());
    r.place = {r.expert_of.as<int>(),
               r.workspace.as<int>(),
               r.offsets.as<int>(),
               r.row_of_pair.as<int>(),
               r.pair_of_row.as<int>(),
               pairs,
               k.experts};
    run_place(r.place, session.stream());
    check(cudaStreamSynchronize(session.stream()), "cudaStreamSynchronize");   // the scores go
    return r;
}

struct PermuteSet {
    Routed routed;
    DeviceBuffer tokens, rows;
};

}  // namespace

Timed probe(Session& session, const RouterKernel& kernel, const ProbeLimits& limits) {
    require_choice(kernel.tokens, kernel.experts, kernel.top_k);
    const std::int64_t scores = kernel.tokens * kernel.experts, pairs = kernel.tokens * kernel.top_k;
    const double one_set = d(scores) * 4 + d(pairs) * 8;
    require_room(session, one_set);
    struct Set {
        DeviceBuffer scores, experts, weights;
    };
    std::vector<Set> sets;
    const int count = sets_of(session, one_set);
    for (int s = 0; s < count; ++s) {
        sets.push_back({DeviceBuffer(scores * 4), DeviceBuffer(pairs * 4), DeviceBuffer(pairs * 4)});
        run_fill_random_float(sets.back().scores.as<float>(), scores, 4.0f, static_cast<std::uint64_t>(s),
                              session.stream());
    }
    TimedWork work;
    work.sets = count;
    work.enqueue = [&](int s) {
        const Set& set = sets[static_cast<std::size_t>(s)];
        run_router({set.scores.as<float>(), set.experts.as<int>(), set.weights.as<float>(), kernel.tokens,
                    kernel.experts, kernel.top_k},
                   session.stream());
    };
    return {take_samples(session, limits, work), "softmax and top-k, a warp a token"};
}

// Dispatch: histogram, scan, stable placing and gather. Combine: the weighted sum alone.
Timed probe(Session& session, const PermuteKernel& kernel, const ProbeLimits& limits) {
    require_choice(kernel.tokens, kernel.experts, kernel.top_k);
    const std::int64_t pairs = kernel.tokens * kernel.top_k, row_bytes = kernel.hidden * 2;
    const double one_set = d(pairs + kernel.tokens) * d(row_bytes) + d(pairs) * 20;
    require_room(session, one_set + d(kernel.tokens) * d(kernel.experts) * 4);
    std::vector<PermuteSet> sets;
    const int count = sets_of(session, one_set);
    for (int s = 0; s < count; ++s) {
        const auto seed = static_cast<std::uint64_t>(s) + 1;
        sets.push_back({route_random(session, kernel, seed), DeviceBuffer(kernel.tokens * row_bytes),
                        DeviceBuffer(pairs * row_bytes)});
        run_fill_random(sets.back().tokens.get(), kernel.tokens * kernel.hidden, Element::bf16, 1.0f, seed + 10,
                        session.stream());
        run_fill_random(sets.back().rows.get(), pairs * kernel.hidden, Element::bf16, 1.0f, seed + 20,
                        session.stream());
    }
    TimedWork work;
    work.sets = count;
    work.enqueue = [&](int s) {
        const PermuteSet& set = sets[static_cast<std::size_t>(s)];
        const Routed& r = set.routed;
        if (kernel.combine) {
            run_combine({set.rows.get(), r.row_of_pair.as<int>(), r.weight_of.as<float>(), set.tokens.get(),
                         kernel.tokens, kernel.hidden, kernel.top_k, Element::bf16},
                        session.stream());
        } else {
            run_place(r.place, session.stream());
            run_gather({set.tokens.get(), r.pair_of_row.as<int>(), r.offsets.as<int>() + kernel.experts, set.rows.get(),
                        pairs, kernel.top_k, row_bytes},
                       session.stream());
        }
    };
    return {take_samples(session, limits, work),
            kernel.combine ? "weighted sum, a block a token" : "counting sort and gather"};
}

Timed probe(Session& session, const ActivationKernel& kernel, const ProbeLimits& limits) {
    const double one_set = d(kernel.rows) * d(kernel.width) * 6;
    require_room(session, one_set);
    if (kernel.rows > 0x7fffffff) throw DeviceError(Failure::unsupported, "at most 2^31 rows");
    struct Set {
        DeviceBuffer in, out;
    };
    std::vector<Set> sets;
    const int count = sets_of(session, one_set);
    for (int s = 0; s < count; ++s) {
        sets.push_back({DeviceBuffer(kernel.rows * kernel.width * 4), DeviceBuffer(kernel.rows * kernel.width * 2)});
        run_fill_random(sets.back().in.get(), kernel.rows * kernel.width * 2, Element::bf16, 2.0f,
                        static_cast<std::uint64_t>(s), session.stream());
    }
    TimedWork work;
    work.sets = count;
    work.enqueue = [&](int s) {
        const Set& set = sets[static_cast<std::size_t>(s)];
        run_activation(
            {set.in.get(), set.out.get(), kernel.rows, kernel.width, true, Element::bf16, Element::bf16, 1.0f},
            session.stream());
    };
    return {take_samples(session, limits, work), "SwiGLU, a block a row"};
}

}  // namespace moeplan::cuda
