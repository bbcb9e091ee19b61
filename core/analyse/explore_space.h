#pragma once
// The space of an exploration: its axes resolved once, its configurations numbered.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/analyse/evaluate.h"
#include "core/base/run_control.h"

namespace moeplan {

// One hardware-and-model combination; numeric axes vary inside it.
struct Combination {
    std::size_t model = 0, device = 0, engine = 0, precision = 0;
    std::int64_t count = 1;
    Layout layout;
};

struct NumericAxis {
    std::string name;
    std::vector<double> values;
};

class ExploreSpace {
public:
    // Errors: every name of every axis that is unknown, at its line.
    static Result<ExploreSpace> build(const Scenario& scenario, const Catalog& catalog, const TraceMeans* means);

    const std::vector<Combination>& combinations() const { return combinations_; }
    const std::vector<NumericAxis>& numeric() const { return numeric_; }
    std::uint64_t points_per_combination() const;
    std::uint64_t size() const { return combinations_.size() * points_per_combination(); }

    // Makes `into` the combination's candidate. Reuses its storage: cheap.
    void fill(const Combination& combination, Prepared& into) const;
    // The values of the numeric axes at a point, applied to a candidate. Errors: see set_axis.
    Result<OperatingPoint> point(std::uint64_t index, Prepared& candidate) const;
    const Workload& workload() const { return scenario_->workload; }
    std::string name(const Combination& combination) const;
    const std::vector<std::string>& left_out() const { return left_out_; }

private:
    struct ModelChoice {
        std::shared_ptr<const ModelSpec> spec;
        std::map<std::int64_t, std::shared_ptr<const ExpertLoadTable>> load;   // by ep
        std::string routing_source;
        std::vector<std::string> warnings;
    };
    struct DeviceChoice {
        const DeviceSpec* spec = nullptr;
        GpuHour price;
    };
    Problems resolve(const Scenario& scenario, const Catalog& catalog, const TraceMeans* means);
    void combine();
    std::vector<std::shared_ptr<const EngineSpec>> on_each_device(const EngineSpec& engine) const;
    std::vector<Layout> layouts(const ModelSpec& model, std::int64_t count, std::int64_t node) const;
    bool computes(const DeviceSpec& device, const ModelSpec& model, const PrecisionSpec& precision) const;

    const Scenario* scenario_ = nullptr;
    Candidate base_;
    RequestShape request_;
    MoneySpec money_;
    PlacementSpec placement_;
    std::vector<ModelChoice> models_;
    std::vector<DeviceChoice> devices_;
    std::vector<std::vector<std::shared_ptr<const EngineSpec>>> engines_;   // [engine][device]: defaults depend on the device
    std::vector<PrecisionSpec> precisions_;
    std::vector<std::int64_t> counts_;
    std::vector<Layout> layouts_;   // empty: all valid ones
    std::vector<NumericAxis> numeric_;
    std::vector<Combination> combinations_;
    std::vector<std::string> left_out_;   // GPUs without a price
};

}  // namespace moeplan
