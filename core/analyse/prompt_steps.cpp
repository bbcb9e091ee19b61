#include "core/analyse/prompt_steps.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/base/require.h"

namespace moeplan {
namespace {

constexpr std::size_t kFewestPrompts = 12, kMostStates = 256;
constexpr double kNegligible = 1e-9;    // of a probability
constexpr double kNever = 1e-13;         // a probability that is not followed any further
constexpr double kSettled = 1e-8;       // relative change of the mean in prefill
constexpr int kMostRounds = 600;
constexpr double kNearlyAll = 0.97;     // of what steps can take: beyond it hundreds of prompts would wait for steps

using Shares = std::vector<double>;

// Probabilities of from, from + 1, …
struct Numbers {
    std::size_t from = 0;
    Shares p;
};

Numbers poisson_numbers(double mean) {
    if (mean <= 0) return {0, {1}};
    const auto mode = static_cast<std::size_t>(mean);
    Shares below, above{1};
    for (std::size_t n = mode; n > 0; --n) {
        const double next = (below.empty() ? 1 : below.back()) * static_cast<double>(n) / mean;
        if (next < kNegligible) break;
        below.push_back(next);
    }
    // Small means: two at once are rare, but not beside one.
    const double least = kNegligible * std::min(1.0, mean * mean);
    for (std::size_t n = mode + 1; above.back() >= least; ++n) above.push_back(above.back() * mean / static_cast<double>(n));
    Numbers d{mode - below.size(), {}};
    d.p.assign(below.rbegin(), below.rend());
    d.p.insert(d.p.end(), above.begin(), above.end());
    double sum = 0;
    for (const double p : d.p) sum += p;
    for (double& p : d.p) p /= sum;
    return d;
}

// Each of `served` prompts stays with probability 1 - 1/chunks: [n] = n of them do.
Shares staying(std::size_t served, double chunks) {
    Shares p{1};
    if (chunks <= 1) return p;
    for (std::size_t i = 0; i < served; ++i) {
        p.push_back(0);
        for (std::size_t n = p.size(); n-- > 0;) p[n] = p[n] / chunks + (n > 0 ? p[n - 1] * (1 - 1 / chunks) : 0);
    }
    return p;
}

// States: chunks to come where prompts go in turn, prompts in prefill where each goes on by itself (with every step one in
// `chunks` ends, so that their number has the right mean without the age of each).
class Chain {
public:
    Chain(const PromptLoad& load, const StepSeconds& seconds, std::size_t prompts)
        : load_(load), each_(load.in_turn ? static_cast<std::size_t>(load.chunks) : 1), states_(std::min(prompts * each_, most_states())) {
        for (std::size_t k = 0; k < states_; ++k) {
            rows_.push_back(k == 0 && load.nothing_decodes ? Row{{std::min(each_, states_ - 1), {1}}} : row(k, seconds, Ends::whoever));
        }
    }

    bool fullest() const { return states_ == most_states(); }
    double prompts(std::size_t state) const { return std::ceil(static_cast<double>(state) / static_cast<double>(each_)); }
    // A prompt has at most one chunk in a step; what is left goes to the next.
    double carried(std::size_t state) const {
        if (load_.in_turn && prompts(state) <= 1) return std::min<double>(static_cast<double>(state), 1);
        return std::min(static_cast<double>(state), load_.most);
    }

    // Chunks done. They are of one length here, so what a budget holds beyond one stands for what a prompt's last, shorter chunk
    // leaves to the next prompt; so much that a queue of prompts has `most` in every step.
    double done(std::size_t state) const {
        if (!load_.in_turn || each_ == 1 || prompts(state) <= 1) return carried(state);
        const bool last_of_first = (state - 1) % each_ == 0;
        return last_of_first ? 1 + static_cast<double>(each_) * (1 - 1 / load_.most) : 1;
    }

    // From `now` until the mean number settles.
    Shares settled(Shares now) const {
        if (load_.nothing_decodes) return busy_period();
        now.resize(states_, 0);
        double change = 0;
        const int most = kMostRounds + 2 * static_cast<int>(load_.chunks);
        for (int round = 1; round <= most; ++round) {
            Shares next = after(now);
            double moved = 0, of = 0;   // by how much, weighed by prompts: rare ones count where all are
            for (std::size_t k = 1; k < next.size(); ++k) {
                moved += static_cast<double>(k) * std::abs(next[k] - now[k]);
                of += static_cast<double>(k) * next[k];
            }
            const double ratio = change > 0 ? moved / change : 0;
            now = std::move(next);
            change = moved;
            if (round > load_.chunks && moved <= kSettled * of * (1 - std::min(ratio, 0.99))) break;
        }
        return now;
    }

