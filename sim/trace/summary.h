#pragma once
// What a trace is like, in the numbers that size a fleet.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "sim/trace/trace.h"

namespace moeplan {

// Percentiles are nearest-rank: the smallest length that at least q of the requests do not exceed.
struct LengthSummary {
    double mean = 0, p50 = 0, p90 = 0, p99 = 0, max = 0;
};

struct TraceSummary {
    std::size_t requests = 0;
    LengthSummary input, output;
    double mean_input_times_output = 0;  // tokens^2; not the product of the means: the two are correlated
    std::optional<double> duration_s;        // first to last arrival; absent without arrivals
    std::optional<double> requests_per_s;    // (requests - 1) / duration; absent when all arrive at once
    // Standard deviation over mean of the gaps between arrivals (1 = Poisson). Absent without arrivals, under
    // 3 requests, and when requests were added out of order.
    std::optional<double> interarrival_cv;
    // Share of prefix blocks that an earlier request had at the same place after the same blocks: the hit
    // rate of an unbounded prefix cache. Absent without prefix ids.
    std::optional<double> prefix_reuse;
};

// Adds requests one by one; memory is bounded by the number of distinct lengths and prefix ids (20 million,
// after which prefix_reuse is absent).
class TraceSummariser {
public:
    void add(const TraceRequest& request);
    // `has_arrivals`: TraceReport's; without, arrival_s is not looked at.
    TraceSummary finish(bool has_arrivals) const;

private:
    struct Lengths {
        std::unordered_map<std::int64_t, std::uint64_t> counts;
        double sum = 0;
        LengthSummary summary(std::size_t n) const;
    };
    void add_gap(double arrival);
    void add_prefix(const TraceRequest& request);

    std::size_t n_ = 0;
    Lengths input_, output_;
    double product_ = 0;
    double first_ = 0, last_ = 0, previous_ = 0;
    double gaps_ = 0, gap_mean_ = 0, gap_m2_ = 0;
    bool ordered_ = true;
    std::unordered_set<std::uint64_t> seen_;
    std::uint64_t blocks_ = 0, reused_ = 0;
    bool prefix_known_ = true;
};

TraceSummary summarise(const std::vector<TraceRequest>& requests, bool has_arrivals = true);
Result<TraceSummary> summarise_trace(const std::string& file);

}  // namespace moeplan
