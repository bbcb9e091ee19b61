#include "gpu/calibrator/rounds.h"

#include <algorithm>

#include <fmt/format.h>

#include "gpu/calibrator/measured_device.h"

namespace moeplan {
namespace {

constexpr std::int64_t kStart = 10;             // of each group before any fit: 8 rows to fit, a fifth held out
constexpr std::size_t kRowsForFit = 8;
constexpr std::size_t kRowsForTarget = 30;      // six held out: fewer meet a target by luck
constexpr std::int64_t kOnlyFailures = 3;       // and no answer: the group is given up

std::string name_of_group(const PlanGroup& group) {
    return group.format.empty() ? std::string(name_of(group.family))
                                : fmt::format("{} {}", name_of(group.family), group.format);
}

// splitmix64's increment: seeds of rounds and groups that have nothing in common.
std::uint64_t mixed(std::uint64_t seed, std::uint64_t round, std::size_t group) {
    return seed + 0x9e3779b97f4a7c15ULL * (round * 1024 + group + 1);
}

}  // namespace

Rounds::Rounds(const CalibrationPlan& plan, const CalibrateTools& tools, const CalibrateSettings& settings,
               const WorkerHello& hello)
    : tools_(tools), settings_(settings), hello_(hello), groups_(plan.groups.size()) {
    for (std::size_t g = 0; g < groups_.size(); ++g) {
        groups_[g].plan = &plan.groups[g];
        groups_[g].out.resize(plan.groups[g].kernels.size());
        for (const Kernel& kernel : plan.groups[g].kernels) groups_[g].ops.push_back(op_of(kernel));
    }
}

void Rounds::remove(Group& group, std::size_t place) {
    if (group.out[place]) return;
    group.out[place] = true;
    group.taken.push_back(place);
}

bool Rounds::met(const Group& group) const {
    return settings_.target_error && group.error && *group.error <= *settings_.target_error &&
           group.rows.size() >= kRowsForTarget;
}

// The highest averages method (D'Hondt) on share x error: the next probe goes where it is owed most.
double Rounds::need(const Group& group, std::int64_t asked) const {
    const double error = std::clamp(group.error.value_or(1.0), 0.01, 1.0);
    return group.plan->share * error / static_cast<double>(asked + 1);
}

// How many of each group until all have had their start, by share, so that a short run starts with what matters most.
std::vector<std::size_t> Rounds::allocate_start(std::size_t most) const {
    std::vector<std::size_t> counts(groups_.size(), 0);
    for (std::size_t given = 0; given < most; ++given) {
        std::size_t best = groups_.size();
        double owed = 0;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            const Group& group = groups_[g];
            const auto asked = group.asked + static_cast<std::int64_t>(counts[g]);
            if (!group.open() || asked >= kStart || group.taken.size() + counts[g] >= group.plan->kernels.size())
                continue;
            if (group.failed > 0 && group.rows.empty() && counts[g] > 0)
                continue;   // one at a time until one is answered
            const double claim = group.plan->share / static_cast<double>(asked + 1);
            if (claim > owed) {
                owed = claim;
                best = g;
            }
        }
        if (best == groups_.size()) break;
        ++counts[best];
    }
    return counts;
}

std::vector<std::size_t> Rounds::allocate(std::size_t most) const {
    std::vector<std::size_t> counts = allocate_start(most);
    if (std::ranges::any_of(counts, [](std::size_t n) { return n > 0; })) return counts;
    for (std::size_t given = 0; given < most; ++given) {
        std::size_t best = groups_.size();
        double owed = 0;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            const Group& group = groups_[g];
            if (!group.open() || met(group) || group.taken.size() + counts[g] >= group.plan->kernels.size()) continue;
            const double claim = need(group, group.asked + static_cast<std::int64_t>(counts[g]));
            if (claim > owed) {
                owed = claim;
                best = g;
            }
        }
        if (best == groups_.size()) break;
        ++counts[best];
    }
    return counts;
}

std::vector<Choice> Rounds::next(std::size_t most) {
    const std::vector<std::size_t> counts = allocate(most);
    std::vector<std::vector<std::size_t>> chosen(groups_.size());
    ++round_;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
        Group& group = groups_[g];
        if (counts[g] == 0) continue;
        for (const std::size_t place : tools_.choose(group.ops, group.taken, group.fit.get(), group.plan->weights,
                                                     counts[g], mixed(settings_.seed, round_, g))) {
            if (place < group.out.size() && !group.out[place] && chosen[g].size() < counts[g])
                chosen[g].push_back(place);
        }
        // A chooser with nothing more to say about a group must not keep the run going for ever.
        if (chosen[g].empty()) group.given_up = true;
        for (const std::size_t place : chosen[g]) remove(group, place);
        group.asked += static_cast<std::int64_t>(chosen[g].size());
    }
    // One of each group in turn: a family whose kernels all fail does not look like a worker that only fails.
    std::vector<Choice> round;
    for (std::size_t turn = 0, left = 1; left > 0; ++turn) {
        left = 0;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            if (turn >= chosen[g].size()) continue;
            round.push_back({g, chosen[g][turn]});
            ++left;
        }
    }
    if (round.empty() && std::ranges::any_of(counts, [](std::size_t n) { return n > 0; })) return next(most);
    return round;
}

