// Independent tokens: token by token where fluctuations are discrete, Gaussian with a skewness term beyond.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/routing/load_draws.h"
#include "core/routing/rng.h"

namespace moeplan::load_draws {
namespace {

constexpr double kTokenByToken = 128;  // largest token count drawn token by token
constexpr double kFewTokens = 8;  // up to here a maximum varies most from draw to draw, and draws are cheap
constexpr std::size_t kMoreDraws = 4;  // so there are more of them

// Draws top_k distinct experts with exactly the given inclusion probabilities.
// Source: W. G. Madow, "On the theory of systematic sampling, II" (1949), in random order (Goodman and Kish
// 1950).
// Every token takes one of many orders: in one order the same experts would always meet, which hides how
// loads spread.
class SystematicSampler {
public:
    SystematicSampler(const std::vector<double>& p, std::size_t orders, Rng rng)
        : experts_(p.size()),
          order_(orders * p.size()),
          cumulative_(order_.size()),
          start_(order_.size()),
          top_k_(std::accumulate(p.begin(), p.end(), 0.0)),
          picks_(std::llround(top_k_)) {
        std::vector<std::int32_t> order(experts_);
        std::iota(order.begin(), order.end(), std::int32_t{0});
        for (std::size_t i = 0; i < orders; ++i) {
            shuffle(order, rng);
            std::copy(order.begin(), order.end(), order_.begin() + static_cast<std::ptrdiff_t>(i * experts_));
            prepare(p, i * experts_);
        }
    }

    void add_token(Rng& rng, std::vector<std::int32_t>& counts) const {
        const std::size_t from = rng.below(order_.size() / experts_) * experts_;
        const double first = rng.uniform();
        const double cells = static_cast<double>(experts_) / top_k_;
        for (std::int64_t pick = 0; pick < picks_; ++pick) {
            const double target = first + static_cast<double>(pick);
            const auto cell = std::min(static_cast<std::size_t>(target * cells), experts_ - 1);
            auto at = static_cast<std::size_t>(start_[from + cell]);
            while (cumulative_[from + at] <= target) ++at;
            ++counts[static_cast<std::size_t>(order_[from + at])];
        }
    }

private:
    void prepare(const std::vector<double>& p, std::size_t from) {
        double sum = 0;
        for (std::size_t i = from; i < from + experts_; ++i) {
            sum += p[static_cast<std::size_t>(order_[i])];
            cumulative_[i] = sum;
        }
        cumulative_[from + experts_ - 1] = top_k_ + 1.0;
        const double width = top_k_ / static_cast<double>(experts_);
        std::size_t at = 0;
        for (std::size_t cell = 0; cell < experts_; ++cell) {
            while (cumulative_[from + at] <= static_cast<double>(cell) * width) ++at;
            start_[from + cell] = static_cast<std::int32_t>(at);
        }
    }

    std::size_t experts_;
    std::vector<std::int32_t> order_;  // [order][position]
    std::vector<double> cumulative_;
    std::vector<std::int32_t> start_;  // guide: first position whose cumulative exceeds cell * width
    double top_k_;
    std::int64_t picks_;
};

// Sums of snapshots and activated experts over draws, per grid point.
struct Sums {
    std::vector<ExpertLoad> loads;
    std::vector<double> draws;

    explicit Sums(std::size_t points) : loads(points), draws(points, 0.0) {}

    void add(std::size_t point, const Snapshot& s) {
        draws[point] += 1;
        loads[point].busiest_pairs += s.busiest_pairs;
        loads[point].busiest_activated += s.busiest_activated;
        loads[point].hottest_pairs += s.hottest_pairs;
    }
};

// (1-p_e)^n for every grid point. The grid doubles, so nearly all powers are one multiplication.
class MissPowers {
public:
    MissPowers(const std::vector<double>& grid, std::size_t experts)
        : grid_(grid), experts_(experts), power_(grid.size() * experts) {}

