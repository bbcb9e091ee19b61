// Independent tokens: token by token where fluctuations are discrete, Gaussian with a skewness term beyond.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/routing/load_draws.h"
#include "core/routing/rng.h"

namespace moeplan::load_draws {
namespace {

constexpr double kTokenByToken = 128;  // largest token count drawn token by token

// Draws top_k distinct experts with exactly the given inclusion probabilities.
// Source: W. G. Madow, "On the theory of systematic sampling, II" (1949), in random order (Goodman and Kish 1950).
class SystematicSampler {
public:
    explicit SystematicSampler(const std::vector<double>& p)
        : p_(p), order_(p.size()), cumulative_(p.size()), start_(p.size()),
          top_k_(std::accumulate(p.begin(), p.end(), 0.0)), picks_(std::llround(top_k_)) {
        std::iota(order_.begin(), order_.end(), std::int32_t{0});
    }

    // A fixed order would tie neighbours together and hide the spread between ranks.
    void reorder(Rng& rng) {
        shuffle(order_, rng);
        double sum = 0;
        for (std::size_t i = 0; i < order_.size(); ++i) {
            sum += p_[static_cast<std::size_t>(order_[i])];
            cumulative_[i] = sum;
        }
        cumulative_.back() = top_k_ + 1.0;
        const double width = top_k_ / static_cast<double>(start_.size());
        std::int32_t at = 0;
        for (std::size_t cell = 0; cell < start_.size(); ++cell) {
            while (cumulative_[static_cast<std::size_t>(at)] <= static_cast<double>(cell) * width) ++at;
            start_[cell] = at;
        }
    }

    void add_token(Rng& rng, std::vector<std::int32_t>& counts) const {
        const double first = rng.uniform();
        const double cells = static_cast<double>(start_.size()) / top_k_;
        for (std::int64_t pick = 0; pick < picks_; ++pick) {
            const double target = first + static_cast<double>(pick);
            const auto cell = std::min(static_cast<std::size_t>(target * cells), start_.size() - 1);
            auto at = static_cast<std::size_t>(start_[cell]);
            while (cumulative_[at] <= target) ++at;
            ++counts[static_cast<std::size_t>(order_[at])];
        }
    }

private:
    const std::vector<double>& p_;
    std::vector<std::int32_t> order_;
    std::vector<double> cumulative_;
    std::vector<std::int32_t> start_;  // guide: first position whose cumulative exceeds cell * width
    double top_k_;
    std::int64_t picks_;
};

// Sums of snapshots and activated experts over draws, per grid point.
struct Sums {
    std::vector<ExpertLoad> loads;
    double draws = 0;

    void add(std::size_t point, const Snapshot& s) {
        loads[point].busiest_pairs += s.busiest_pairs;
        loads[point].busiest_activated += s.busiest_activated;
        loads[point].hottest_pairs += s.hottest_pairs;
    }
};

// Closed form of an expert being used: 1 - (1-p)^n.
class MissPowers {
public:
    explicit MissPowers(const std::vector<double>& p) : log_miss_(p.size()) {
        for (std::size_t e = 0; e < p.size(); ++e) log_miss_[e] = std::log1p(-std::min(p[e], 1.0));
    }
    // active[e] = 1 - (1-p_e)^n; returns their sum.
    double activated(double n, std::vector<double>& active) const {
        double sum = 0;
        for (std::size_t e = 0; e < log_miss_.size(); ++e) {
            active[e] = -std::expm1(n * log_miss_[e]);
            sum += active[e];
        }
        return sum;
    }

private:
    std::vector<double> log_miss_;
};

struct LayerDraws {
    const std::vector<double>& p;
    const LayerPlacement& place;
    const Job& job;
    std::size_t layer;
    std::size_t draws;
};

void draw_token_by_token(const LayerDraws& d, std::size_t points, Sums& sums) {
    SystematicSampler sampler(d.p);
    std::vector<std::int32_t> counts(d.p.size());
    constexpr std::int64_t kReorderEvery = 16;
    for (std::size_t draw = 0; draw < d.draws; ++draw) {
        Rng rng(d.job.seed, d.layer, draw);
        std::fill(counts.begin(), counts.end(), 0);
        std::int64_t token = 0;
        for (std::size_t point = 0; point < points; ++point) {
            for (; static_cast<double>(token) < d.job.grid[point]; ++token) {
                if (token % kReorderEvery == 0) sampler.reorder(rng);
                sampler.add_token(rng, counts);
            }
            sums.add(point, whole_snapshot(d.place, counts));
        }
    }
}

// Independent N(n p, n v) with v = p(1-p), conditioned on the sum n top_k, plus the third cumulant's term of the
// Cornish-Fisher expansion. Conditioning gives the covariance diag(v) - v v'/sum v of fixed-size sampling.
// Source: J. Hajek, Ann. Math. Stat. 35 (1964) 1491; Cornish and Fisher (1938).
class GaussianLoads {
public:
    explicit GaussianLoads(const std::vector<double>& p)
        : p_(p), deviation_(p.size()), skew_(p.size()), share_(p.size()) {
        double total = 0;
        for (double x : p) total += x * (1 - x);
        for (std::size_t e = 0; e < p.size(); ++e) {
            const double v = p[e] * std::max(0.0, 1 - p[e]);
            deviation_[e] = std::sqrt(v);
            skew_[e] = v > 0 ? (1 - 2 * p[e]) / 6 : 0;
            share_[e] = total > 0 ? v / total : 0;
        }
    }

