#include "core/analyse/serving_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/lower_case.h"

namespace moeplan {
namespace {

// Engines as benchmark tables call them.
std::string engine_id(std::string name) {
    name = lower_case(name);
    if (name == "trtllm" || name == "tensorrt-llm") return "tensorrt_llm";
    if (name == "deepspeed" || name == "deepspeed-mii") return "deepspeed_mii";
    return name;
}

class Loader {
public:
    Loader(const Catalog& catalog, const ServingRowOptions& options) : catalog_(catalog), options_(options) {}

    void take(const MeasuredServing& m) {
        if (!wanted(m)) return;
        if (!m.skip.empty()) return skip(m.skip);
        const auto candidate = candidate_of(m);
        if (!candidate->reason.empty()) return skip(candidate->reason);
        Workload workload;
        workload.lengths = m.lengths;
        workload.load = m.load;
        OperatingPoint point = operating_point(candidate->prepared, workload);
        point.request = mean_request(workload, nullptr);
        point.request.per_user = m.requests_per_user;
        point.request.equal_lengths = std::holds_alternative<FixedLengths>(m.lengths) && !m.mean_lengths;
        out_.rows.push_back({m, candidate, std::move(point)});
    }

    ServingRows rows() && { return std::move(out_); }

private:
    bool wanted(const MeasuredServing& m) const {
        const auto has = [](const std::string& text, const std::string& part) { return part.empty() || text.find(part) != std::string::npos; };
        return has(m.model, options_.model) && has(m.gpu, options_.gpu) && has(m.engine, options_.engine);
    }

    void skip(const std::string& reason) { ++out_.skipped[reason]; }

    std::shared_ptr<ServedCandidate> candidate_of(const MeasuredServing& m) {
        const auto format = [](const std::optional<NumberFormat>& f) { return f ? name_of(*f) : std::string_view("native"); };
        const std::string key = fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", m.model, m.gpu, m.engine, m.engine_version, m.gpus, describe(m.layout), format(m.precision.all),
                                            format(m.precision.linear), format(m.precision.experts), format(m.precision.kv), pools_key(m), launch_key(m));
        auto& candidate = candidates_[key];
        if (candidate) return candidate;
        candidate = std::make_shared<ServedCandidate>();
        candidate->study = study_of(m);
        auto pools = prepare_pools(candidate->study, catalog_);
        if (!pools.problems.empty()) {
            candidate->reason = pools.problems.front().what;
            return candidate;
        }
        candidate->pools = std::move(pools.pools.front());
        auto prepared = prepare(candidate->study, catalog_, nullptr);
        if (prepared) candidate->prepared = std::move(prepared->front());
        else candidate->reason = prepared.error().front().what;
        if (prepared && candidate->pools) apart_from(candidate->prepared, *candidate->pools);
        return candidate;
    }

    static std::string launch_key(const MeasuredServing& m) {
        const BatchWait wait = m.batch_wait.value_or(BatchWait{});
        const auto flag = [](const std::optional<bool>& set) { return set ? *set ? "on" : "off" : "own"; };
        return fmt::format("{}:{}:{}:{}:{}:{}:{}:{}x{}", flag(m.whole_prompts), flag(m.async_scheduling), name_of(m.sampling), m.max_sequences.value_or(0), m.token_budget.value_or(0),
                           m.graph_tokens.value_or(-1), m.memory_fraction.value_or(0), wait.steps, wait.fill);
    }

    static std::string pools_key(const MeasuredServing& m) {
        if (!m.pools) return {};
        const auto one = [](const PoolSpec& p) { return fmt::format("{}x{}:{}", p.replicas, describe(*p.layout), p.token_budget.value_or(0)); };
        return one(m.pools->prefill) + "+" + one(m.pools->decode);
    }

    Scenario study_of(const MeasuredServing& m) const {
        Scenario s;
        s.routing = options_.routing;
        s.workload.sampling = m.sampling;
        s.money.price = GivenPrice{0};
        Candidate c;
        c.name = "row";
        c.model = m.model;
        c.gpu = m.gpu;
        c.engine = engine_id(m.engine);
        c.engine_version = parse_engine_version(m.engine_version) ? m.engine_version : std::string();
        c.memory_fraction = m.memory_fraction;
        c.max_sequences = m.max_sequences;
        c.token_budget = m.token_budget;
        c.graph_tokens = m.graph_tokens;
        c.whole_prompts = m.whole_prompts;
        c.async_scheduling = m.async_scheduling;
        c.batch_wait = m.batch_wait;
        c.count = m.gpus;
        c.layout = m.layout;
        c.precision = m.precision;
        c.profile = options_.profile;
        // Tables write moe_tp and moe_ep of dense models too; they mean nothing there.
        const auto spec = find_model(catalog_, m.model);
        if (spec) as_published(*spec, c.precision);
        if (m.pools) {
            c.simulate = SimulateSpec{};
            c.simulate->pools = m.pools;
            c.layout.reset();
        }
        if (spec && !spec->is_moe()) {
            const auto as_dense = [](std::optional<Layout>& layout) {
                if (layout) *layout = {layout->tp, layout->pp, layout->dp, 1, layout->stage_gpus()};
            };
            as_dense(c.layout);
            if (m.pools) {
                as_dense(c.simulate->pools->prefill.layout);
                as_dense(c.simulate->pools->decode.layout);
            }
        }
        s.candidates.push_back(std::move(c));
        return s;
    }

    // Tables call every 8-bit format fp8 and every 4-bit one nvfp4: a checkpoint that is published in blocks or in mxfp4
    // was served as it is.
    static void as_published(const ModelSpec& model, PrecisionSpec& precision) {
        const auto own = [](NumberFormat published, std::optional<NumberFormat>& told) {
            const bool same = (published == NumberFormat::fp8_block && told == NumberFormat::fp8) ||
                              (published == NumberFormat::mxfp4 && (told == NumberFormat::nvfp4 || told == NumberFormat::fp8));
            if (same) told = published;
        };
        if (model.native_experts == NumberFormat::mxfp4) {   // only the experts are in 4 bits, and the cache stays as it is
            precision.linear = model.native;
            precision.kv.reset();
        }
        own(model.native, precision.linear);
        own(model.native_experts, precision.experts);
    }

    const Catalog& catalog_;
    const ServingRowOptions& options_;
    ServingRows out_;
    std::map<std::string, std::shared_ptr<ServedCandidate>> candidates_;
};

}  // namespace

Result<ServingRows> load_serving_rows(const std::string& file, const Catalog& catalog, const ServingRowOptions& options) {
    Loader loader(catalog, options);
    if (auto read = read_measured_serving(file, [&](const MeasuredServing& m) { loader.take(m); }); !read) return tl::unexpected(read.error());
    return std::move(loader).rows();
}

}  // namespace moeplan
