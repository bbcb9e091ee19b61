#include "sim/trace/summary.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace moeplan {
namespace {

constexpr std::size_t kMostPrefixIds = 20'000'000;

}  // namespace

LengthSummary TraceSummariser::Lengths::summary(std::size_t n) const {
    LengthSummary result;
    if (n == 0) return result;
    std::vector<std::pair<std::int64_t, std::uint64_t>> sorted(counts.begin(), counts.end());
    std::sort(sorted.begin(), sorted.end());
    const auto at = [&](double q) {
        const double rank = std::ceil(q * static_cast<double>(n));
        double passed = 0;
        for (const auto& [length, count] : sorted) {
            passed += static_cast<double>(count);
            if (passed >= rank) return static_cast<double>(length);
        }
        return static_cast<double>(sorted.back().first);
    };
    result.mean = sum / static_cast<double>(n);
    result.p50 = at(0.50);
    result.p90 = at(0.90);
    result.p99 = at(0.99);
    result.max = static_cast<double>(sorted.back().first);
    return result;
}

void TraceSummariser::add_gap(double arrival) {
    if (n_ == 0) {
        first_ = last_ = previous_ = arrival;
        return;
    }
    const double gap = arrival - previous_;
    if (gap < 0) ordered_ = false;
    gaps_ += 1;
    const double delta = gap - gap_mean_;
    gap_mean_ += delta / gaps_;
    gap_m2_ += delta * (gap - gap_mean_);
    previous_ = arrival;
    first_ = std::min(first_, arrival);
    last_ = std::max(last_, arrival);
}

void TraceSummariser::add_prefix(const TraceRequest& request) {
    if (!prefix_known_) return;
    bool leading = true;  // a block is only reusable after reusable blocks
    for (const std::uint64_t id : request.prefix) {
        const bool known = !seen_.insert(id).second;
        leading = leading && known;
        reused_ += leading ? 1 : 0;
    }
    blocks_ += request.prefix.size();
    if (seen_.size() > kMostPrefixIds) {
        prefix_known_ = false;
        seen_.clear();
    }
}

void TraceSummariser::add(const TraceRequest& request) {
    add_gap(request.arrival_s);
    add_prefix(request);
    const auto input = static_cast<double>(request.input_tokens);
    const auto output = static_cast<double>(request.output_tokens);
    ++input_.counts[request.input_tokens];
    ++output_.counts[request.output_tokens];
    input_.sum += input;
    output_.sum += output;
    product_ += input * output;
    ++n_;
}

TraceSummary TraceSummariser::finish(bool has_arrivals) const {
    TraceSummary summary;
    summary.requests = n_;
    summary.input = input_.summary(n_);
    summary.output = output_.summary(n_);
    if (n_ > 0) summary.mean_input_times_output = product_ / static_cast<double>(n_);
    if (blocks_ > 0 && prefix_known_) {
        summary.prefix_reuse = static_cast<double>(reused_) / static_cast<double>(blocks_);
    }
    if (!has_arrivals || n_ == 0) return summary;
    summary.duration_s = last_ - first_;
    if (last_ > first_) summary.requests_per_s = static_cast<double>(n_ - 1) / (last_ - first_);
    if (ordered_ && n_ >= 3 && gap_mean_ > 0) {
        summary.interarrival_cv = std::sqrt(gap_m2_ / (gaps_ - 1)) / gap_mean_;
    }
    return summary;
}

TraceSummary summarise(const std::vector<TraceRequest>& requests, bool has_arrivals) {
    TraceSummariser summariser;
    for (const TraceRequest& request : requests) summariser.add(request);
    return summariser.finish(has_arrivals);
}

Result<TraceSummary> summarise_trace(const std::string& file) {
    TraceSummariser summariser;
    const auto report = read_trace(file, [&](const TraceRequest& request) {
        summariser.add(request);
        return true;
    });
    if (!report) return fail(report.error());
    return summariser.finish(report->has_arrivals);
}

}  // namespace moeplan
