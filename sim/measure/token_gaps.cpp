#include "sim/measure/token_gaps.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "core/base/require.h"

namespace moeplan {
namespace {

constexpr Ticks kMicrosecond = 1'000'000;
constexpr std::uint64_t kExact = std::uint64_t{1} << 18;   // microseconds counted one by one
constexpr std::uint64_t kHalf = kExact / 2;
constexpr std::int64_t kMostAtOnce = std::numeric_limits<std::uint32_t>::max();

std::size_t bin_of(Ticks gap) {
    const auto us = static_cast<std::uint64_t>((gap + kMicrosecond / 2) / kMicrosecond);
    if (us < kExact) return us;
    const auto shift = static_cast<std::uint64_t>(std::bit_width(us)) - 18;
    return kExact + (shift - 1) * kHalf + ((us >> shift) - kHalf);
}

// The middle of what the bin holds.
Ticks value_of(std::size_t bin) {
    if (bin < kExact) return static_cast<Ticks>(bin) * kMicrosecond;
    const std::uint64_t beyond = bin - kExact, shift = beyond / kHalf + 1;
    const std::uint64_t low = (beyond % kHalf + kHalf) << shift;
    return static_cast<Ticks>(low + (std::uint64_t{1} << (shift - 1))) * kMicrosecond;
}

// 64 to an octave, those below 128 ticks one by one.
constexpr std::size_t kBuckets = 64 * 60;
std::size_t bucket_of(Ticks gap) {
    const auto value = static_cast<std::uint64_t>(std::max<Ticks>(gap, 0));
    if (value < 128) return value;
    const auto octave = static_cast<std::uint64_t>(std::bit_width(value)) - 7;
    return octave * 64 + (value >> octave);
}
Ticks bucket_start(std::size_t bucket) {
    if (bucket < 128) return static_cast<Ticks>(bucket);
    const std::uint64_t octave = bucket / 64 - 1;
    if (octave >= 57) return std::numeric_limits<Ticks>::max();
    return static_cast<Ticks>((bucket % 64 + 64) << octave);
}

double sum_of(Ticks first, Ticks growth, std::uint64_t count) {
    const auto n = static_cast<double>(count);
    return static_cast<double>(first) * n + static_cast<double>(growth) * (n * (n - 1) / 2);
}

// When gap `j` of a progression begins, counted from the progression's start.
Ticks offset_of(Ticks first, Ticks growth, std::int64_t j) { return first * j + growth * (j * (j - 1) / 2); }

}  // namespace

void TokenGaps::add(Ticks start, Ticks first, Ticks growth, std::int64_t count, std::int64_t weight) {
    if (count <= 0 || weight <= 0) return;
    if (count == 1) growth = 0;
    while (weight > kMostAtOnce) {   // never met; a count must not wrap
        add(start, first, growth, count, kMostAtOnce);
        weight -= kMostAtOnce;
    }
    while (count > kMostAtOnce) {
        push({start, first, growth, std::numeric_limits<std::uint32_t>::max(), static_cast<std::uint32_t>(weight)});
        start += offset_of(first, growth, kMostAtOnce);
        first += growth * kMostAtOnce;
        count -= kMostAtOnce;
    }
    push({start, first, growth, static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(weight)});
}

void TokenGaps::push(const Run& run) {
    if (runs_.size() >= most_) fold_older_half();
    runs_.push_back(run);
    size_ += run.gaps();
    total_ticks_ += sum_of(run.first, run.growth, run.count) * run.weight;
}

void TokenGaps::fold(const Run& run) {
    // Gaps that fall into one bin are neighbours: their number is found, not counted.
    for (std::int64_t j = 0; j < run.count;) {
        const std::size_t bin = bin_of(run.first + run.growth * j);
        std::int64_t in = j, out = run.count;   // in: still in this bin; out: not any more
        while (out - in > 1) {
            const std::int64_t middle = in + (out - in) / 2;
            (bin_of(run.first + run.growth * middle) == bin ? in : out) = middle;
        }
        if (bin >= folded_.size()) folded_.resize(bin + bin / 4 + 1);
        folded_[bin] += static_cast<std::uint64_t>(out - j) * run.weight;
        j = out;
    }
    folded_size_ += run.gaps();
    folded_ticks_ += sum_of(run.first, run.growth, run.count) * run.weight;
    folded_max_ = std::max({folded_max_, run.first, run.last()});
    folded_until_ = std::max(folded_until_, run.start + offset_of(run.first, run.growth, run.count));
}

void TokenGaps::fold_older_half() {
    const std::size_t half = (runs_.size() + 1) / 2;
    for (std::size_t i = 0; i < half; ++i) fold(runs_[i]);
    for (std::size_t i = half; i < runs_.size(); ++i) runs_[i - half] = runs_[i];
    runs_.shrink_to(runs_.size() - half);
}

void TokenGaps::drop_before(Ticks cut) {
    std::size_t kept = 0;
    size_ = folded_size_;
    total_ticks_ = folded_ticks_;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
        Run run = runs_[i];
        if (run.start < cut) {
            std::int64_t low = 0, high = run.count;   // the first gap that begins at the cut or later
            while (low < high) {
                const std::int64_t middle = low + (high - low) / 2;
                if (run.start + offset_of(run.first, run.growth, middle) >= cut) high = middle;
                else low = middle + 1;
            }
            if (low == run.count) continue;
            run.start += offset_of(run.first, run.growth, low);
            run.first += run.growth * low;
            run.count -= static_cast<std::uint32_t>(low);
        }
        runs_[kept++] = run;
        size_ += run.gaps();
        total_ticks_ += sum_of(run.first, run.growth, run.count) * run.weight;
    }
    runs_.shrink_to(kept);
}