    void set(const std::vector<double>& p) {
        for (std::size_t point = 0; point < grid_.size(); ++point) {
            const double n = grid_[point];
            const auto half =
                std::find(grid_.begin(), grid_.begin() + static_cast<std::ptrdiff_t>(point), n / 2);
            const auto at = static_cast<std::size_t>(half - grid_.begin());
            for (std::size_t e = 0; e < experts_; ++e) {
                double& q = power_[point * experts_ + e];
                if (at < point) q = power_[at * experts_ + e] * power_[at * experts_ + e];
                else q = std::exp(n * std::log1p(-p[e]));
            }
        }
    }
    const double* at(std::size_t point) const { return power_.data() + point * experts_; }
    double activated(std::size_t point) const {
        double sum = 0;
        for (std::size_t e = 0; e < experts_; ++e) sum += 1.0 - at(point)[e];
        return sum;
    }

private:
    const std::vector<double>& grid_;
    std::size_t experts_;
    std::vector<double> power_;
};

struct LayerDraws {
    const std::vector<double>& p;
    const LayerPlacement& place;
    const Job& job;
    std::size_t layer;
    std::size_t draws;
};

void draw_token_by_token(const LayerDraws& d, std::size_t points, Sums& sums) {
    const std::size_t layers = d.job.profile.p.size();
    const std::size_t orders = std::clamp<std::size_t>(65536 / (d.p.size() * layers), 16, 1024);
    const SystematicSampler sampler(d.p, orders, Rng(d.job.seed, d.layer, ~std::uint64_t{1}));
    std::vector<std::int32_t> counts(d.p.size());
    for (std::size_t draw = 0; draw < kMoreDraws * d.draws; ++draw) {
        Rng rng(d.job.seed, d.layer, draw);
        std::fill(counts.begin(), counts.end(), 0);
        double token = 0;
        for (std::size_t point = 0; point < points; ++point) {
            if (draw >= d.draws && d.job.grid[point] > kFewTokens) break;
            for (; token < d.job.grid[point]; token += 1) sampler.add_token(rng, counts);
            sums.add(point, whole_snapshot(d.place, counts));
        }
    }
}

// Independent N(n p, n v) with v = p(1-p), conditioned on the sum n top_k, plus the third cumulant's term of
// the Cornish-Fisher expansion. Conditioning gives the covariance diag(v) - v v'/sum v of fixed-size
// sampling.
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

// Uniforms and their normal quantiles, [draw][expert]; the same for all token counts, so curves are smooth.
struct Noise {
    std::vector<double> u, z;
    explicit Noise(std::size_t size) : u(size), z(size) {}
    void fill(Rng rng) {
        for (std::size_t i = 0; i < u.size(); ++i) {
            u[i] = rng.open_uniform();
            z[i] = normal_quantile(u[i]);
        }
    }
};

// Slots of the busiest rank with a token. An expert is idle where its draw lies in the lowest (1-p)^n of
// cases:
// exact on average, and a rank that is busy because its experts drew much has them active.
double busiest_activated(const LayerDraws& d, std::size_t rank, double n, const double* miss,
                         const double* u) {
    double active = 0;
    for (auto s = d.place.rank_begin[rank]; s < d.place.rank_begin[rank + 1]; ++s) {
        const auto e = static_cast<std::size_t>(d.place.slot_expert[static_cast<std::size_t>(s)]);
        const auto replicas = d.place.replicas[e];
        const double idle = replicas > 1 ? std::exp(n * std::log1p(-d.p[e] / replicas)) : miss[e];
        active += u[e] > idle ? 1.0 : 0.0;
    }
    return active;
}

void draw_gaussian(const LayerDraws& d, std::size_t from_point, const MissPowers& miss, Noise& noise,
                   Sums& sums) {
    const std::size_t experts = d.p.size();
    noise.fill(Rng(d.job.seed, d.layer, ~std::uint64_t{0}));
    const GaussianLoads gaussian(d.p);
    std::vector<double> loads(experts);
    for (std::size_t point = from_point; point < d.job.grid.size(); ++point) {
        const double n = d.job.grid[point];
        for (std::size_t draw = 0; draw < d.draws; ++draw) {
            gaussian.draw(n, noise.z.data() + draw * experts, loads);
            auto [snapshot, rank] = mean_snapshot(d.place, loads);
            snapshot.busiest_activated =
                busiest_activated(d, rank, n, miss.at(point), noise.u.data() + draw * experts);
            sums.add(point, snapshot);
        }
    }
}

}  // namespace

std::vector<ExpertLoad> independent_tokens(const Job& job) {
    const auto& layers = job.profile.p;
    const std::size_t experts = layers.front().size();
    const std::size_t wanted = std::clamp<std::size_t>(32768 / experts, 64, 256);
    const std::size_t draws = (wanted + layers.size() - 1) / layers.size();
    std::size_t points = 0;
    while (points < job.grid.size() && job.grid[points] <= kTokenByToken) ++points;

    Sums sums(job.grid.size());
    MissPowers miss(job.grid, experts);
    Noise noise(draws * experts);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const LayerPlacement place = job.place(layer, layers[layer]);
        const LayerDraws d{layers[layer], place, job, layer, draws};
        miss.set(d.p);
        draw_token_by_token(d, points, sums);
        draw_gaussian(d, points, miss, noise, sums);
        for (std::size_t point = 0; point < job.grid.size(); ++point) {
            sums.loads[point].activated += miss.activated(point) / static_cast<double>(layers.size());
        }
    }
    for (std::size_t point = 0; point < job.grid.size(); ++point) {
        ExpertLoad& load = sums.loads[point];
        for (double* value : {&load.busiest_pairs, &load.busiest_activated, &load.hottest_pairs}) {
            *value /= sums.draws[point];
        }
    }
    return sums.loads;
}

}  // namespace moeplan::load_draws