    void draw(double n, const double* z, std::vector<double>& loads) const {
        const double root = std::sqrt(n);
        double off = 0;
        for (std::size_t e = 0; e < p_.size(); ++e) {
            const double noise = root * deviation_[e] * z[e] + skew_[e] * (z[e] * z[e] - 1);
            loads[e] = noise;
            off += noise;
        }
        for (std::size_t e = 0; e < p_.size(); ++e) {
            loads[e] = std::max(0.0, n * p_[e] + loads[e] - off * share_[e]);
        }
    }

private:
    const std::vector<double>& p_;
    std::vector<double> deviation_, skew_, share_;
};

}  // namespace

std::vector<ExpertLoad> independent_tokens(const Job& job) {
    const auto& layers = job.profile.p;
    const std::size_t experts = layers.front().size();
    const std::size_t wanted = std::clamp<std::size_t>(32768 / experts, 64, 512);
    const std::size_t draws = (wanted + layers.size() - 1) / layers.size();
    std::size_t points = 0;
    while (points < job.grid.size() && job.grid[points] <= kTokenByToken) ++points;

    Sums sums{std::vector<ExpertLoad>(job.grid.size())};
    std::vector<double> activated(job.grid.size(), 0.0);
    std::vector<double> z(draws * experts), active(experts), loads(experts);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const auto& p = layers[layer];
        const LayerPlacement place = place_experts(p, job.ranks, job.placement);
        draw_token_by_token({p, place, job, layer, draws}, points, sums);
        Rng rng(job.seed, layer, ~std::uint64_t{0});
        for (double& value : z) value = normal_quantile(rng.open_uniform());
        const MissPowers miss(p);
        const GaussianLoads gaussian(p);
        for (std::size_t point = 0; point < job.grid.size(); ++point) {
            const double n = job.grid[point];
            activated[point] += miss.activated(n, active);
            if (point < points) continue;
            for (std::size_t e = 0; e < experts; ++e) {
                if (place.replicas[e] > 1) active[e] = -std::expm1(n * std::log1p(-p[e] / place.replicas[e]));
            }
            for (std::size_t draw = 0; draw < draws; ++draw) {
                gaussian.draw(n, z.data() + draw * experts, loads);
                sums.add(point, mean_snapshot(place, loads, active));
            }
        }
    }
    const double samples = static_cast<double>(draws * layers.size());
    for (std::size_t point = 0; point < job.grid.size(); ++point) {
        ExpertLoad& load = sums.loads[point];
        load.busiest_pairs /= samples;
        load.busiest_activated /= samples;
        load.hottest_pairs /= samples;
        load.activated = activated[point] / static_cast<double>(layers.size());
    }
    return sums.loads;
}

}  // namespace moeplan::load_draws