    // Steps of each kind that a request meets from its first token to its last, for one of its decode steps.
    Shares met(const Shares& settled, const StepSeconds& seconds) const {
        Shares now = after_first_token(settled, seconds), sum(states_, 0);
        const double decodes = std::max(load_.decode_steps, 1.0);
        double left = decodes;
        for (int round = 0; round < kMostRounds && left > 0; ++round) {
            double apart = 0;
            const double weight = std::min(left, 1.0);
            for (std::size_t k = 0; k < states_; ++k) {
                if (k == 0 && !load_.decodes_beside) continue;
                sum[k] += weight * now[k];
                apart += load_.decodes_beside ? std::abs(now[k] - settled[k]) : now[k];
            }
            if (load_.decodes_beside) left -= weight;
            else now[0] = 0;
            if (apart < 1e-6) break;
            now = after(now);
        }
        if (!load_.decodes_beside) {
            sum[0] += 1;   // the decode step that ends the wait
            left = (decodes - 1) / std::max(settled[0], 1e-9);   // from one decode step to the next: all others in their shares
        }
        for (std::size_t k = 0; k < states_; ++k) sum[k] = (sum[k] + left * settled[k]) / decodes;
        return sum;
    }

private:
    // An idle engine begins anew with every first prompt: steps of each kind until it is idle again.
    Shares busy_period() const {
        Shares now(states_, 0), visits(states_, 0);
        spread(now, rows_[0], 1);
        visits[0] = 1;
        double left = 1;
        for (int round = 0; round < kMostRounds * static_cast<int>(4 + load_.chunks) && left > kNegligible; ++round) {
            for (std::size_t k = 1; k < states_; ++k) visits[k] += now[k];
            now = after(now);
            left -= std::exchange(now[0], 0);
        }
        double sum = 0;
        for (const double v : visits) sum += v;
        for (double& v : visits) v /= sum;
        return visits;
    }

    std::size_t most_states() const { return std::max(kMostStates, 4 * each_); }

    // Where a step leads, how often: from, from + each prompt's chunks, …; what is beyond the last state is in the last.
    struct Part {
        std::size_t from = 0;
        Shares p;
    };
    using Row = std::vector<Part>;
    enum class Ends : std::uint8_t { whoever, one };           // what is known of the step: nothing, or that a prompt was completed

    Shares after(const Shares& now) const {
        Shares next(now.size(), 0);
        for (std::size_t k = 0; k < now.size(); ++k) {
            if (now[k] > kNever) spread(next, rows_[k], now[k]);
        }
        return next;
    }

    void spread(Shares& over, const Row& row, double weight) const {
        for (const Part& part : row) {
            double* to = over.data() + part.from;
            const std::size_t n = part.p.size();
            if (each_ == 1) {
                for (std::size_t i = 0; i < n; ++i) to[i] += weight * part.p[i];
            } else {
                for (std::size_t i = 0; i < n; ++i) to[i * each_] += weight * part.p[i];
            }
        }
    }

    void put(Row& row, std::size_t from, const Shares& p, double weight) const {
        const std::size_t last = states_ - 1;
        Part inside{from, {}};
        double beyond = 0;
        for (std::size_t i = 0; i < p.size(); ++i) {
            if (from + i * each_ <= last) inside.p.push_back(weight * p[i]);
            else beyond += weight * p[i];
        }
        if (!inside.p.empty()) row.push_back(std::move(inside));
        if (beyond > 0) row.push_back({last, {beyond}});
    }

    // In prefill when the first decode step of a request begins: its own prompt ended with the step before.
    Shares after_first_token(const Shares& settled, const StepSeconds& seconds) const {
        Shares start(states_, 0);
        double sum = 0;
        for (std::size_t k = 1; k < states_; ++k) {
            if (settled[k] <= 0) continue;
            spread(start, row(k, seconds, Ends::one), settled[k]);
        }
        for (const double s : start) sum += s;
        for (double& s : start) s = sum > 0 ? s / sum : 0;
        if (sum <= 0) start[0] = 1;
        return start;
    }

