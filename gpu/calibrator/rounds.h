#pragma once
// What to ask next: the state of each family and format, and rounds of probes chosen from it. Knows no worker.

#include <cstdint>
#include <optional>
#include <vector>

#include "gpu/calibrator/calibrate.h"

namespace moeplan {

// A candidate: its group in the plan, its place in the group.
struct Choice {
    std::size_t group = 0, place = 0;
    bool operator==(const Choice&) const = default;
};

class Rounds {
public:
    // Everything referred to outlives this.
    Rounds(const CalibrationPlan& plan, const CalibrateTools& tools, const CalibrateSettings& settings,
           const WorkerHello& hello);

    // The next probes, at most `most`; none when nothing is left that is worth asking. First ten of every family and
    // format, spread over its space; then to the groups of the largest share x error for the probes they have had.
    std::vector<Choice> next(std::size_t most);

    // How a chosen candidate ended.
    void take(const Choice& choice, const Measurement& row);
    void give_up(const Choice& choice) { ++groups_[choice.group].failed; }
    // A row that was not chosen here, and a candidate that is not to be chosen any more.
    void know(const Measurement& row);
    void already_asked(const Kernel& kernel);
    // Leaves out every candidate of the family that needs as much memory as this one or more.
    void out_of_memory(const Choice& choice);

    // After a round: fits groups again whose rows grew by a quarter, gives up those that only fail.
    void learn();

    // Whether every group with candidates left has the error asked for.
    bool target_met() const;
    std::vector<GroupProgress> progress() const;
    std::optional<double> error() const;  // mean of the groups', weighted by share
    MeasurementSet rows() const;  // of all groups, in the plan's order
    const std::vector<std::string>& notes() const { return notes_; }

private:
    struct Group {
        const PlanGroup* plan = nullptr;
        std::vector<OpKind> ops;
        std::vector<bool> out;  // asked, given up or left out
        std::vector<std::size_t> taken;  // the same as places
        std::vector<Measurement> rows;
        std::int64_t asked = 0, failed = 0;
        bool given_up = false;
        std::size_t rows_at_fit = 0;
        std::shared_ptr<const FittedFamily> fit;
        std::optional<double> error;
        bool noted = false;  // that its fit failed
        bool open() const { return !given_up && taken.size() < plan->kernels.size(); }
    };
    void remove(Group& group, std::size_t place);
    double need(const Group& group, std::int64_t asked) const;
    bool met(const Group& group) const;
    std::vector<std::size_t> allocate(std::size_t most) const;
    std::vector<std::size_t> allocate_start(std::size_t most) const;
    void fit(Group& group, const DeviceSpec& device);
    MeasurementSet empty_set() const;

    const CalibrateTools& tools_;
    const CalibrateSettings& settings_;
    const WorkerHello& hello_;
    std::vector<Group> groups_;
    std::vector<Measurement> others_;  // known rows that no group of the plan has a place for
    std::uint64_t round_ = 0;
    std::vector<std::string> notes_;
};

}  // namespace moeplan