double TokenGaps::mean_s() const {
    return size_ == 0 ? 0 : total_ticks_ / static_cast<double>(size_) / static_cast<double>(kTicksPerSecond);
}

double TokenGaps::max_s() const {
    Ticks longest = folded_max_;
    for (std::size_t i = 0; i < runs_.size(); ++i) longest = std::max({longest, runs_[i].first, runs_[i].last()});
    return to_seconds(longest);
}

std::uint64_t TokenGaps::count_up_to(const Run& run, Ticks value) const {
    const Ticks low = run.low(), high = run.high();
    if (value < low) return 0;
    if (value >= high) return run.gaps();
    const Ticks step = run.growth < 0 ? -run.growth : run.growth;   // > 0: low < high
    return (static_cast<std::uint64_t>((value - low) / step) + 1) * run.weight;
}

std::vector<Ticks> TokenGaps::percentiles(const std::vector<double>& ps) const {
    require(size_ > 0, "a percentile of no token gaps");
    const std::vector<std::uint64_t> counts = count_buckets();
    std::vector<Ticks> out;
    for (const double p : ps) {
        const double exact = std::ceil(p * static_cast<double>(size_) * (1 - 1e-15));
        out.push_back(
            select(std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::max(exact, 1.0)), 1, size_), counts));
    }
    return out;
}

std::vector<double> TokenGaps::curve_s(const std::vector<double>& shares) const {
    require(size_ > 0, "a curve of no token gaps");
    const std::vector<std::uint64_t> counts = count_buckets();
    std::vector<double> out;
    std::size_t bucket = 0;
    double before = 0;
    for (const double share : shares) {
        const double rank = std::clamp(std::ceil(share * static_cast<double>(size_) * (1 - 1e-15)), 1.0, static_cast<double>(size_));
        while (before + static_cast<double>(counts[bucket]) < rank) before += static_cast<double>(counts[bucket++]);
        // As if those in the bucket lay evenly in it.
        const double inside = (rank - before) / static_cast<double>(counts[bucket]);
        const double low = to_seconds(bucket_start(bucket)), high = to_seconds(bucket_start(bucket + 1));
        out.push_back(std::min(low + inside * (high - low), max_s()));
    }
    return out;
}