void Rounds::take(const Choice& choice, const Measurement& row) { groups_[choice.group].rows.push_back(row); }

void Rounds::know(const Measurement& row) {
    for (Group& group : groups_) {
        if (group.plan->family != row.family || group.plan->format != row.format) continue;
        group.rows.push_back(row);
        ++group.asked;
        return;
    }
    others_.push_back(row);
}

void Rounds::already_asked(const Kernel& kernel) {
    const KernelFamily family = family_of(kernel);
    for (Group& group : groups_) {
        if (group.plan->family != family) continue;
        const auto found = std::ranges::find(group.plan->kernels, kernel);
        if (found != group.plan->kernels.end())
            remove(group, static_cast<std::size_t>(found - group.plan->kernels.begin()));
    }
}

void Rounds::out_of_memory(const Choice& choice) {
    const PlanGroup& from = *groups_[choice.group].plan;
    const double needed = memory_of(from.kernels[choice.place]).value;
    std::size_t left_out = 0;
    for (Group& group : groups_) {
        if (group.plan->family != from.family) continue;
        for (std::size_t place = 0; place < group.out.size(); ++place) {
            if (group.out[place] || memory_of(group.plan->kernels[place]).value < needed) continue;
            remove(group, place);
            ++left_out;
        }
    }
    if (left_out > 0)
        notes_.push_back(fmt::format("the worker has no memory for {}: {} larger candidates are left out",
                                     to_text(from.kernels[choice.place]), left_out));
}

MeasurementSet Rounds::empty_set() const {
    MeasurementSet set;
    set.device = hello_.device;
    set.source = settings_.worker;
    set.timed_here = true;
    return set;
}

MeasurementSet Rounds::rows() const {
    MeasurementSet set = empty_set();
    for (const Group& group : groups_) set.rows.insert(set.rows.end(), group.rows.begin(), group.rows.end());
    set.rows.insert(set.rows.end(), others_.begin(), others_.end());
    return set;
}

void Rounds::fit(Group& group, const DeviceSpec& device) {
    MeasurementSet set = empty_set();
    set.rows = group.rows;
    group.rows_at_fit = group.rows.size();
    FitOptions options;
    options.seed = settings_.seed;
    options.prior = settings_.prior.get();
    const auto fitted = tools_.fit(set, device, options);
    if (!fitted) {
        if (!group.noted)
            notes_.push_back(fmt::format("{} is not fitted while measuring: {}", name_of_group(*group.plan),
                                         to_text(fitted.error().front())));
        group.noted = true;
        return;
    }
    for (const FamilyProfile& family : fitted->profile.families) {
        if (family.family != group.plan->family || family.format != group.plan->format) continue;
        group.fit = family.fit;
        group.error = family.error ? std::optional(family.error->median_ape) : std::nullopt;
    }
}

void Rounds::learn() {
    std::optional<DeviceSpec> device = settings_.device;
    for (Group& group : groups_) {
        if (!group.given_up && group.rows.empty() && group.failed >= kOnlyFailures) {
            group.given_up = true;
            notes_.push_back(fmt::format("{} is given up: {} probes failed and none was answered",
                                         name_of_group(*group.plan), group.failed));
        }
        // The whole run's fits together cost a few times its last one.
        if (group.rows.size() < kRowsForFit || 4 * group.rows.size() < 5 * group.rows_at_fit) continue;
        if (group.rows_at_fit == group.rows.size()) continue;
        if (!device) device = measured_device(hello_, rows().rows);
        fit(group, *device);
    }
}

bool Rounds::target_met() const {
    if (!settings_.target_error) return false;
    bool any = false;
    for (const Group& group : groups_) {
        if (met(group)) any = true;
        else if (group.open()) return false;
    }
    return any;
}

std::vector<GroupProgress> Rounds::progress() const {
    std::vector<GroupProgress> all;
    for (const Group& group : groups_)
        all.push_back({group.plan->family, group.plan->format, static_cast<std::int64_t>(group.rows.size()),
                       group.failed, group.error});
    return all;
}

std::optional<double> Rounds::error() const {
    double sum = 0, shares = 0;
    for (const Group& group : groups_) {
        if (!group.error) continue;
        sum += group.plan->share * *group.error;
        shares += group.plan->share;
    }
    return shares > 0 ? std::optional(sum / shares) : std::nullopt;
}

}  // namespace moeplan
