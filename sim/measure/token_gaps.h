#pragma once
// Times between the tokens of a request (ITL), of all requests, exactly: runs of decode steps are kept as weighted
// arithmetic progressions and never expanded. A percentile is found by bisection over the value, counting gaps up to it
// in integers.
//
// Memory: at most `most_runs` progressions of 32 bytes (80 MB). Beyond that the older half is counted into bins of 1 us
// (of 1 in 2^17 above 0.26 s); then a percentile among them is right to the bin.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/measure/chunked.h"
#include "sim/request/ticks.h"

namespace moeplan {

class TokenGaps {
public:
    explicit TokenGaps(std::size_t most_runs = 2'500'000) : most_(most_runs) {}

    // `count` gaps of first, first + growth, … ticks, each seen by `weight` requests; the first of them begins at `start`.
    // Gaps are > 0.
    void add(Ticks start, Ticks first, Ticks growth, std::int64_t count, std::int64_t weight);

    // Gaps that begin before this are left out. Those already folded stay in: see folded_until().
    void drop_before(Ticks start);

    std::uint64_t size() const { return size_; }   // gaps, weights counted
    double mean_s() const;
    double max_s() const;
    // Order statistics by nearest rank: the ceil(p x size)-th smallest for each p, 0 < p <= 1. Requires size() > 0.
    std::vector<Ticks> percentiles(const std::vector<double>& ps) const;
    Ticks percentile(double p) const { return percentiles({p}).front(); }
    // For a picture: values in seconds at ascending shares 0 … 1, within 1.6 % of the order statistics. Requires size() > 0.
    std::vector<double> curve_s(const std::vector<double>& shares) const;
    // Means of `batches` groups of about equally many gaps in order of time. Empty when there are fewer runs than that.
    std::vector<double> batch_means_s(std::size_t batches) const;

    // Progressions older than this were folded; 0 when none was.
    Ticks folded_until() const { return folded_until_; }

private:
    struct Run {
        Ticks start = 0, first = 0, growth = 0;
        std::uint32_t count = 0, weight = 0;
        Ticks last() const { return first + growth * (static_cast<Ticks>(count) - 1); }
        Ticks low() const { return growth < 0 ? last() : first; }
        Ticks high() const { return growth < 0 ? first : last(); }
        std::uint64_t gaps() const { return std::uint64_t{count} * weight; }
    };

    void push(const Run& run);
    void fold_older_half();
    void fold(const Run& run);
    std::uint64_t count_up_to(const Run& run, Ticks value) const;
    std::vector<std::uint64_t> count_buckets() const;
    Ticks select(std::uint64_t rank, const std::vector<std::uint64_t>& counts) const;
    Ticks bisect(std::uint64_t rank, Ticks low, Ticks high, std::uint64_t below, std::vector<std::uint32_t> open) const;

    std::size_t most_;
    Chunked<Run> runs_;
    std::uint64_t size_ = 0;
    double total_ticks_ = 0;
    std::vector<std::uint64_t> folded_;   // by bin
    std::uint64_t folded_size_ = 0;
    double folded_ticks_ = 0;
    Ticks folded_max_ = 0;
    Ticks folded_until_ = 0;
};

}  // namespace moeplan
