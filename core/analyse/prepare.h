#pragma once
// A candidate of a study with every name looked up and everything that does not depend on the load computed once.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/analyse/steady_state.h"
#include "core/catalog/catalog.h"
#include "core/quality/score.h"
#include "core/scenario/scenario.h"

namespace moeplan {

class Kept;   // core/analyse/kept.h

// Mean lengths read from a trace by whoever may read traces (sim); analysis only needs the means.
struct TraceMeans {
    double input = 0, output = 0;
    std::string source;   // "azure_conv.csv: 19,366 requests"
};

// P(correct) and answer length of one candidate, found in a catalog, a file or the study.
struct PreparedQuality {
    Score score;           // what P(correct) is from: another accuracy of as many questions is as sure as they make it
    Estimate p_correct;
    std::string p_source;
    std::string evaluator;
    std::optional<double> tokens_per_answer;   // absent: the workload's output length
    Estimate length_spread = Estimate::exact(1);   // of the mean answer length, relative; from the user's own samples
    std::string tokens_source;
};

struct Prepared {
    const Candidate* spec = nullptr;
    std::string name;
    std::shared_ptr<const ModelSpec> model;
    const DeviceSpec* device = nullptr;
    std::shared_ptr<const EngineSpec> engine;   // the candidate's overrides applied
    std::shared_ptr<const Profile> profile;     // what is measured of the device; null = roofline
    Layout layout;
    std::int64_t replicas = 1;
    std::int64_t other_gpus = 0;                // of replicas laid out in another way: a pool that only prefills
    Precision precision;
    std::shared_ptr<const ExpertLoadTable> expert_load;   // null for dense models
    std::shared_ptr<const RoutingProfile> routing;        // what it was built from, without a trace's tokens; null for dense models
    PlacementSpec placement;
    std::string routing_source;
    std::vector<double> rank_load;     // mean load of each ep rank over fair share; empty without ep
    std::int64_t gpus_per_node = 8;
    BytesPerSecond network;
    double redundant_experts = 0;
    RequestShape request;
    Sampling sampling = Sampling::greedy;
    GpuHour price;
    MoneySpec money;
    std::optional<PreparedQuality> quality;
    // Cold start: where weights come from, how fast, and what the engine itself takes.
    WeightSource weights_from = WeightSource::disk;
    BytesPerSecond read_rate;
    Seconds engine_start;
    std::vector<std::string> warnings;
    Kept* kept = nullptr;              // what other answers found out; null = nothing is kept

    double gpus() const { return static_cast<double>(layout.gpus() * replicas + other_gpus); }
    LoweringContext lowering() const;
    Place place() const;
    std::string engine_name() const;   // "vLLM", "vLLM 0.12.0"
};

// Errors: everything wrong with all candidates at once, blamed on their lines. `means` is required when the
// workload's lengths are a trace.
Result<std::vector<Prepared>> prepare(const Scenario& scenario, const Catalog& catalog, const TraceMeans* means, Kept* kept = nullptr);

// The layout used when none is given: tensor parallel over all GPUs of a node, pipeline stages across nodes;
// the largest power of two that the model's heads allow, the rest as replicas.
std::optional<Layout> default_layout(const ModelSpec& model, std::int64_t gpus, std::int64_t gpus_per_node);

// The engine as the candidate starts it: of its version, on that device (where there is one), with its own limits.
EngineSpec as_launched(const EngineSpec& today, const DeviceSpec* device, const Candidate& candidate);

// Files named in a study are relative to it.
RoutingSpec anchored(RoutingSpec spec, const std::string& study_file);

Precision resolve_precision(const PrecisionSpec& spec, const ModelSpec& model);

// Mean input and output of the workload; means of uniform and lognormal lengths in closed form.
RequestShape mean_request(const Workload& workload, const TraceMeans* means);

}  // namespace moeplan
