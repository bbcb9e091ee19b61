// Sources that know their first requests at once: users of a closed loop, a batch, a list; and what ends a source.
#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/require.h"
#include "sim/arrivals/processes.h"
#include "sim/arrivals/source.h"

namespace moeplan {
namespace {

class ClosedLoopSource final : public Source {
public:
    ClosedLoopSource(const ClosedLoopSpec& spec, RequestMaker maker) : spec_(spec), maker_(std::move(maker)) {
        if (spec_.requests_per_user) left_.assign(static_cast<std::size_t>(spec_.users), *spec_.requests_per_user - 1);
    }
    std::optional<Arrival> next() override {
        if (started_ == spec_.users) return std::nullopt;
        const std::int64_t user = started_++;
        // Whole ticks, without a product that could overflow.
        const Ticks at = spec_.spread / spec_.users * user + spec_.spread % spec_.users * user / spec_.users;
        return of(user, at);
    }
    std::optional<Arrival> after(const Arrival& ended, Ticks now) override {
        if (ended.user < 0 || ended.user >= spec_.users) return std::nullopt;
        if (!left_.empty() && left_[static_cast<std::size_t>(ended.user)]-- <= 0) return std::nullopt;
        // Past the clock the simulation refuses it, unless the run ends before.
        return of(ended.user, now > kNever - 1 - spec_.think ? kNever - 1 : now + spec_.think);
    }
    std::int64_t prefix_block_tokens() const override { return maker_.block_tokens(); }
    Problems problems() const override { return maker_.lengths->problems(); }
    std::vector<std::string> remarks() const override { return maker_.lengths->remarks(); }

private:
    Arrival of(std::int64_t user, Ticks at) {
        Arrival arrival = maker_.make(at, static_cast<std::uint32_t>(user));
        arrival.user = static_cast<std::int32_t>(user);
        return arrival;
    }
    ClosedLoopSpec spec_;
    RequestMaker maker_;
    std::int64_t started_ = 0;
    std::vector<std::int64_t> left_;   // per user, where they are counted
};

class Batch final : public Source {
public:
    Batch(std::int64_t count, RequestMaker maker) : count_(count), maker_(std::move(maker)) {}
    std::optional<Arrival> next() override {
        if (made_ == count_) return std::nullopt;
        return maker_.make(0, static_cast<std::uint32_t>(made_++));
    }
    std::int64_t prefix_block_tokens() const override { return maker_.block_tokens(); }
    Problems problems() const override { return maker_.lengths->problems(); }
    std::vector<std::string> remarks() const override { return maker_.lengths->remarks(); }

private:
    std::int64_t count_, made_ = 0;
    RequestMaker maker_;
};

class List final : public Source {
public:
    List(std::vector<Arrival> arrivals, std::int64_t block) : arrivals_(std::move(arrivals)), block_(block) {}
    std::optional<Arrival> next() override {
        if (at_ == arrivals_.size()) return std::nullopt;
        return std::move(arrivals_[at_++]);
    }
    std::int64_t prefix_block_tokens() const override { return block_; }

private:
    std::vector<Arrival> arrivals_;
    std::int64_t block_;
    std::size_t at_ = 0;
};

class Limited final : public Source {
public:
    Limited(std::unique_ptr<RequestSource> source, const SourceLimits& limits)
        : source_(std::move(source)),
          left_(limits.requests.value_or(std::numeric_limits<std::int64_t>::max())),
          until_(limits.until) {}
    std::optional<Arrival> next() override { return left_ > 0 ? passed(source_->next()) : std::nullopt; }
    std::optional<Arrival> after(const Arrival& ended, Ticks now) override {
        return left_ > 0 ? passed(source_->after(ended, now)) : std::nullopt;
    }
    std::int64_t prefix_block_tokens() const override { return source_->prefix_block_tokens(); }
    // What lies beyond the end concerns nobody.
    Problems problems() const override { return source_->problems(); }
    std::vector<std::string> remarks() const override { return remarks_of(*source_); }

private:
    std::optional<Arrival> passed(std::optional<Arrival> arrival) {
        if (!arrival || arrival->at >= until_) return std::nullopt;
        --left_;
        return arrival;
    }
    std::unique_ptr<RequestSource> source_;
    std::int64_t left_;
    Ticks until_;
};

}  // namespace

std::vector<std::string> remarks_of(const RequestSource& source) {
    const auto* ours = dynamic_cast<const Source*>(&source);
    return ours ? ours->remarks() : std::vector<std::string>();
}

std::unique_ptr<RequestSource> make_closed_loop(const ClosedLoopSpec& spec, RequestMaker maker) {
    require(spec.users >= 1 && spec.users <= std::numeric_limits<std::int32_t>::max(), "a closed loop has users");
    require(spec.think >= 0 && spec.spread >= 0, "time goes on");
    require(!spec.requests_per_user || *spec.requests_per_user >= 1, "a user sends something");
    return std::make_unique<ClosedLoopSource>(spec, std::move(maker));
}

std::unique_ptr<RequestSource> make_batch(std::int64_t count, RequestMaker maker) {
    require(count >= 1, "a batch holds requests");
    return std::make_unique<Batch>(count, std::move(maker));
}

std::unique_ptr<RequestSource> make_list(std::vector<Arrival> arrivals, std::int64_t prefix_block_tokens) {
    const auto earlier = [](const Arrival& a, const Arrival& b) { return a.at < b.at; };
    require(std::is_sorted(arrivals.begin(), arrivals.end(), earlier), "requests are listed in order of arrival");
    return std::make_unique<List>(std::move(arrivals), prefix_block_tokens);
}

std::unique_ptr<RequestSource> limited(std::unique_ptr<RequestSource> source, const SourceLimits& limits) {
    return std::make_unique<Limited>(std::move(source), limits);
}

}  // namespace moeplan
