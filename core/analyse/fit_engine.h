#pragma once
// Terms of serving engines fitted to measured servers: what a step costs beyond its kernels. Few, physical, one set per
// engine and the same for all models and GPUs. docs/calibration.md, "Engine terms".

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/analyse/validate_serving.h"

namespace moeplan {

struct EngineTerms {
    double step_s = 0;             // host time of a step
    double sequence_s = 0;         // of each sequence in it
    double kernel_launch_s = 0;    // of each small kernel that no profile prices
    double prefill_s = 0;          // host time of a step that carries prompts
    double prefill_layer_s = 0;    // of each layer of such a step
    double request_s = 0;          // from arrival to the scheduler
    double prefill_apart_s = 0;    // prefill_s on devices for which the catalog has a figure of its own (on_devices); 0: fitted on none
    // The same fitted to one group of servers alone: from the least to the most of them. Absent: not known.
    std::optional<std::pair<double, double>> request_range_s{};
};

struct EngineFit {
    std::map<std::string, EngineTerms> terms;   // by engine id
    std::vector<std::string> fitted_on;         // groups "model, GPU, engine"
    std::vector<std::string> scored_on;
};

enum class GroupHalf : std::uint8_t { all, even, odd };

// Fits on the groups (model, GPU, engine; sorted by name) of one half, or on all. Loss: robust squared logarithms of TPOT
// and TTFT as `predict` has them, a group weighing the root of its rows; a weak pull towards terms published for vLLM. Rows flagged as
// queueing take no part.
EngineFit fit_engine_terms(const ServingRows& rows, GroupHalf half, const RowPredictor& predict);

// The same rows with the engines' terms replaced; only the groups scored_on when `scored_only`.
ServingRows with_terms(const ServingRows& rows, const EngineFit& fit, bool scored_only);

}  // namespace moeplan