std::vector<std::uint64_t> TokenGaps::count_buckets() const {
    std::vector<std::uint64_t> counts(kBuckets);
    for (std::size_t i = 0; i < folded_.size(); ++i) counts[bucket_of(value_of(i))] += folded_[i];
    for (std::size_t i = 0; i < runs_.size(); ++i) {
        const Run& run = runs_[i];
        std::size_t bucket = bucket_of(run.low());
        const std::size_t last = bucket_of(run.high());
        std::uint64_t before = 0;
        for (; bucket < last; ++bucket) {
            const std::uint64_t up_to = count_up_to(run, bucket_start(bucket + 1) - 1);
            counts[bucket] += up_to - before;
            before = up_to;
        }
        counts[last] += run.gaps() - before;
    }
    return counts;
}

// The bucket (of 1.6 %) in which the rank lies, then bisection among the progressions that reach into it.
Ticks TokenGaps::select(std::uint64_t rank, const std::vector<std::uint64_t>& counts) const {
    std::size_t bucket = 0;
    for (std::uint64_t before = 0; before + counts[bucket] < rank; ++bucket) before += counts[bucket];
    const Ticks low = bucket_start(bucket), high = bucket_start(bucket + 1) - 1;
    std::vector<std::uint32_t> open;
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
        if (runs_[i].high() < low) below += runs_[i].gaps();
        else if (runs_[i].low() <= high) open.push_back(static_cast<std::uint32_t>(i));
    }
    return bisect(rank, low, high, below, std::move(open));
}

// A progression that lies wholly to one side of the interval that is left is decided for good, so that all passes
// together touch each about twice.
Ticks TokenGaps::bisect(std::uint64_t rank, Ticks low, Ticks high, std::uint64_t below,
                        std::vector<std::uint32_t> open) const {
    std::vector<std::uint64_t> folded_up_to(folded_.size());
    std::uint64_t running = 0;
    for (std::size_t i = 0; i < folded_.size(); ++i) folded_up_to[i] = running += folded_[i];
    const auto folded_count = [&](Ticks value) -> std::uint64_t {
        if (folded_up_to.empty()) return 0;
        const std::size_t bin = std::min(bin_of(value), folded_up_to.size() - 1);
        if (value_of(bin) <= value) return folded_up_to[bin];
        return bin == 0 ? 0 : folded_up_to[bin - 1];
    };
    while (low < high) {
        const Ticks middle = low + (high - low) / 2;
        std::uint64_t count = below + folded_count(middle);
        for (const std::uint32_t i : open) count += count_up_to(runs_[i], middle);
        const bool down = count >= rank;
        std::size_t kept = 0;
        for (const std::uint32_t i : open) {
            const Run& run = runs_[i];
            if (down ? run.low() <= middle : run.high() > middle) open[kept++] = i;
            else if (!down) below += run.gaps();
        }
        open.resize(kept);
        (down ? high : low) = down ? middle : middle + 1;
    }
    return low;
}

std::vector<double> TokenGaps::batch_means_s(std::size_t batches) const {
    if (batches == 0 || runs_.size() < batches) return {};
    std::uint64_t gaps = 0;
    for (std::size_t i = 0; i < runs_.size(); ++i) gaps += runs_[i].gaps();
    std::vector<double> total(batches), weight(batches);
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
        const Run& run = runs_[i];
        const double middle = static_cast<double>(before) + static_cast<double>(run.gaps()) / 2;
        const auto at = std::min(batches - 1, static_cast<std::size_t>(middle / static_cast<double>(gaps) *
                                                                       static_cast<double>(batches)));
        total[at] += sum_of(run.first, run.growth, run.count) * run.weight;
        weight[at] += static_cast<double>(run.gaps());
        before += run.gaps();
    }
    for (std::size_t b = 0; b < batches; ++b) {
        if (weight[b] == 0) return {};
        total[b] /= weight[b] * static_cast<double>(kTicksPerSecond);
    }
    return total;
}

}  // namespace moeplan
