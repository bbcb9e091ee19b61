#pragma once
// A study as values: what to serve, on what, at which load and price. A Scenario loaded, saved and loaded again
// is the same Scenario. Names are resolved against the catalogs by core/scenario/resolve.h.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/document.h"
#include "core/base/estimate.h"
#include "core/base/result.h"
#include "core/base/units.h"
#include "core/hardware/device_spec.h"
#include "core/hardware/engine_spec.h"
#include "core/model/hypothetical.h"
#include "core/model/precision.h"
#include "core/money/price.h"
#include "core/parallel/layout.h"
#include "core/routing/routing.h"
#include "core/scenario/simulate_spec.h"
#include "core/scenario/spot.h"

namespace moeplan {

// ---- workload ------------------------------------------------------------------------------------------

struct FixedLengths { double input = 1024, output = 256; bool operator==(const FixedLengths&) const = default; };
// Uniform between low and high fractions of the nominal maximum (what most public benchmarks draw).
struct UniformLengths { double input_low, input_high, output_low, output_high; bool operator==(const UniformLengths&) const = default; };
struct LogNormalLengths { double input_mean, input_cv, output_mean, output_cv; bool operator==(const LogNormalLengths&) const = default; };
struct TraceLengths { std::string file; bool operator==(const TraceLengths&) const = default; };
using Lengths = std::variant<FixedLengths, UniformLengths, LogNormalLengths, TraceLengths>;

struct ClosedLoop { double concurrency = 1; bool operator==(const ClosedLoop&) const = default; };   // each user sends again when answered
struct PoissonLoad { PerSecond rate; bool operator==(const PoissonLoad&) const = default; };
struct StaticBatch { double batch = 1; bool operator==(const StaticBatch&) const = default; };       // one batch, prefilled and decoded together
using Load = std::variant<ClosedLoop, PoissonLoad, StaticBatch>;

// Objective: at most `limit` at the named percentile (0 = mean).
struct SloTerm {
    std::string metric;      // ttft, tpot, e2e
    double percentile = 0;   // 50, 90, 99; 0 = mean
    Seconds limit;
    bool operator==(const SloTerm&) const = default;
};

// How a token is chosen: the likeliest (or one drawn from all), or one drawn from the top k or top p, which wants them found.
enum class Sampling : std::uint8_t { greedy, filtered };
std::string_view name_of(Sampling sampling);

struct Workload {
    Lengths lengths = FixedLengths{};
    Load load = ClosedLoop{};
    std::vector<SloTerm> slo;
    double prefix_shared = 0;     // fraction of input tokens already cached
    Sampling sampling = Sampling::greedy;
    // Only a simulation knows these. With `arrivals`, `load` holds what a closed form can make of them: a Poisson load
    // of the mean rate; for a trace or ServeGen's clients it is the default until the recording has been read, and so
    // are ServeGen's `lengths`.
    std::optional<Arrivals> arrivals;
    std::optional<SharedPrefixes> prefixes;
    Seconds think{0};             // of a closed loop's users, between an answer and the next request
    bool operator==(const Workload&) const = default;
};

// ---- money and quality --------------------------------------------------------------------------------

struct RentedPrice { std::string tier = "on_demand"; bool operator==(const RentedPrice&) const = default; };
struct GivenPrice { double usd_per_gpu_hour = 0; bool operator==(const GivenPrice&) const = default; };
using PriceSpec = std::variant<RentedPrice, GivenPrice, Ownership>;

struct MoneySpec {
    PriceSpec price = RentedPrice{};
    double utilisation = 1.0;            // share of paid time that carries the load
    double pue = 1.0;
    std::optional<double> grams_co2_per_kwh;
    std::optional<Estimate> power_fraction;   // of board power drawn while serving; absent = no energy figures
    bool operator==(const MoneySpec&) const = default;
};

enum class WeightSource : std::uint8_t { disk, network, page_cache };
struct ColdStartSpec {
    WeightSource from = WeightSource::disk;
    BytesPerSecond rate;               // 0 = the catalog's figure for `from`
    Seconds engine_start;              // 0 = the catalog's
    bool operator==(const ColdStartSpec&) const = default;
};

// P(correct) of one candidate, or of all by benchmark.
struct GivenAccuracy { double accuracy = 0; double questions = 0; bool operator==(const GivenAccuracy&) const = default; };
struct EvaluationFile { std::string file, task, metric; std::optional<std::string> samples; bool operator==(const EvaluationFile&) const = default; };
struct PublishedScore { std::string benchmark; std::optional<std::string> evaluator; std::optional<std::string> model; bool operator==(const PublishedScore&) const = default; };
using QualitySource = std::variant<GivenAccuracy, EvaluationFile, PublishedScore>;
struct QualitySpec {
    QualitySource source;
    std::optional<double> tokens_per_answer;   // output tokens of one attempt; absent = catalog, else the workload's output
    bool operator==(const QualitySpec&) const = default;
};

// ---- candidates ---------------------------------------------------------------------------------------

struct PrecisionSpec {   // shorthand, with single classes overridden
    std::optional<NumberFormat> all;   // absent = native
    std::optional<NumberFormat> linear, experts, embedding, kv;
    bool operator==(const PrecisionSpec&) const = default;
};

constexpr std::string_view kAutomaticProfile = "auto";
constexpr std::string_view kNoProfile = "none";

struct Candidate {
    std::string name;
    std::string model;            // catalog id, config.json, its folder, .gguf, or a key of Scenario::models
    std::string gpu;              // catalog id
    std::int64_t count = 1;       // GPUs in all; replicas = count / layout.gpus()
    std::optional<Layout> layout; // absent = tp over all of them inside a node
    PrecisionSpec precision;
    std::string engine = "vllm";
    std::string engine_version;   // "0.12.0": its defaults of then; empty = today's
    // What is measured of the GPU: "auto" (the catalog's, where it has one), "none" (roofline), a name or a file (.json).
    std::string profile{kAutomaticProfile};
    double experts_on_host = 0;   // fraction of routed experts in host memory
    // Rate at which they are read: absent = PCIe. Host memory's own where the CPU computes them, the disk's where they
    // are memory-mapped and page in.
    std::optional<BytesPerSecond> offload_rate;
    std::optional<double> kv_blocks;
    std::optional<std::int64_t> max_sequences, token_budget;   // override the engine's
    std::optional<double> memory_fraction;
    std::optional<BatchWait> batch_wait;       // TensorRT-LLM
    std::optional<bool> whole_prompts;         // prompts that fit a step are not cut (chunked prefill off)
    std::optional<bool> async_scheduling;      // the next step is composed while one runs
    std::optional<std::int64_t> graph_tokens;  // steps with prompts are replayed from CUDA graphs up to so many tokens; 0 = never
    std::optional<RoutingSpec> routing;        // override the study's
    std::optional<PlacementSpec> placement;
    std::optional<MoneySpec> money;
    std::optional<QualitySpec> quality;
    std::optional<FixedLengths> lengths;       // override: answers of another length
    std::optional<double> speculative_accept;  // mean accepted tokens per step
    std::optional<SimulateSpec> simulate;      // the study's, with what this candidate overrides
    Spot spot;
    bool operator==(const Candidate&) const = default;
};

struct ClusterSpec {
    std::optional<std::int64_t> gpus_per_node;   // absent = the device's scale-up domain (at most 8 unless larger)
    std::optional<BytesPerSecond> network;       // per GPU between nodes; absent = the device's
    bool operator==(const ClusterSpec&) const = default;
};

// ---- sweeps and expectations -------------------------------------------------------------------------

// One axis of a sweep: a path into the scenario and its values, as text ("batch": 1, 2, 4 …).
struct SweepAxis {
    std::string name;                  // of numeric_sweep_axes(), or model/gpu/count/layout/precision/engine
    std::vector<std::string> values;   // numbers without units (fractions, USD) or names; layout: "auto" = all valid
                                       // ones, or "tp=2,ep=4"; precision: a format or "native"
    Spot spot;
    bool operator==(const SweepAxis&) const = default;
};

// A metric of a candidate, optionally at a point of the sweep: mixtral.tpot_ms, mixtral.tpot_ms@batch=1.
struct MetricRef {
    std::string candidate, metric;
    std::optional<std::pair<std::string, double>> at;
    bool operator==(const MetricRef&) const = default;
};
struct Expectation {
    std::string name;                     // may be empty
    std::vector<MetricRef> operands;      // one (metric), or two (ratio: first over second, difference: first minus second)
    enum class Form : std::uint8_t { value, ratio, difference } form = Form::value;
    std::optional<double> at_most, at_least;   // between sets both
    std::optional<bool> is;                    // for fits
    std::optional<double> equals, tolerance;   // tolerance is relative
    bool when_conditional = false;        // marks an expectation that states under which condition a claim holds
    Spot spot;
    bool operator==(const Expectation&) const = default;
};

// A number in what a claim's study found, and what it is: the check writes what it computed in its place.
struct ClaimFigure {
    std::string before;                // what it stands before, found once ("x at 512" of "2.3x at 512")
    enum class Form : std::uint8_t { value, ratio, difference, more, less } form = Form::value;   // more: the ratio minus 1, less: 1 minus it
    std::vector<MetricRef> operands;   // one (metric), or two: first over second, or minus it
    Spot spot;
    bool operator==(const ClaimFigure&) const = default;
};

struct ClaimInfo {          // only studies under claims/ have it
    int number = 0;
    std::string text, source;
    std::string found;      // what we found, in a sentence, shown beside the computed verdict
    std::vector<ClaimFigure> figures;   // of the numbers in it
    bool operator==(const ClaimInfo&) const = default;
};

// A model given by numbers. Two wishes are the same when the models made from them are: Scenario compares those.
struct ModelWish : HypotheticalModel {
    bool operator==(const ModelWish&) const { return true; }
};

enum class Method : std::uint8_t { analyse, simulate };
std::string_view name_of(Method method);

struct Scenario {
    std::string name;
    std::string file;                 // where it came from; relative paths in it are relative to this
    std::uint64_t seed = 1;
    Method method = Method::analyse;
    std::string objective = "usd_per_mtok_output";   // metric the verdict compares
    Workload workload;
    RoutingSpec routing = UniformRouting{};
    PlacementSpec placement;
    MoneySpec money;
    ColdStartSpec cold_start;
    std::optional<QualitySpec> quality;
    ClusterSpec cluster;
    SimulateSpec simulate;
    std::vector<FleetSpec> fleets;    // several candidates serving one load together
    std::map<std::string, ModelSpec> models;          // hypothetical models given in the file, by name
    std::map<std::string, ModelWish> model_wishes;    // what they were made from; saving writes these
    std::vector<Candidate> candidates;
    std::vector<SweepAxis> sweep;
    std::vector<Expectation> expect;
    std::optional<ClaimInfo> claim;
    bool operator==(const Scenario&) const = default;
};

// `overrides` are "path=value" texts of --set, applied to the YAML tree before it is read.
// Errors: everything wrong in the file at once, each with file:line, path, what was expected, nearest name.
Result<Scenario> load_scenario(const std::string& file, const std::vector<std::string>& overrides = {});
Result<Scenario> parse_scenario(const std::string& yaml_text, const std::string& file_name,
                                const std::vector<std::string>& overrides = {});

// The study as a tree, in the form of its YAML, defaults spelled out; optional parts only where they are given.
Document to_document(const Scenario& scenario);

// YAML that loads to an equal Scenario. A candidate's own price, utilisation or energy is written whole, with what it
// inherited from the study when it was loaded.
std::string save_scenario(const Scenario& scenario);

// "mixtral.tpot_ms", "mixtral.tpot_ms@batch=1". The error says what is missing.
tl::expected<MetricRef, std::string> parse_metric_ref(std::string_view text);
std::string print_metric_ref(const MetricRef& ref);

// Axes of a sweep whose values are numbers: batch, input, output, utilisation, gpu_hour, skew, accuracy, tokens_per_answer.
const std::vector<std::string>& numeric_sweep_axes();

}  // namespace moeplan
