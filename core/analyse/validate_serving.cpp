#include "core/analyse/validate_serving.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "core/base/require.h"
#include "core/base/side_by_side.h"

namespace moeplan {
namespace {

struct Compares {
    std::vector<Compared> ttft, tpot, e2e;
};

using GroupKey = std::array<std::string, 3>;

class Validator {
public:
    explicit Validator(const ValidateOptions& options) : options_(options) {}

    void take(const ServingRows& all, const std::vector<RowPrediction>& found) {
        require(found.size() == all.rows.size(), "a prediction for each row");
        skipped_ = all.skipped;
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (found[i].skip.empty()) compare(all.rows[i], found[i]);
            else ++skipped_[found[i].skip];
        }
    }

    ValidationReport report() const {
        ValidationReport r;
        r.n = count_;
        r.waiting = waiting_;
        for (const auto& [reason, n] : skipped_) r.skipped.push_back({reason, n});
        std::ranges::stable_sort(r.skipped, std::ranges::greater{}, &SkippedRows::n);
        r.ttft = error_stats(all_.ttft);
        r.tpot = error_stats(all_.tpot);
        r.e2e = error_stats(all_.e2e);
        for (const auto& [key, compares] : groups_) {
            ValidationGroup g;
            g.model = key[0];
            g.gpu = key[1];
            g.engine = key[2];
            g.n = std::max({compares.ttft.size(), compares.tpot.size(), compares.e2e.size()});
            g.ttft = error_stats(compares.ttft);
            g.tpot = error_stats(compares.tpot);
            g.e2e = error_stats(compares.e2e);
            r.groups.push_back(std::move(g));
        }
        if (!queueing_.ttft.empty()) {
            r.queueing = queue_stats(queueing_.ttft, queueing_.tpot);
            r.queueing->recognised = recognised_;
        }
        if (pooled_ > 0) {
            PoolStats& pools = r.pools.emplace();
            pools.n = pooled_;
            pools.ttft = error_stats(pooled_clean_.ttft);
            pools.tpot = error_stats(pooled_clean_.tpot);
            if (!pooled_waiting_.ttft.empty()) pools.queueing = queue_stats(pooled_waiting_.ttft, pooled_waiting_.tpot);
        }
        return r;
    }

private:
    static void add(Compares& to, const MeasuredServing& m, const RowPrediction& p) {
        const auto one = [](std::vector<Compared>& into, const std::optional<double>& measured, const Estimate& predicted) {
            if (measured) into.push_back({*measured, predicted.value, predicted.low, predicted.high});
        };
        one(to.ttft, m.ttft_s, p.ttft_s);
        one(to.tpot, m.tpot_s, p.tpot_s);
        one(to.e2e, m.e2e_s, p.e2e_s);
    }

    void compare(const ServingRow& row, const RowPrediction& p) {
        const MeasuredServing& m = row.measured;
        if (options_.row) options_.row(row_text(row, p));
        if (m.pools) {
            ++pooled_;
            add(m.queueing ? pooled_waiting_ : pooled_clean_, m, p);
            return;
        }
        if (m.queueing) {
            if (!m.ttft_s) return;
            add(queueing_, m, p);
            recognised_ += p.waits ? 1 : 0;
            return;
        }
        ++count_;
        waiting_ += p.waits ? 1 : 0;
        add(all_, m, p);
        add(groups_[{m.model, m.gpu, m.engine}], m, p);
    }

    static std::string row_text(const ServingRow& row, const RowPrediction& p) {
        const MeasuredServing& m = row.measured;
        const auto ms = [](const std::optional<double>& seconds) { return seconds ? fmt::format("{:.4f}", *seconds * 1e3) : std::string{}; };
        const double load = std::holds_alternative<ClosedLoop>(m.load) ? std::get<ClosedLoop>(m.load).concurrency : std::get<StaticBatch>(m.load).batch;
        return fmt::format("{},{},{},{},{:g},{:g},{:g},{},{:.4f},{},{:.4f},{},{:.4f},{:.1f},{:.3f},{},{},{}", m.line, m.model, m.gpu, m.engine,
                           row.point.request.input, row.point.request.output, load, ms(m.ttft_s), p.ttft_s.value * 1e3, ms(m.tpot_s),
                           p.tpot_s.value * 1e3, ms(m.e2e_s), p.e2e_s.value * 1e3, p.running, p.mixed_share, m.queueing ? 1 : 0, p.waits ? 1 : 0, m.pools ? 1 : 0);
    }

    const ValidateOptions& options_;
    std::uint64_t count_ = 0, waiting_ = 0, recognised_ = 0;
    std::map<std::string, std::uint64_t> skipped_;
    std::map<GroupKey, Compares> groups_;
    Compares all_, queueing_;
    std::uint64_t pooled_ = 0;
    Compares pooled_clean_, pooled_waiting_;
};

RowPrediction closed(const ServingRow& row, const CostSource& source) {
    RowPrediction p;
    if (row.candidate->pools) {
        p.skip = kOnlySimulated;
        return p;
    }
    const auto e = evaluate(row.candidate->prepared, row.point, source, false);
    if (!e) p.skip = e.error().front().what;
    else if (!e->fits) p.skip = kMisfit;
    if (!p.skip.empty()) return p;
    const ServingPoint& s = e->serving;
    p.ttft_s = s.ttft_s;
    p.tpot_s = s.tpot_s;
    p.e2e_s = s.e2e_s;
    p.running = s.running;
    p.mixed_share = s.mixed_share;
    p.waits = s.waiting > 0;
    return as_seen(std::move(p), row);
}

}  // namespace

RowPrediction as_seen(RowPrediction p, const ServingRow& row) {
    const MeasuredServing& m = row.measured;
    const double after_first = std::max(1.0, row.point.request.output - 1), late = std::min(m.streamed_tokens - 1, after_first);
    // On average half of the steps between two looks pass before a request is seen.
    const Estimate polled = p.tpot_s * (m.polled_steps / 2);
    p.ttft_s = p.ttft_s + polled + p.tpot_s * late;
    p.e2e_s = p.e2e_s + polled;
    p.tpot_s = p.tpot_s * ((after_first - late) / after_first);
    return p;
}

RowPredictor closed_form(const CostSource& source) {
    return [&source](const ServingRows& all) {
        std::vector<RowPrediction> found(all.rows.size());
        for_each_side_by_side(all.rows.size(), [&](std::size_t i) { found[i] = closed(all.rows[i], source); });
        return found;
    };
}

ValidationReport validate_rows(const ServingRows& rows, const RowPredictor& predict, const ValidateOptions& options) {
    Validator validator(options);
    validator.take(rows, predict(rows));
    return validator.report();
}

}  // namespace moeplan