    // Where a step that begins in state k leads; of Ends::one, times the prompts that end in it.
    Row row(std::size_t k, const StepSeconds& seconds, Ends ends) const {
        const double served = done(k);
        const Numbers come = poisson_numbers(load_.rate * seconds(carried(k)));
        const auto whole = static_cast<std::size_t>(served);
        const double part = served - static_cast<double>(whole);
        Row to;
        add(to, k, whole, come, 1 - part, ends);
        if (part > 0) add(to, k, whole + 1, come, part, ends);
        return to;
    }

    void add(Row& to, std::size_t k, std::size_t served, const Numbers& come, double weight, Ends ends) const {
        Shares stay{1};
        if (load_.in_turn) {
            if (ends == Ends::one) weight *= prompts(k) - prompts(k - served);
        } else {
            if (ends == Ends::one) weight *= static_cast<double>(served) / load_.chunks;
            stay = staying(ends == Ends::one ? served - 1 : served, load_.chunks);
        }
        if (weight <= 0) return;
        const std::size_t from = k - served + come.from * each_;
        if (stay.size() == 1) return put(to, from, come.p, weight);
        Shares both(stay.size() + come.p.size() - 1, 0);
        for (std::size_t n = 0; n < stay.size(); ++n) {
            for (std::size_t i = 0; i < come.p.size(); ++i) both[n + i] += stay[n] * come.p[i];
        }
        put(to, from, both, weight);
    }

    const PromptLoad& load_;
    std::size_t each_, states_;
    std::vector<Row> rows_;
};

// Mean time of a step in which the engine works, over all steps.
double working(const PromptSteps& steps, const PromptLoad& load, const StepSeconds& seconds) {
    double sum = 0;
    for (const PromptSteps::Begin& b : steps.begin) {
        if (b.prompts > 0 || !load.nothing_decodes) sum += b.share * seconds(b.chunks);
    }
    return sum;
}

}  // namespace

bool keeps_up(const PromptLoad& load, const StepSeconds& seconds) {
    return load.rate * load.chunks * seconds(load.most) < kNearlyAll * load.most;
}

PromptSteps prompt_steps(const PromptLoad& load, const StepSeconds& seconds) {
    require(load.rate > 0 && load.chunks >= 1 && load.most >= 1, "prompt_steps: a rate, and steps that take a chunk");
    Shares shares{1};
    PromptSteps s;
    for (std::size_t prompts = kFewestPrompts;; prompts *= 2) {
        const Chain chain(load, seconds, prompts);
        shares = chain.settled(std::move(shares));
        if (shares.back() >= kNegligible && !chain.fullest()) continue;
        const Shares met = load.nothing_decodes ? Shares(shares.size(), 0) : chain.met(shares, seconds);
        for (std::size_t k = 0; k < shares.size(); ++k) {
            if (shares[k] > 0 || met[k] > 0) s.begin.push_back({chain.prompts(k), chain.carried(k), shares[k], met[k]});
        }
        break;
    }
    s.come_per_step = load.rate * working(s, load, seconds);
    double chunks = 0;
    for (const PromptSteps::Begin& b : s.begin) {
        if (b.prompts <= 0) continue;
        s.share += b.share;
        chunks += b.share * b.chunks;
    }
    s.chunks = s.share > 0 ? chunks / s.share : 0;
    return s;
}

PromptTimes prompt_times(const PromptSteps& steps, const PromptLoad& load, const StepSeconds& seconds) {
    const double busy = working(steps, load, seconds);
    const double rate = steps.come_per_step / busy;
    double idle = 0, present = 0;   // prompt-seconds a step: of those it begins with, and half a step of those that come in it
    PromptTimes t;
    for (const PromptSteps::Begin& b : steps.begin) {
        if (b.prompts <= 0 && load.nothing_decodes) {
            idle = b.share / rate;
            continue;
        }
        const double step = seconds(b.chunks);
        present += b.share * step * (b.prompts + rate * step / 2);
        t.decode_step_s += b.met * step;
    }
    t.first_token_s = present / (busy + idle) / rate;   // Little: mean number present over the rate
    return t;
}

}  // namespace moeplan
