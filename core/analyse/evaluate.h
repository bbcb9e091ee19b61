#pragma once
// One prepared candidate at one load: does it fit, how fast, for how much. Values in, values out.

#include <optional>
#include <string>

#include "core/analyse/prepare.h"
#include "core/memory/footprint.h"
#include "core/money/serving_cost.h"

namespace moeplan {

// What a single evaluation may vary without preparing the candidate anew.
struct OperatingPoint {
    Load load;
    RequestShape request;
    double utilisation = 1;
    Estimate usd_per_gpu_hour;
};

// The study's own point for this candidate.
OperatingPoint operating_point(const Prepared& candidate, const Workload& workload);

// The same point at the central price: candidates that pay the same GPU-hour are compared so, because its spread
// moves all of them together.
OperatingPoint without_price_spread(OperatingPoint point);
bool same_price(const Prepared& a, const Prepared& b);

struct AnswerCost {
    double output_tokens = 0;                // of one attempt
    Estimate usd_per_answer;                 // one attempt, right or wrong; 0 when that itself is refused
    std::optional<Estimate> usd_per_correct; // absent when refused
    std::string refused;                     // why
};

struct Evaluation {
    OperatingPoint at;
    Footprint memory;
    bool fits = false;
    std::string misfit;             // "weights of 93.4 GB on a GPU with 72.0 GB to use"
    double limit_sequences = 0;     // per replica, by memory and by the engine
    ServingPoint serving;           // of one replica; only when it fits
    double batch = 0;               // sequences together on a replica while it is in steps
    double busy = 1;                // share of the time that replicas are in steps, all of them together
    UnitPrices money;               // of all replicas
    Estimate requests_per_s;        // of all replicas
    Estimate output_tok_s;          // of all replicas
    double gpus_paid = 0;           // on average: fewer than there are where some are switched off
    std::optional<AnswerCost> answer;
};

// Errors: the cost source lacks a datum. Not fitting is not an error.
// `with_answer` false skips cost per answer (sweeps).
Result<Evaluation> evaluate(const Prepared& candidate, const OperatingPoint& point, const CostSource& source, bool with_answer = true);

// The same by a timer of this candidate, which remembers the last steps it priced.
Result<Evaluation> evaluate(const Prepared& candidate, const OperatingPoint& point, StepTimer& timer, bool with_answer = true);

// The same serving at another price of a GPU-hour. `timer`: of this candidate.
Result<Evaluation> repriced(const Evaluation& evaluation, const Prepared& candidate, const Estimate& usd_per_gpu_hour, StepTimer& timer);

// A timer of the candidate's steps. `candidate` and `source` outlive it.
StepTimer timer_of(const Prepared& candidate, const CostSource& source);

ReplicaLimits limits_of(const Prepared& candidate, const Footprint& memory);

// The load of one replica, served.
Result<ServingPoint> serve(StepTimer& timer, const Prepared& candidate, const OperatingPoint& point, const ReplicaLimits& limits);

}  // namespace moeplan
