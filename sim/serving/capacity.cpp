#include "sim/serving/capacity.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace moeplan {
namespace {

using MakeSource = std::function<Result<std::unique_ptr<RequestSource>>()>;

// `count` requests of a source, and of another like it when that one ends, all at time 0.
class AllAtOnce final : public RequestSource {
public:
    AllAtOnce(std::unique_ptr<RequestSource> source, MakeSource again, std::int64_t count) : source_(std::move(source)), again_(std::move(again)), left_(count) {}

    std::optional<Arrival> next() override {
        if (left_ == 0) return std::nullopt;
        auto arrival = source_->next();
        if (!arrival && read_ > 0 && source_->problems().empty()) {
            auto another = again_();
            if (!another) return std::nullopt;   // it was made once
            source_ = std::move(*another);
            read_ = 0;
            arrival = source_->next();
        }
        if (!arrival) return std::nullopt;
        ++read_;
        --left_;
        arrival->at = 0;
        return arrival;
    }
    std::int64_t prefix_block_tokens() const override { return source_->prefix_block_tokens(); }
    Problems problems() const override { return source_->problems(); }

private:
    std::unique_ptr<RequestSource> source_;
    MakeSource again_;
    std::int64_t left_, read_ = 0;
};

// When requests were answered, and how many ran at a time.
class Answers final : public Observer {
public:
    void ended(const RequestRecord& r) override {
        if (r.ending == Ending::completed) times_.push_back(r.finished);
    }
    void state(const ReplicaState& now) override {
        const auto at = static_cast<std::size_t>(now.replica);
        if (at >= running_.size()) running_.resize(at + 1);
        together_ += now.running - running_[at];
        running_[at] = now.running;
        most_ = std::max(most_, together_);
    }
    std::int64_t most_together() const { return most_; }

    // From the middle of the answers to the last eighth: long ones are among them as often as they are sent, and replicas have
    // something to take up.
    std::optional<double> per_second() const {
        const std::size_t from = times_.size() / 2, to = 7 * times_.size() / 8;
        if (to <= from) return std::nullopt;
        std::vector<Ticks> sorted = times_;
        std::ranges::sort(sorted);
        const Ticks took = sorted[to] - sorted[from];
        return took > 0 ? std::optional(static_cast<double>(to - from) / to_seconds(took)) : std::nullopt;
    }

private:
    std::vector<Ticks> times_;
    std::vector<std::int64_t> running_;
    std::int64_t together_ = 0, most_ = 0;
};

constexpr std::int64_t kFewest = 400, kMost = 1 << 16, kFills = 8;

// Of a fleet that would take more than `kMost` requests to fill, so much that it does not: as many replicas of each kind, in their
// proportion. What is left out, as a multiple of what stays.
double leave_out(ClusterOptions& cluster, double together) {
    if (cluster.groups.size() != 1) return 1;
    GroupOptions& g = cluster.groups.front();
    const std::int64_t prefill = g.pools ? g.pools->prefill : 0;
    const std::int64_t parts = prefill > 0 ? std::gcd(prefill, g.replicas - prefill) : g.replicas;
    const double fills = together * static_cast<double>(kFills) / static_cast<double>(kMost);
    const auto kept = std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(parts) / std::max(1.0, fills)));
    g.replicas = g.replicas / parts * kept;
    if (g.pools) g.pools->prefill = prefill / parts * kept;
    return static_cast<double>(parts) / static_cast<double>(kept);
}

}  // namespace

Result<std::optional<double>> capacity_of(const CasePlan& plan, double together, const RunControl& control) {
    ClusterOptions cluster = cluster_of(plan, StepCase::central, true);
    cluster.faults.clear();
    cluster.queue_limit.reset();
    cluster.timeout.reset();
    for (GroupOptions& g : cluster.groups) g.autoscale.reset();
    const double times = leave_out(cluster, together);
    together /= times;
    RunControl quiet;
    quiet.cancel = control.cancel;
    for (std::int64_t requests = std::clamp<std::int64_t>(std::llround(std::min(together, 1e6)) * kFills, kFewest, kMost);;) {
        auto source = plan.source();
        if (!source) return tl::unexpected(source.error());
        AllAtOnce all(std::move(*source), plan.source, requests);
        Answers answers;
        const auto ran = simulate(cluster, all, {&answers}, quiet);
        if (!ran) return tl::unexpected(ran.error());
        for (const Server* s : plan.servers) {
            if (auto problems = s->problems(); !problems.empty()) return fail(std::move(problems));
        }
        const std::int64_t needed = kFills * answers.most_together();
        if (requests < needed && requests < kMost) {
            requests = std::min(kMost, needed);
            continue;
        }
        if (requests < 2 * answers.most_together()) return std::nullopt;   // nothing was ever full
        const auto rate = answers.per_second();
        return rate ? std::optional(*rate * times) : std::nullopt;
    }
}

}  // namespace moeplan
