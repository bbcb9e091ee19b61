// Tokens of a recorded trace, resampled: co-activation within a token and likeness between tokens stay as
// measured.
#include <algorithm>
#include <cmath>

#include "core/routing/load_draws.h"
#include "core/routing/rng.h"

namespace moeplan::load_draws {
namespace {

struct Walk {
    const TokenRoutes& trace;
    TokenMix mix;
    std::vector<std::size_t> begin_of;  // per token: first token of its sequence
    std::vector<std::size_t> end_of;    // per token: one past its sequence's last

    Walk(const TokenRoutes& t, TokenMix m)
        : trace(t), mix(m), begin_of(t.sequence.size()), end_of(t.sequence.size()) {
        for (std::size_t i = 0; i < t.sequence.size();) {
            std::size_t end = i;
            while (end < t.sequence.size() && t.sequence[end] == t.sequence[i]) ++end;
            for (std::size_t j = i; j < end; ++j) {
                begin_of[j] = i;
                end_of[j] = end;
            }
            i = end;
        }
    }
    // Drawing a token, not a sequence, weighs a sequence by the steps it takes part in.
    std::size_t any(Rng& rng) const { return rng.below(trace.sequence.size()); }
    // The first token of a run that is `wanted` long where its sequence is.
    std::size_t run_start(Rng& rng, std::size_t wanted) const {
        const std::size_t token = any(rng);
        const std::size_t length = end_of[token] - begin_of[token];
        const std::size_t room = length > wanted ? length - wanted : 0;
        return begin_of[token] + (room > 0 ? rng.below(room + 1) : 0);
    }
};

void add_token(const TokenRoutes& trace, std::size_t token, std::size_t layer,
               std::vector<std::int32_t>& counts) {
    const auto k = static_cast<std::size_t>(trace.top_k);
    const std::size_t from = (token * static_cast<std::size_t>(trace.layers) + layer) * k;
    for (std::size_t i = from; i < from + k; ++i) ++counts[static_cast<std::size_t>(trace.route[i])];
}

// counts of `n` tokens that share a step.
void draw_step(const Walk& walk, std::size_t layer, std::size_t n, Rng& rng,
               std::vector<std::int32_t>& counts) {
    std::fill(counts.begin(), counts.end(), 0);
    if (walk.mix == TokenMix::across_sequences) {
        for (std::size_t i = 0; i < n; ++i) add_token(walk.trace, walk.any(rng), layer, counts);
        return;
    }
    for (std::size_t left = n; left > 0;) {
        std::size_t token = walk.run_start(rng, left);
        const std::size_t end = std::min(walk.end_of[token], token + left);
        left -= end - token;
        for (; token < end; ++token) add_token(walk.trace, token, layer, counts);
    }
}

struct Extension {
    double tokens;                     // the largest step that was drawn
    std::vector<std::int32_t> counts;  // what it gave
};

// Beyond what was drawn, deviations from the mean grow with the root of the tokens.
void extend(const Extension& from, double n, const std::vector<double>& p, std::vector<double>& loads) {
    const double scale = std::sqrt(n / from.tokens);
    for (std::size_t e = 0; e < p.size(); ++e) {
        loads[e] = std::max(0.0, n * p[e] + scale * (from.counts[e] - from.tokens * p[e]));
    }
}

Snapshot extended_snapshot(const LayerPlacement& place, const std::vector<double>& p,
                           const std::vector<double>& loads, double n) {
    auto [snapshot, rank] = mean_snapshot(place, loads);
    for (auto s = place.rank_begin[rank]; s < place.rank_begin[rank + 1]; ++s) {
        const auto e = static_cast<std::size_t>(place.slot_expert[static_cast<std::size_t>(s)]);
        snapshot.busiest_activated -= std::expm1(n * std::log1p(-p[e] / place.replicas[e]));
    }
    return snapshot;
}

// Sums over one layer's draws, and its closed form, added per grid point.
struct LayerSums {
    std::vector<ExpertLoad> drawn;
    std::vector<double> closed;
};

void add_layer(const Job& job, const Walk& walk, std::size_t layer, std::size_t draws, double most,
               LayerSums& sums) {
    const auto& p = job.profile.p[layer];
    const LayerPlacement place = job.place(layer, p);
    std::vector<double> loads(p.size());
    Extension last{0, std::vector<std::int32_t>(p.size())};
    for (std::size_t draw = 0; draw < draws; ++draw) {
        for (std::size_t point = 0; point < job.grid.size(); ++point) {
            const double n = job.grid[point];
            ExpertLoad& sum = sums.drawn[point];
            Snapshot s;
            if (n <= most) {
                Rng rng(job.seed, layer, draw * job.grid.size() + point);
                draw_step(walk, layer, static_cast<std::size_t>(n), rng, last.counts);
                last.tokens = n;
                s = whole_snapshot(place, last.counts);
                for (std::int32_t c : last.counts) sum.activated += c > 0 ? 1.0 : 0.0;
            } else {
                extend(last, n, p, loads);
                s = extended_snapshot(place, p, loads, n);
            }
            sum.busiest_pairs += s.busiest_pairs;
            sum.busiest_activated += s.busiest_activated;
            sum.hottest_pairs += s.hottest_pairs;
        }
    }
    for (std::size_t point = 0; point < job.grid.size(); ++point) {
        for (double x : p) sums.closed[point] -= std::expm1(job.grid[point] * std::log1p(-x));
    }
}

}  // namespace

std::vector<ExpertLoad> recorded_tokens(const Job& job, TokenMix mix) {
    const TokenRoutes& trace = *job.profile.trace;
    const Walk walk(trace, mix);
    const double most = mix == TokenMix::across_sequences ? 256 : 2048;
    const std::size_t layers = std::min(static_cast<std::size_t>(trace.layers), job.profile.p.size());
    const std::size_t draws = (96 + layers - 1) / layers;
    LayerSums sums{std::vector<ExpertLoad>(job.grid.size()), std::vector<double>(job.grid.size(), 0.0)};
    for (std::size_t layer = 0; layer < layers; ++layer) add_layer(job, walk, layer, draws, most, sums);

    const double samples = static_cast<double>(draws * layers);
    double missing = 0;  // drawn minus closed form at the largest drawn step, times its tokens
    for (std::size_t point = 0; point < job.grid.size(); ++point) {
        ExpertLoad& load = sums.drawn[point];
        for (double* v :
             {&load.activated, &load.busiest_pairs, &load.busiest_activated, &load.hottest_pairs}) {
            *v /= samples;
        }
        const double closed = sums.closed[point] / static_cast<double>(layers);
        if (mix == TokenMix::across_sequences) {
            load.activated = closed;  // tokens drawn independently: exact, without sampling noise
        } else if (job.grid[point] <= most) {
            missing = (load.activated - closed) * job.grid[point];
        } else {
            load.activated = closed + missing / job.grid[point];
        }
    }
    return sums.drawn;
}

}  // namespace moeplan::load_draws
