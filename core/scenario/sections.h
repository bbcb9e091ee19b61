#pragma once
// One reader per section of the YAML; each records its problems in the file and returns what it could read.
// Internal to core/scenario.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/scenario/limits.h"
#include "core/scenario/scenario.h"
#include "core/yaml/reader.h"

namespace moeplan::scenario {

// Copies what was read; leaves the default where nothing was (its problem is on record).
template <class Into, class T>
void take(Into& into, const std::optional<T>& read) {
    if (read) into = *read;
}

Spot spot_of(const YamlNode& node);

// A map with exactly one of `names` as its key: {zipf: {alpha: 1}}. Nothing, with a problem, otherwise.
// Other keys of the map are the caller's to read (and to reject).
struct Form {
    std::size_t index = 0;
    YamlNode body;
};
std::optional<Form> only_form(const YamlNode& node, const std::vector<std::string>& names,
                              std::string_view example);

std::optional<double> tokens(const YamlNode& node);      // 1 … 1e9
std::optional<double> positive(const YamlNode& node, double at_most);   // > 0
// [low, high] with low <= high, each read by `read`.
std::optional<std::pair<double, double>> low_high(const YamlNode& node,
                                                  std::optional<double> (*read)(const YamlNode&));
std::optional<NumberFormat> number_format(const YamlNode& node);
// A duration from 0 (or above 0) to `most` seconds.
std::optional<Seconds> duration(const YamlNode& node, double most = kMostSeconds);
std::optional<Seconds> above_zero(const YamlNode& node, double most = kMostSeconds);
// Candidates (and fleets), for what names them. Looking for near names takes long where there are many of both: only
// the first wrong names get one.
class KnownNames {
public:
    explicit KnownNames(std::vector<std::string> names) : names_(std::move(names)) {}
    const std::vector<std::string>& all() const { return names_; }
    void add(const std::string& name) { names_.push_back(name); }
    // True, or a problem at `node` with the nearest name.
    bool check(const YamlNode& node, const std::string& name);

private:
    std::vector<std::string> names_;
    int hints_left_ = 20;
};
// A name that expectations write before a dot; `of` says whose, for messages.
std::optional<std::string> read_name(const YamlNode& node, std::string_view of);
// A problem at a key that closed forms cannot honour, where the study is not simulated.
void simulations_only(const YamlNode& node, std::string_view key, bool simulated);

// Names of the values of an enumeration, in its order.
const std::vector<std::string>& scheduler_names();
const std::vector<std::string>& preemption_names();
const std::vector<std::string>& router_names();
const std::vector<std::string>& method_names();
const std::vector<std::string>& sampling_names();

std::optional<double> gpu_hour(const YamlNode& node);    // "2.50 USD" or "2.50 USD/h"

Workload read_workload(const YamlNode& node, bool simulated);
// `load` and `prefixes` of the workload `owner`.
void read_load(const YamlNode& owner, bool simulated, Workload& workload);
void read_prefixes(const YamlNode& node, bool simulated, Workload& workload);
std::optional<FixedLengths> read_fixed_lengths(const YamlNode& node);
std::optional<RoutingSpec> read_routing(const YamlNode& node);
std::optional<PlacementSpec> read_placement(const YamlNode& node);

// The keys price, utilisation and energy of `owner` (the study or a candidate), over `base`.
MoneySpec read_money(const YamlNode& owner, const MoneySpec& base);
bool has_money(const YamlNode& owner);
ColdStartSpec read_cold_start(const YamlNode& node);
// `inherited` gives the source where only tokens_per_answer is overridden.
std::optional<QualitySpec> read_quality(const YamlNode& node, const std::optional<QualitySpec>& inherited);

std::optional<Layout> read_layout(const YamlNode& node);
// The keys max_sequences, token_budget and memory_fraction of `owner`.
void read_engine_limits(const YamlNode& owner, std::optional<std::int64_t>& max_sequences,
                        std::optional<std::int64_t>& token_budget, std::optional<double>& memory_fraction);
PrecisionSpec read_precision(const YamlNode& node);
void read_candidates(const YamlNode& root, Scenario& scenario);
// Over `base`, key by key: the defaults for a study, the study's for a candidate.
SimulateSpec read_simulate(const YamlNode& node, const SimulateSpec& base, bool simulated);
constexpr const char* kPoolsExample = "{prefill: 2, decode: 6, link: 50 GB/s, latency: 1 ms}";
std::optional<PoolsSpec> read_pools(const YamlNode& node);
std::vector<FleetSpec> read_fleets(const YamlNode& node, KnownNames& candidates, bool simulated);
void read_models(const YamlNode& node, Scenario& scenario);
std::vector<SweepAxis> read_sweep(const YamlNode& node);
std::vector<Expectation> read_expectations(const YamlNode& node, KnownNames& candidates);
// `simulated`: figures are known in closed form only.
std::optional<ClaimInfo> read_claim(const YamlNode& node, KnownNames& candidates, bool simulated);

// The other direction: values back into the form they are read in.
Document lengths_document(const Lengths& lengths);
Document workload_document(const Workload& workload);
Document routing_document(const RoutingSpec& routing);
Document placement_document(const PlacementSpec& placement);
void add_money(Document::Map& into, const MoneySpec& money);
Document cold_start_document(const ColdStartSpec& cold_start);
Document quality_document(const QualitySpec& quality);
void add_models(Document::Map& into, const Scenario& scenario);
Document layout_document(const Layout& layout);
Document candidate_document(const Candidate& candidate, const SimulateSpec& study);
Document arrivals_document(const Arrivals& arrivals);
// What `base` says and `spec` does not is taken back by name.
Document simulate_document(const SimulateSpec& spec, const SimulateSpec& base);
Document fleets_document(const std::vector<FleetSpec>& fleets);
Document sweep_document(const std::vector<SweepAxis>& sweep);
Document expectation_document(const Expectation& expectation);

}  // namespace moeplan::scenario
