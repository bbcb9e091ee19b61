#include "core/analyse/metrics.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include <fmt/format.h>

#include "core/base/match.h"
#include "core/cost/arithmetic.h"
#include "core/model/count.h"
#include "core/report/format.h"

namespace moeplan {
namespace {

// Numbers alone where nobody reads where they are from: a sweep asks for thousands.
enum class Sources : std::uint8_t { told, left_out };

class Builder {
public:
    explicit Builder(Sources sources) : told_(sources == Sources::told) { metrics_.reserve(64); }
    // What `make` says, or nothing.
    template <class Make>
    std::string say(Make make) const {
        return told_ ? make() : std::string{};
    }
    void add(std::string id, Estimate value, const std::string& source) { metrics_.push_back({std::move(id), value, source}); }
    void add(std::string id, double value, const std::string& source) { add(std::move(id), Estimate::exact(value), source); }
    void add(std::string id, const std::optional<Estimate>& value, const std::string& source) {
        if (value) add(std::move(id), *value, source);
    }
    std::vector<Metric> take() { return std::move(metrics_); }

private:
    bool told_;
    std::vector<Metric> metrics_;
};

const std::string kCounted = "counted from the model's sizes";

void model_metrics(Builder& b, const Prepared& c, const Evaluation& e) {
    const ParameterCount n = count_parameters(*c.model);
    const std::string counted = b.say([&] { return kCounted + " (" + c.model->source + ")"; });
    b.add("params_total", n.total, counted);
    b.add("params_active", n.active_all, b.say([&] { return counted + "; both embeddings included"; }));
    b.add("params_active_no_input_table", n.active_no_input, counted);
    b.add("params_active_no_embeddings", n.active_no_embeddings, counted);
    b.add("flops_per_output_token", flops_per_output_token(*c.model, e.at.request.input + e.at.request.output / 2).value, counted);
    b.add("kv_bytes_per_token", kv_bytes_per_token(*c.model, c.precision.kv).value, counted);
    b.add("gpus", c.gpus(), "the study");
}

// Cache the sequences in flight hold on one GPU at their longest. Where blocks are taken on demand their ages are mixed
// and more of them run, but they never hold more than there is. What does not fit shows what one sequence needs.
Bytes cache_held(const Prepared& c, const Evaluation& e) {
    if (!e.fits) return e.memory.kv_per_sequence;
    return std::min(e.memory.kv_per_sequence * (e.serving.running / static_cast<double>(c.layout.dp)), e.memory.kv_available);
}

void memory_metrics(Builder& b, const Prepared& c, const Evaluation& e) {
    const std::string source = b.say([&] { return fmt::format("memory model; {} keeps {:.0f} % of {}", c.engine->name, 100 * c.engine->memory_fraction, c.device->name); });
    const Footprint& m = e.memory;
    b.add("fits", e.fits ? 1.0 : 0.0, source);
    b.add("weights_gb_per_gpu", m.weights.value / kGB, source);
    b.add("memory_used_gb_per_gpu", (m.weights + m.activations + m.engine + cache_held(c, e)).value / kGB, source);
    b.add("max_concurrency", m.max_sequences * static_cast<double>(c.replicas), source);
    if (m.on_host.value > 0) b.add("offload_gb", m.on_host.value * static_cast<double>(c.layout.gpus()) / kGB, source);
}

std::string speed_source(const Prepared& c, const CostSource& source) {
    return fmt::format("{}; closed-form steady state; {} engine terms", source.describe(c.place()), c.engine->name);
}

void speed_metrics(Builder& b, const Evaluation& e, const std::string& source) {
    const ServingPoint& s = e.serving;
    b.add("batch", e.batch, "closed-form steady state");
    b.add("saturation", s.saturation, "closed-form steady state");
    if (s.saturated) return;   // queues grow for ever: no latency to report
    b.add("ttft_ms", s.ttft_s * 1e3, source);
    b.add("tpot_ms", s.tpot_s * 1e3, source);
    b.add("e2e_ms", s.e2e_s * 1e3, source);
    b.add("output_tok_s", e.output_tok_s, source);
    b.add("total_tok_s", e.output_tok_s + e.requests_per_s * e.at.request.input, source);
    if (s.tpot_s.low > 0) b.add("tok_s_per_user", Estimate{1 / s.tpot_s.value, 1 / s.tpot_s.high, 1 / s.tpot_s.low}, source);
    b.add("tok_s_per_gpu", e.output_tok_s * (1 / e.gpus_paid), source);
}

// FLOP/s per GPU that go into tokens people get: no padding, no imbalance between ranks, no rejected drafts.
Estimate useful_flops_per_gpu(const Prepared& c, const Evaluation& e) {
    const RequestShape& r = e.at.request;
    const double fresh = r.input * (1 - r.prefix_shared);
    // Of a prompt only the last token passes through the head.
    const double head = 2.0 * static_cast<double>(c.model->vocab * c.model->hidden);
    const double prompt = flops_per_output_token(*c.model, r.input - fresh / 2).value - head;
    const double answer = flops_per_output_token(*c.model, r.input + r.output / 2).value;
    return e.requests_per_s * ((fresh * prompt + head + std::max(0.0, r.output - 1) * answer) / e.gpus_paid);
}

// Pipeline stages share a step's listed work.
void utilisation_metrics(Builder& b, const Prepared& c, const Evaluation& e, const std::string& source) {
    const NumberFormat compute = arithmetic_format(c.precision.linear, *c.device);
    const double busy_stages = e.busy * std::min(1.0, e.batch / static_cast<double>(c.layout.pp));
    const double peak = c.device->peak.of(compute).value;
    b.add("mfu", useful_flops_per_gpu(c, e) * (1 / peak), b.say([&] { return source + fmt::format("; of the dense {} peak", name_of(compute)); }));
    b.add("mbu", e.serving.bytes_per_s / c.device->bandwidth.value * busy_stages, source);
}

void routing_metrics(Builder& b, const Prepared& c, const Evaluation& e) {
    if (!c.expert_load) return;
    const ExpertLoad load = c.expert_load->at(std::max(1.0, e.serving.decode_step.tokens()));
    const std::string source = b.say([&] { return "routing: " + c.routing_source; });
    b.add("activated_experts", load.activated, source);
    b.add("imbalance", load.imbalance, source);
}

void money_metrics(Builder& b, const Prepared& c, const Evaluation& e) {
    const std::string source = b.say([&] { return "GPU-hour: " + c.price.source; });
    const auto over = [&](const char* tokens) { return b.say([&] { return source + "; all money over " + tokens; }); };
    b.add("usd_per_hour", e.money.usd_per_hour, source);
    b.add("usd_per_month", e.money.usd_per_month, source);
    if (e.fits && !e.serving.saturated) {
        b.add("usd_per_mtok_input", e.money.usd_per_mtok_input, over("input tokens"));
        b.add("usd_per_mtok_output", e.money.usd_per_mtok_output, over("output tokens"));
        b.add("usd_per_mtok_total", e.money.usd_per_mtok_total, over("input and output tokens"));
        b.add("usd_per_request", e.money.usd_per_request, source);
    }
}

void quality_metrics(Builder& b, const Prepared& c, const Evaluation& e) {
    if (!c.quality) return;
    b.add("accuracy", c.quality->p_correct, c.quality->p_source);
    if (!e.answer || e.serving.saturated) return;
    b.add("tokens_per_answer", e.answer->output_tokens, c.quality->tokens_source);
    if (e.answer->usd_per_answer.value > 0) b.add("usd_per_answer", e.answer->usd_per_answer, b.say([&] { return "one attempt; tokens: " + c.quality->tokens_source; }));
    b.add("usd_per_correct_answer", e.answer->usd_per_correct, b.say([&] { return "cost of an attempt / P(correct), arXiv 2504.13359; P: " + c.quality->p_source; }));
}

void energy_metrics(Builder& b, const Prepared& c, const Evaluation& e) {
    if (!c.device->power || e.serving.saturated) return;
    const Estimate fraction = c.money.power_fraction.value_or(Estimate::exact(1));
    const std::string source = c.money.power_fraction ? "board power times the study's fraction" : "ceiling: full board power of the accelerators";
    const auto joules = joules_per_output_token(*c.device->power, fraction, e.gpus_paid, e.output_tok_s, c.money.pue);
    b.add("joules_per_output_token", joules, source);
    if (joules && c.money.grams_co2_per_kwh) {
        const double grams = grams_co2({1e6}, *c.money.grams_co2_per_kwh);   // per joule x 1e6 tokens
        b.add("grams_co2_per_mtok_output", *joules * grams, source);
    }
}

void cold_start_metrics(Builder& b, const Prepared& c, const Evaluation& e) {
    if (c.device->pcie.value <= 0) return;
    const bool disk = c.weights_from == WeightSource::disk;
    const bool network = c.weights_from == WeightSource::network;
    const WeightLocation where = disk ? WeightLocation::disk : network ? WeightLocation::network : WeightLocation::page_cache;
    const double gpus = static_cast<double>(c.layout.gpus());
    const ColdStart start = cold_start(e.memory.weights * gpus, where, c.read_rate, c.device->pcie, gpus, c.engine_start);
    const std::string source = b.say([&] { return fmt::format("weights from {}", disk ? "disk" : network ? "the network" : "the page cache"); });
    b.add("cold_start_s", start.total().value, source);
    const double share = gpus / e.gpus_paid;   // of the bill
    const auto restarting = [&](double usd_per_hour) { return idle_gap(start, {usd_per_hour * share}, {3600}).restarting.value; };
    const Estimate& paid = e.money.usd_per_hour;
    b.add("idle_usd_per_hour", e.money.usd_per_hour * (1 - e.at.utilisation), "the share of paid time that carries no load");
    b.add("usd_per_cold_start", Estimate{restarting(paid.value), restarting(paid.low), restarting(paid.high)}, b.say([&] { return source + "; paid while it loads"; }));
}

double share_of(const std::vector<PartCost>& parts, Part part) {
    double all = 0, mine = 0;
    for (const auto& p : parts) {
        all += p.cost.time.value;
        if (p.part == part) mine += p.cost.time.value;
    }
    return all > 0 ? mine / all : 0;
}

void share_metrics(std::vector<Metric>& metrics, const std::vector<PartCost>& decode, const std::string& source) {
    double total = 0, compute = 0, memory = 0;
    for (const auto& p : decode) {
        total += p.cost.time.value;
        if (p.cost.bound == Bound::compute) compute += p.cost.time.value;
        if (p.cost.bound == Bound::memory) memory += p.cost.time.value;
    }
    const auto add = [&](const char* id, double value) { metrics.push_back({id, Estimate::exact(value), source}); };
    add("router_share", share_of(decode, Part::router));
    add("dispatch_share", share_of(decode, Part::dispatch));
    add("expert_share", share_of(decode, Part::experts));
    add("attention_share", share_of(decode, Part::attention) + share_of(decode, Part::attention_projections));
    add("communication_share", share_of(decode, Part::communication));
    add("compute_bound_share", total > 0 ? compute / total : 0);
    add("memory_bound_share", total > 0 ? memory / total : 0);
}

void add_breakdown(CandidateReport& report, const std::string& phase, const std::vector<PartCost>& parts) {
    double total = 0;
    for (const auto& p : parts) total += p.cost.time.value;
    for (const auto& p : parts) {
        if (p.cost.time.value <= 0) continue;
        report.breakdown.push_back({phase, std::string(name_of(p.part)), to_estimate(p.cost) * 1e3, p.cost.time.value / total,
                                    p.cost.flops.value / 1e9, p.cost.bytes.value / 1e9, std::string(name_of(p.cost.bound))});
    }
}

void add_memory_rows(CandidateReport& report, const Prepared& c, const Evaluation& e) {
    const Footprint& m = e.memory;
    const auto row = [&](const char* label, Bytes bytes) {
        if (bytes.value > 0) report.memory.push_back({label, bytes.value / kGB});
    };
    row("experts", m.experts);
    row("attention", m.attention);
    row("dense ffn", m.dense_ffn);
    row("embeddings", m.embeddings);
    row("router, norms", m.other);
    row("activations", m.activations);
    row("engine", m.engine);
    if (e.fits) {
        const Bytes used = cache_held(c, e);
        row("kv cache", used);
        row("free for more kv", m.kv_available - used);
    }
    report.memory_limit_gb = m.usable.value / kGB;
}

const Estimate& mean_of(const SloTerm& term, const ServingPoint& s) {
    return term.metric == "ttft" ? s.ttft_s : term.metric == "tpot" ? s.tpot_s : s.e2e_s;
}

// A closed form knows means only: all requests count when the means meet every objective, none when one misses.
std::optional<Estimate> goodput(const Evaluation& e, const std::vector<SloTerm>& slo) {
    if (slo.empty() || e.serving.saturated) return std::nullopt;
    const auto meets = [&](double Estimate::*end) {
        return std::ranges::all_of(slo, [&](const SloTerm& term) { return mean_of(term, e.serving).*end <= term.limit.value; });
    };
    const Estimate& all = e.requests_per_s;
    return Estimate{meets(&Estimate::value) ? all.value : 0, meets(&Estimate::high) ? all.low : 0, meets(&Estimate::low) ? all.high : 0};
}

std::string slo_warning(const SloTerm& term, const Evaluation& e) {
    const Estimate& mean = mean_of(term, e.serving);
    const std::string name = term.percentile > 0 ? fmt::format("{} p{:g}", term.metric, term.percentile) : term.metric;
    if (mean.value > term.limit.value) {
        return fmt::format("misses the objective {} <= {:g} ms: the mean alone is {:.0f} ms", name, term.limit.value * 1e3, mean.value * 1e3);
    }
    if (mean.high > term.limit.value) {
        return fmt::format("may miss the objective {} <= {:g} ms: the mean's interval reaches {:.0f} ms", name, term.limit.value * 1e3, mean.high * 1e3);
    }
    if (term.percentile > 0) {
        return fmt::format("the mean meets {} <= {:g} ms; a closed form knows no percentiles", name, term.limit.value * 1e3);
    }
    return {};
}

void add_warnings(CandidateReport& report, const Prepared& c, const Evaluation& e, const std::vector<SloTerm>& slo) {
    report.warnings = c.warnings;
    const auto warn = [&](std::string text) { report.warnings.push_back(std::move(text)); };
    if (!e.fits) {
        warn("does not fit: " + e.misfit);
        return;
    }
    if (e.memory.kv_available > e.memory.kv_left) {
        warn(fmt::format("the {:g} blocks of cache given (kv_blocks) take {:.1f} GB of a GPU, where {:.1f} GB are left beside weights, activations and engine; taken as given", *c.spec->kv_blocks,
                         e.memory.kv_available.value / kGB, std::max(0.0, e.memory.kv_left.value) / kGB));
    }
    const ServingPoint& s = e.serving;
    if (s.saturated) {
        warn(fmt::format("overloaded: the offered rate is {:.0f} % of what {} can serve; queues grow for ever", 100 * s.saturation, c.replicas > 1 ? "all replicas" : "the replica"));
        return;
    }
    if (std::holds_alternative<PoissonLoad>(e.at.load) && s.saturation > 0.8) {
        warn(fmt::format("close to saturation ({:.0f} %): waiting times are very sensitive to the load here", 100 * s.saturation));
    }
    if (std::holds_alternative<PoissonLoad>(e.at.load) && !c.engine->continuous_batching) {
        warn(fmt::format("{} does not batch continuously; the closed form of a Poisson load assumes it does, so this is too good", c.engine->name));
    }
    if (s.waiting >= 1 && !std::holds_alternative<PoissonLoad>(e.at.load)) {
        const bool by_memory = e.limit_sequences == e.memory.running_sequences;
        warn(fmt::format("{:.0f} of {:.0f} requests wait outside for want of {}", s.waiting, s.waiting + s.running, by_memory ? "KV cache memory" : "engine slots"));
    }
    if (e.answer && !e.answer->refused.empty()) warn("no cost per correct answer: " + e.answer->refused);
    if (c.spec && c.spec->speculative_accept) warn("speculative decoding: the draft model's own time is not included");
    for (const auto& term : slo) {
        if (auto text = slo_warning(term, e); !text.empty()) warn(std::move(text));
    }
}

}  // namespace

namespace {

// `timed`: where times are from.
std::vector<Metric> all_metrics(Builder b, const Prepared& c, const Evaluation& e, const std::string& timed) {
    model_metrics(b, c, e);
    memory_metrics(b, c, e);
    if (e.fits) {
        speed_metrics(b, e, timed);
        utilisation_metrics(b, c, e, timed);
        routing_metrics(b, c, e);
    }
    money_metrics(b, c, e);
    if (e.fits) {
        quality_metrics(b, c, e);
        energy_metrics(b, c, e);
        cold_start_metrics(b, c, e);
    }
    return b.take();
}

}  // namespace

std::vector<Metric> metrics_of(const Prepared& c, const Evaluation& e, const CostSource& source) {
    return all_metrics(Builder(Sources::told), c, e, e.fits ? speed_source(c, source) : std::string{});
}

std::vector<Metric> bare_metrics_of(const Prepared& c, const Evaluation& e) { return all_metrics(Builder(Sources::left_out), c, e, {}); }

Result<std::vector<Metric>> bare_metrics_of(const Prepared& c, const Evaluation& e, StepTimer& timer) {
    std::vector<Metric> metrics = bare_metrics_of(c, e);
    if (!e.fits) return metrics;
    const auto decode = timer.breakdown(e.serving.decode_step);
    if (!decode) return tl::unexpected(decode.error());
    share_metrics(metrics, *decode, {});
    return metrics;
}

// Where a profile answers for most of a step, what it does not know is worth saying: parts priced by the roofline
// instead, and parts of sizes it never saw.
void warn_about_profile(CandidateReport& report, const Prepared& c, const char* phase, const std::vector<PartCost>& parts) {
    if (!c.profile) return;
    constexpr double kWorthSaying = 0.1;   // of the step
    double all = 0, unmeasured = 0, outside = 0;
    std::vector<std::string> unmeasured_parts, outside_parts;
    for (const PartCost& p : parts) {
        if (p.part == Part::host) continue;
        const double time = p.cost.time.value;
        all += time;
        // Small passes have no kernels of their own in a profile.
        const bool small = p.part == Part::norms || p.part == Part::sampler || p.part == Part::embedding || p.part == Part::dispatch;
        if (p.cost.provenance == Provenance::roofline && !small) {
            unmeasured += time;
            unmeasured_parts.emplace_back(name_of(p.part));
        }
        if (p.cost.outside_calibration) {
            outside += time;
            outside_parts.emplace_back(name_of(p.part));
        }
    }
    const auto warn = [&](double share, const std::string& text) {
        if (share > kWorthSaying * all) report.warnings.push_back(text);
    };
    warn(unmeasured, fmt::format("{}: profile {} has no such kernels for {}, {:.0f} % of the step; they are priced by the roofline", phase, c.profile->name,
                                 fmt::join(unmeasured_parts, ", "), 100 * unmeasured / all));
    warn(outside, fmt::format("{}: sizes of {} lie outside what profile {} was measured on", phase, fmt::join(outside_parts, ", "), c.profile->name));
}

// Experts in fp8 with a scale per tensor and per block are as large; what an engine's kernels make of the two is not alike.
Problems warn_about_format(CandidateReport& report, const Prepared& c, const StepShape& step, const std::vector<PartCost>& parts, const CostSource& source) {
    if (!c.profile || !c.model->is_moe() || c.precision.experts != NumberFormat::fp8) return {};
    Prepared other = c;
    if (other.precision.linear == NumberFormat::fp8) other.precision.linear = NumberFormat::fp8_block;
    other.precision.experts = NumberFormat::fp8_block;
    StepTimer timer(other.lowering(), other.place(), source);
    const auto priced = timer.breakdown(step);
    if (!priced) return priced.error();
    const auto total = [](const std::vector<PartCost>& all) {
        return std::accumulate(all.begin(), all.end(), 0.0, [](double sum, const PartCost& p) { return sum + p.cost.time.value; });
    };
    constexpr double kWorthSaying = 1.25;
    const double faster = total(parts) / total(*priced);
    if (faster >= kWorthSaying)
        report.warnings.push_back(fmt::format("a decode step would be {:.1f}x as fast in fp8_block: the kernels of profile {} are slow for experts with one scale per tensor (fp8)", faster, c.profile->name));
    return {};
}

// What the study sets of the engine, as its flags would.
std::vector<std::string> launched_with(const Candidate& c) {
    std::vector<std::string> all;
    if (c.max_sequences) all.push_back(fmt::format("{} sequences at most", format_count(static_cast<double>(*c.max_sequences))));
    if (c.token_budget) all.push_back(fmt::format("{} tokens a step", format_count(static_cast<double>(*c.token_budget))));
    if (c.memory_fraction) all.push_back(fmt::format("{:g} % of the memory", *c.memory_fraction * 100));
    if (c.kv_blocks) all.push_back(fmt::format("{} cache blocks", format_count(*c.kv_blocks)));
    if (c.graph_tokens) all.push_back(*c.graph_tokens > 0 ? fmt::format("graphs of up to {} tokens", format_count(static_cast<double>(*c.graph_tokens))) : "no graphs for prompts");
    if (c.whole_prompts) all.push_back(*c.whole_prompts ? "prompts whole" : "prompts in chunks");
    if (c.async_scheduling) all.push_back(*c.async_scheduling ? "steps composed ahead" : "steps composed one by one");
    if (c.batch_wait) all.push_back(fmt::format("prompts wait {} steps, or until a step is {:g} % full", c.batch_wait->steps, c.batch_wait->fill * 100));
    if (c.speculative_accept) all.push_back(fmt::format("{:g} tokens accepted a step", *c.speculative_accept));
    return all;
}

CandidateReport identity_of(const Prepared& c) {
    CandidateReport r;
    r.name = c.name;
    r.model = c.model->id;
    r.gpu = c.device->name;
    r.engine = c.engine_name();
    r.precision = describe(c.precision);
    r.layout = describe(c.layout);
    if (c.spec) r.launched_with = launched_with(*c.spec);
    r.gpus = c.layout.gpus() * c.replicas + c.other_gpus;
    r.replicas = c.replicas;
    r.rank_load = c.rank_load;
    return r;
}

Result<CandidateReport> report_of(const Prepared& c, const Evaluation& e, const CostSource& source, const std::vector<SloTerm>& slo) {
    CandidateReport report = identity_of(c);
    report.fits = e.fits;
    report.metrics = metrics_of(c, e, source);
    add_memory_rows(report, c, e);
    add_warnings(report, c, e, slo);
    if (!e.fits) return report;
    if (const auto rate = goodput(e, slo)) {
        report.metrics.push_back({"goodput_rps", *rate, "closed form: by the means, all requests or none"});
    }
    StepTimer timer(c.lowering(), c.place(), source);
    auto decode = timer.breakdown(e.serving.decode_step);
    if (!decode) return tl::unexpected(decode.error());
    auto prefill = timer.breakdown({e.serving.prefill_step.prefill, {}});
    if (!prefill) return tl::unexpected(prefill.error());
    add_breakdown(report, "decode", *decode);
    add_breakdown(report, "prefill", *prefill);
    warn_about_profile(report, c, "decode", *decode);
    warn_about_profile(report, c, "prefill", *prefill);
    if (auto problems = warn_about_format(report, c, e.serving.decode_step, *decode, source); !problems.empty()) return fail(std::move(problems));
    share_metrics(report.metrics, *decode, "share of a decode step's time; " + source.describe(c.place()));
    return report;
}

}  // namespace moeplan
