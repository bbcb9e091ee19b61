#include "core/analyse/validate_serving.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "core/analyse/evaluate.h"
#include "core/analyse/measured_serving.h"

namespace moeplan {
namespace {

// Engines as benchmark tables call them.
std::string engine_id(std::string name) {
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (name == "trtllm" || name == "tensorrt-llm") return "tensorrt_llm";
    if (name == "deepspeed" || name == "deepspeed-mii") return "deepspeed_mii";
    return name;
}

struct Compares {
    std::vector<Compared> ttft, tpot, e2e;
};

using GroupKey = std::array<std::string, 3>;

class Validator {
public:
    Validator(const Catalog& catalog, const CostSource& source, const ValidateOptions& options)
        : catalog_(catalog), source_(source), options_(options) {}

    void take(const MeasuredServing& m) {
        if (!wanted(m)) return;
        if (!m.skip.empty()) return skip(m.skip);
        const Row& row = row_of(m);
        if (!row.reason.empty()) return skip(row.reason);
        const Prepared& p = row.prepared;
        Workload workload;
        workload.lengths = m.lengths;
        workload.load = m.load;
        OperatingPoint point = operating_point(p, workload);
        point.request = mean_request(workload, nullptr);
        // Closed-loop benchmarks start all users at once; InferenceX sends ten requests per user.
        point.request.per_user = 10;
        auto e = evaluate(p, point, source_);
        if (!e) return skip(e.error().front().what);
        if (!e->fits) return skip("predicted not to fit in memory");
        compare(m, *e);
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
    bool wanted(const MeasuredServing& m) const {
        const auto has = [](const std::string& text, const std::string& part) { return part.empty() || text.find(part) != std::string::npos; };
        return has(m.model, options_.model) && has(m.gpu, options_.gpu) && has(m.engine, options_.engine);
    }

    void skip(const std::string& reason) { ++skipped_[reason]; }

    // Rows of one configuration differ in lengths and load only: importing and routing is done once for them.
    struct Row {
        Scenario study;     // owns what `prepared` points to
        Prepared prepared;
        std::string reason; // why it cannot be prepared
    };

    const Row& row_of(const MeasuredServing& m) {
        const auto format = [](const std::optional<NumberFormat>& f) { return f ? name_of(*f) : std::string_view("native"); };
        const std::string key = fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}", m.model, m.gpu, m.engine, m.gpus, describe(m.layout), format(m.precision.all),
                                            format(m.precision.linear), format(m.precision.experts), format(m.precision.kv));
        auto& row = rows_[key];
        if (row) return *row;
        row = std::make_unique<Row>();
        row->study = study_of(m);
        auto prepared = prepare(row->study, catalog_, nullptr);
        if (prepared) row->prepared = std::move(prepared->front());
        else row->reason = prepared.error().front().what;
        return *row;
    }

    Scenario study_of(const MeasuredServing& m) const {
        Scenario s;
        s.routing = options_.routing;
        s.money.price = GivenPrice{0};
        Candidate c;
        c.name = "row";
        c.model = m.model;
        c.gpu = m.gpu;
        c.engine = engine_id(m.engine);
        c.count = m.gpus;
        c.layout = m.layout;
        c.precision = m.precision;
        // Tables write moe_tp and moe_ep of dense models too; they mean nothing there.
        const auto spec = find_model(catalog_, m.model);
        if (spec && !spec->is_moe()) {
            c.layout->ep = 1;
            c.layout->moe_tp = c.layout->tp * c.layout->dp;
        }
        s.candidates.push_back(std::move(c));
        return s;
    }

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

    const Catalog& catalog_;
    const CostSource& source_;
    const ValidateOptions& options_;
    std::uint64_t count_ = 0;
    std::map<std::string, std::uint64_t> skipped_;
    std::map<GroupKey, Compares> groups_;
    Compares all_;
    std::map<std::string, std::unique_ptr<Row>> rows_;
};

}  // namespace

Result<ValidationReport> validate_serving(const std::string& file, const Catalog& catalog, const CostSource& source, const ValidateOptions& options) {
    Validator validator(catalog, source, options);
    if (auto read = read_measured_serving(file, [&](const MeasuredServing& m) { validator.take(m); }); !read) return tl::unexpected(read.error());
    ValidationReport report = validator.report();
    report.file = file;
    return report;
}

}  // namespace moeplan
