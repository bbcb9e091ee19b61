#pragma once
// Small clusters for tests: requests given by hand, step times by formula, records of what became of them.

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "sim/cluster/cluster.h"

namespace moeplan {

// Requests from a list, in order.
class ListSource final : public RequestSource {
public:
    explicit ListSource(std::vector<Arrival> arrivals, std::int64_t prefix_tokens = 0)
        : arrivals_(std::move(arrivals)), prefix_tokens_(prefix_tokens) {
        std::ranges::stable_sort(arrivals_, {}, &Arrival::at);
    }
    std::optional<Arrival> next() override {
        if (at_ == arrivals_.size()) return std::nullopt;
        return arrivals_[at_++];
    }
    std::int64_t prefix_block_tokens() const override { return prefix_tokens_; }

private:
    std::vector<Arrival> arrivals_;
    std::int64_t prefix_tokens_;
    std::size_t at_ = 0;
};

class Records final : public Observer {
public:
    void ended(const RequestRecord& r) override { all.push_back(r); }
    void decoded(const DecodeRun& r) override {
        decode_steps += r.count;
        decode_tokens += r.count * r.tokens_per_step;
        ++decode_runs;
    }
    void stepped(const PromptStep& s) override { prompt_steps.push_back(s); }
    void state(const ReplicaState& s) override {
        worst_kv = std::max(worst_kv, s.kv_used + s.kv_cached - s.kv_total);
        peak_kv = std::max(peak_kv, s.kv_used);
        last_state[s.replica] = s;
    }
    void happened(Happening what, std::int32_t, std::optional<std::uint64_t>, Ticks, Ticks) override { ++happenings[what]; }

    std::vector<RequestRecord> by_id() const {
        auto sorted = all;
        std::ranges::sort(sorted, {}, &RequestRecord::id);
        return sorted;
    }

    std::vector<RequestRecord> all;
    std::vector<PromptStep> prompt_steps;
    std::int64_t decode_steps = 0, decode_tokens = 0, decode_runs = 0;
    std::int64_t worst_kv = 0, peak_kv = 0;
    std::map<std::int32_t, ReplicaState> last_state;
    std::map<Happening, int> happenings;
};

inline std::shared_ptr<StepTimes> times_of(StepTimes::Function function, const StepTimesOptions& options = {}) {
    return std::make_shared<StepTimes>(std::move(function), options);
}

// Every step that decodes takes `seconds`, prompts nothing.
inline std::shared_ptr<StepTimes> constant_decode(double seconds) {
    return times_of([seconds](const StepShape& s) { return Estimate::exact(s.decode.tokens() > 0 ? seconds : 0); });
}

// A server as they are: a floor, a part for each sequence, for its context, and for each prompt token.
inline std::shared_ptr<StepTimes> plausible_times() {
    return times_of([](const StepShape& s) {
        const double value = 4e-3 + 20e-6 * s.decode.sequences + 2e-8 * s.decode.sequences * s.decode.context + 15e-6 * s.prefill.tokens() +
                             1e-9 * s.prefill.tokens() * s.prefill.context;
        return Estimate{value, 0.8 * value, 1.3 * value};
    });
}

inline GroupOptions one_group(std::shared_ptr<StepTimes> times, std::int64_t replicas = 1) {
    GroupOptions group;
    group.limits.total_blocks = 20'000;
    group.epochs = {{0, std::move(times), 0}};
    group.replicas = replicas;
    return group;
}

struct Simulated {
    ClusterResult result;
    Records records;
};

inline Simulated simulated(const ClusterOptions& options, RequestSource& source) {
    Simulated s;
    RunControl control;
    auto result = simulate(options, source, {&s.records}, control);
    if (!result) throw std::runtime_error(to_text(result.error().front()));
    s.result = *result;
    return s;
}

}  // namespace moeplan
