#include "core/analyse/validate_serving.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include "core/analyse/serving_rows.h"

namespace moeplan {
namespace {

struct Compares {
    std::vector<Compared> ttft, tpot, e2e;
};

using GroupKey = std::array<std::string, 3>;

class Validator {
public:
    Validator(const CostSource& source, const ValidateOptions& options) : source_(source), options_(options) {}

    void take(const ServingRows& all) {
        skipped_ = all.skipped;
        std::vector<Result<Evaluation>> found(all.rows.size(), Evaluation{});
        tbb::parallel_for(std::size_t{0}, all.rows.size(),
                          [&](std::size_t i) { found[i] = evaluate(all.rows[i].candidate->prepared, all.rows[i].point, source_, false); });
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (!found[i]) ++skipped_[found[i].error().front().what];
            else if (!found[i]->fits) ++skipped_["predicted not to fit in memory"];
            else compare(all.rows[i].measured, *found[i]);
        }
    }

    ValidationReport report() const {
        ValidationReport r;
        r.cost_source = source_.describe();
        r.n = count_;
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
        return r;
    }

private:
    void compare(const MeasuredServing& m, const Evaluation& e) {
        ++count_;
        Compares& group = groups_[{m.model, m.gpu, m.engine}];
        const auto add = [&](std::vector<Compared> Compares::*field, const std::optional<double>& measured, const Estimate& predicted) {
            if (!measured) return;
            const Compared c{*measured, predicted.value, predicted.low, predicted.high};
            (all_.*field).push_back(c);
            (group.*field).push_back(c);
        };
        const ServingPoint& s = e.serving;
        add(&Compares::ttft, m.ttft_s, s.ttft_s);
        add(&Compares::tpot, m.tpot_s, s.tpot_s);
        add(&Compares::e2e, m.e2e_s, s.e2e_s);
        if (options_.row) options_.row(row_text(m, e));
    }

    static std::string row_text(const MeasuredServing& m, const Evaluation& e) {
        const ServingPoint& s = e.serving;
        const auto ms = [](const std::optional<double>& seconds) { return seconds ? fmt::format("{:.4f}", *seconds * 1e3) : std::string{}; };
        const double load = std::holds_alternative<ClosedLoop>(m.load) ? std::get<ClosedLoop>(m.load).concurrency : std::get<StaticBatch>(m.load).batch;
        return fmt::format("{},{},{},{},{:g},{:g},{:g},{},{:.4f},{},{:.4f},{},{:.4f},{:.1f},{:.3f}", m.line, m.model, m.gpu, m.engine, e.at.request.input,
                           e.at.request.output, load, ms(m.ttft_s), s.ttft_s.value * 1e3, ms(m.tpot_s), s.tpot_s.value * 1e3, ms(m.e2e_s),
                           s.e2e_s.value * 1e3, s.running, s.mixed_share);
    }

    const CostSource& source_;
    const ValidateOptions& options_;
    std::uint64_t count_ = 0;
    std::map<std::string, std::uint64_t> skipped_;
    std::map<GroupKey, Compares> groups_;
    Compares all_;
};

}  // namespace

ValidationReport validate_rows(const ServingRows& rows, const CostSource& source, const ValidateOptions& options) {
    Validator validator(source, options);
    validator.take(rows);
    return validator.report();
}

Result<ValidationReport> validate_serving(const std::string& file, const Catalog& catalog, const CostSource& source, const ValidateOptions& options) {
    const auto rows = load_serving_rows(file, catalog, {options.routing, options.model, options.gpu, options.engine, options.profile});
    if (!rows) return tl::unexpected(rows.error());
    ValidationReport report = validate_rows(*rows, source, options);
    report.file = file;
    return report;
}

}  // namespace moeplan
