#pragma once
// What a study says about its simulation: how requests arrive, how engines schedule, how replicas work together.
// Only `method: simulate` reads it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/units.h"
#include "core/parallel/layout.h"
#include "core/scenario/spot.h"

namespace moeplan {

// ---- arrivals beyond Poisson -------------------------------------------------------------------------------------

// Gaps of this mean rate and coefficient of variation (1 = Poisson, above = bursts).
struct GammaArrivals { PerSecond rate; double cv = 1; bool operator==(const GammaArrivals&) const = default; };
struct WeibullArrivals { PerSecond rate; double cv = 1; bool operator==(const WeibullArrivals&) const = default; };
// Poisson whose rate swings as a cosine: lowest at the start, highest half a period later.
struct DiurnalArrivals {
    PerSecond rate;                 // mean
    double peak_over_mean = 2;      // 1 … 2
    Seconds period{86400};
    bool operator==(const DiurnalArrivals&) const = default;
};
// As recorded in the trace that also gives the lengths.
struct TraceArrivals {
    double speed = 1;               // 2 = twice the rate
    Seconds from{0};                // of the recording
    std::optional<Seconds> to;
    std::int64_t repeat = 1;        // the slice, one after the other
    bool operator==(const TraceArrivals&) const = default;
};
// Clients recorded by ServeGen: rates, burstiness and lengths per window, one file pair per client.
struct ServeGenArrivals {
    std::string folder;
    double speed = 1;               // factor on every client's rate
    Seconds from{0};
    std::optional<Seconds> to;
    bool operator==(const ServeGenArrivals&) const = default;
};
using Arrivals = std::variant<GammaArrivals, WeibullArrivals, DiurnalArrivals, TraceArrivals, ServeGenArrivals>;

// Prompts that begin alike: each request starts with one of `groups` texts of `tokens` tokens.
// They count as input.
struct SharedPrefixes { std::int64_t groups = 1; std::int64_t tokens = 0; bool operator==(const SharedPrefixes&) const = default; };

// ---- engine and cluster ------------------------------------------------------------------------------------------

enum class Scheduler : std::uint8_t { automatic, vllm, tensorrt_llm, sglang, static_batch };
enum class Preemption : std::uint8_t { recompute, swap };
enum class Router : std::uint8_t { round_robin, least_loaded, power_of_two, prefix_affinity, session };

// As a study writes them: "auto", "vllm", "static"; "recompute"; "least_loaded".
std::string_view name_of(Scheduler scheduler);
std::string_view name_of(Preemption preemption);
std::string_view name_of(Router router);

// A share of requests is more urgent than the rest (lower = sooner).
struct PriorityShare { double share = 0; std::int32_t priority = 0; bool operator==(const PriorityShare&) const = default; };

// Replicas that do one half of the work. What is absent is the candidate's.
struct PoolSpec {
    std::int64_t replicas = 1;
    std::optional<Layout> layout{};
    std::optional<std::int64_t> max_sequences{}, token_budget{};
    std::optional<double> memory_fraction{};
    Spot spot{};
    bool operator==(const PoolSpec&) const = default;
};

// Replicas that only prefill and replicas that only decode; the KV cache travels between them.
struct PoolsSpec {
    PoolSpec prefill{}, decode{};                   // their GPUs together are the candidate's
    std::optional<BytesPerSecond> link{};           // of a replica that sends; absent = the device's network x its GPUs
    Seconds latency{0};
    bool operator==(const PoolsSpec&) const = default;

    bool own_layouts() const { return prefill.layout || decode.layout; }
};
// GPUs of both pools, where `shared` is the candidate's layout; nothing where one of them has none.
std::optional<std::int64_t> gpus_of(const PoolsSpec& pools, const std::optional<Layout>& shared);

struct AutoscaleSpec {
    std::int64_t least = 1, most = 1;               // replicas; `most` is the candidate's replicas
    double scale_up_above = 0;                      // requests in a replica (running and waiting), mean over replicas
    double scale_down_below = 0;
    Seconds every{10};                              // looks this often
    std::optional<Seconds> cold_start;              // absent = computed from the weights
    bool operator==(const AutoscaleSpec&) const = default;
};

struct FaultSpec { std::int64_t replica = 0; Seconds at{0}; std::optional<Seconds> back; bool operator==(const FaultSpec&) const = default; };

// Expert popularity that moves: every `every` a `share` of the popularity is dealt anew.
struct DriftSpec { Seconds every{60}; double share = 0.1; bool operator==(const DriftSpec&) const = default; };
// Experts placed anew by their recent load; the replica stands still while weights move.
struct RebalanceSpec { Seconds every{600}; std::int64_t redundant = 0; bool operator==(const RebalanceSpec&) const = default; };

struct SimulateSpec {
    std::optional<std::int64_t> requests;      // arrivals to simulate; absent = all of a trace, 10,000 of a process
    std::optional<Seconds> duration;           // arrivals stop here; the requests in flight are finished
    std::optional<Seconds> warm_up;            // left out of the figures; absent = detected
    Scheduler scheduler = Scheduler::automatic;    // automatic = the engine's own
    Preemption preemption = Preemption::recompute;
    bool prefix_cache = true;
    std::optional<std::int64_t> queue_limit;   // waiting requests of a replica; the next is rejected
    std::optional<Seconds> timeout;            // without a first token by then, a request is given up
    std::vector<PriorityShare> priorities;
    Router router = Router::least_loaded;
    std::optional<PoolsSpec> pools;
    std::optional<AutoscaleSpec> autoscale;
    std::vector<FaultSpec> faults;
    std::optional<DriftSpec> drift;
    std::optional<RebalanceSpec> rebalance;
    bool operator==(const SimulateSpec&) const = default;
};

// ---- fleets of several candidates --------------------------------------------------------------------------------

// Requests a member takes; the first member that takes a request gets it, the last takes what is left.
struct RequestFilter {
    std::optional<double> input_from, input_below, output_from, output_below;   // tokens
    std::optional<double> share;                                                // of requests, drawn at random
    std::optional<std::int32_t> priority;
    bool operator==(const RequestFilter&) const = default;
};
struct FleetMember { std::string candidate; RequestFilter takes; bool operator==(const FleetMember&) const = default; };
struct FleetSpec { std::string name; std::vector<FleetMember> members; bool operator==(const FleetSpec&) const = default; };

}  // namespace moeplan
