#include "core/analyse/prepare.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/analyse/kept.h"
#include "core/analyse/prepare_quality.h"
#include "core/base/match.h"
#include "core/base/nearest.h"
#include "core/base/require.h"
#include "core/cost/arithmetic.h"
#include "core/routing/placement.h"
#include "core/scenario/files_named.h"

namespace moeplan {
namespace {

constexpr std::int64_t kUsualNode = 8;   // GPUs of an HGX-class server

Problem at(const Candidate& c, const std::string& key, std::string what, std::string hint = {}) {
    return {c.spot.where(), c.spot.path.empty() ? key : c.spot.path + "." + key, std::move(what), std::move(hint),
            ProblemKind::wrong_input};
}

// Models, catalogs and routing tables are shared between candidates.
class Preparer {
public:
    Preparer(const Scenario& scenario, const Catalog& catalog, const TraceMeans* means, Kept* kept)
        : scenario_(scenario), catalog_(catalog), means_(means), kept_(kept) {}

    Result<std::vector<Prepared>> run() {
        std::vector<Prepared> all;
        for (const Candidate& c : scenario_.candidates) {
            if (auto p = one(c)) all.push_back(std::move(*p));
        }
        for (Prepared& p : all) quality(p, all);
        if (!problems_.empty()) return fail(std::move(problems_));
        return all;
    }

private:
    std::optional<Prepared> one(const Candidate& c) {
        const std::size_t before = problems_.size();
        Prepared p;
        p.spec = &c;
        p.name = c.name;
        p.kept = kept_;
        p.model = model(c);
        p.device = catalog_.device(c.gpu);
        if (!p.device) unknown_gpu(c);
        if (const EngineSpec* engine = catalog_.engine(c.engine)) {
            p.engine = std::make_shared<EngineSpec>(as_launched(*engine, p.device, c));
        } else problems_.push_back(at(c, "engine", fmt::format("'{}' is not a known engine", c.engine), hint(c.engine, catalog_.engine_ids())));
        if (problems_.size() != before) return std::nullopt;

        p.precision = resolve_precision(c.precision, *p.model);
        profile(p, c);
        cluster(p);
        if (!layout(p, c)) return std::nullopt;
        batch_wait(p, c);
        p.request = mean_request(scenario_.workload, means_);
        if (c.lengths) { p.request.input = c.lengths->input; p.request.output = c.lengths->output; }
        beyond_context(p);
        sampling(p, c);
        routing(p, c);
        price(p, c);
        cold_start_rates(p);
        format_support(p, c);
        return problems_.size() == before ? std::optional(std::move(p)) : std::nullopt;
    }

    void batch_wait(const Prepared& p, const Candidate& c) {
        if (!c.batch_wait) return;
        if (!can_batch_wait(*p.engine)) {
            problems_.push_back(at(c, "batch_wait", fmt::format("{} has no such option", p.engine->name), "leave it out, or engine: tensorrt_llm"));
        } else if (p.layout.dp > 1) {
            problems_.push_back(at(c, "batch_wait", fmt::format("{} does not wait where attention is replicated (dp {})", p.engine->name, p.layout.dp), "leave it out"));
        }
    }

    static void beyond_context(Prepared& p) {
        const double tokens = p.request.input + p.request.output;
        if (p.model->max_context <= 0 || tokens <= static_cast<double>(p.model->max_context)) return;
        p.warnings.push_back(fmt::format("requests of {:.0f} tokens are longer than the model's context of {}: servers refuse them unless it is stretched", tokens,
                                         p.model->max_context));
    }

    void sampling(Prepared& p, const Candidate& c) const {
        p.sampling = scenario_.workload.sampling;
        if (p.sampling == Sampling::filtered && !p.engine->filtering)
            p.warnings.push_back(fmt::format("nothing is known of what top-k and top-p cost {}: priced as greedy", p.engine->name));
        if (!c.engine_version.empty() && p.engine->versions.empty())
            p.warnings.push_back(fmt::format("nothing here hangs on the version of {}: engine_version changes nothing", p.engine->name));
    }

    static std::string hint(const std::string& typed, const std::vector<std::string>& names) {
        const std::string near = did_you_mean(typed, names);
        return near.empty() ? "known: " + one_of(names) : near;
    }

    void unknown_gpu(const Candidate& c) {
        problems_.push_back(at(c, "gpu", fmt::format("'{}' is not in the catalog of GPUs", c.gpu), hint(c.gpu, catalog_.device_ids())));
    }

    std::shared_ptr<const ModelSpec> model(const Candidate& c) {
        if (const auto known = models_.find(c.model); known != models_.end()) return known->second;
        std::shared_ptr<const ModelSpec> found;
        if (const auto own = scenario_.models.find(c.model); own != scenario_.models.end()) {
            found = std::make_shared<ModelSpec>(own->second);
        } else if (auto spec = named_model(c.model)) {
            found = std::move(*spec);
        } else {
            for (Problem problem : spec.error()) {
                if (problem.where.empty()) problem.where = c.spot.where();
                if (problem.path.empty()) problem.path = c.spot.path.empty() ? "model" : c.spot.path + ".model";
                problems_.push_back(std::move(problem));
            }
            return nullptr;
        }
        models_[c.model] = found;
        return found;
    }

    Result<std::shared_ptr<const ModelSpec>> named_model(const std::string& name) {
        using Model = Result<std::shared_ptr<const ModelSpec>>;
        const auto make = [&]() -> Model {
            auto spec = find_model(catalog_, name, scenario_.file);
            if (!spec) return tl::unexpected(spec.error());
            return std::make_shared<const ModelSpec>(std::move(*spec));
        };
        if (!kept_) return make();
        if (catalog_.model(name)) return kept_->models.get(name, make);
        const std::string path = relative_to(scenario_.file, name);
        return kept_->models.get(path + "|" + stamp_of(path) + "|" + name + "|" + stamp_of(name), make);
    }

    void profile(Prepared& p, const Candidate& c) {
        if (c.profile == kNoProfile) return;
        auto found = c.profile == kAutomaticProfile  ? catalog_.profile_for(*p.device, *p.engine)
                     : c.profile == kBorrowedProfile ? catalog_.borrowed_profile_for(*p.device, *p.engine)
                                                     : named_profile(c.profile);
        if (found) {
            p.profile = std::move(*found);
            if (p.profile && !p.profile->families.empty() && !p.profile->families.front().from.empty()) p.warnings.push_back(carried_over(p));
            else if (p.profile && !p.profile->device.empty() && p.profile->device != p.device->id) p.warnings.push_back(of_another(p));
            return;
        }
        for (Problem problem : found.error()) {
            if (problem.where.empty()) problem.where = c.spot.where();
            if (problem.path.empty()) problem.path = c.spot.path.empty() ? "profile" : c.spot.path + ".profile";
            problems_.push_back(std::move(problem));
        }
    }

    static std::string of_another(const Prepared& p) {
        return fmt::format("profile {} is of {}, and this is {}: its times are taken as they are", p.profile->name, p.profile->device, p.device->id);
    }

    static std::string carried_over(const Prepared& p) {
        return fmt::format("no kernels of {} were measured on {}: priced by {}, with intervals as wide as such prices missed measured GPUs by", p.engine->name,
                           p.device->name, p.profile->name);
    }

    // A path to a file where it looks like one, a name of the catalog otherwise.
    Result<std::shared_ptr<const Profile>> named_profile(const std::string& name) {
        if (!name.ends_with(".json")) return catalog_.profile_named(name);
        if (const auto known = profiles_.find(name); known != profiles_.end()) return known->second;
        const std::string file = relative_to(scenario_.file, name);
        const auto make = [&]() -> Result<std::shared_ptr<const Profile>> {
            auto loaded = load_profile(file);
            if (!loaded) return tl::unexpected(loaded.error());
            return std::make_shared<const Profile>(std::move(*loaded));
        };
        auto read = kept_ ? kept_->profiles.get(file + "|" + stamp_of(file), make) : make();
        if (read) profiles_[name] = *read;
        return read;
    }

    void cluster(Prepared& p) const {
        const ClusterSpec& cluster = scenario_.cluster;
        p.gpus_per_node = cluster.gpus_per_node.value_or(std::max(kUsualNode, p.device->link_domain));
        p.network = cluster.network.value_or(p.device->network);
    }

    bool layout(Prepared& p, const Candidate& c) {
        if (c.layout) {
            p.layout = *c.layout;
            if (auto wrong = layout_problems(p.layout, *p.model, c.spot.where(), c.spot.path + ".layout"); !wrong.empty()) {
                append(problems_, std::move(wrong));
                return false;
            }
        } else if (const auto layout = default_layout(*p.model, c.count, p.gpus_per_node)) {
            p.layout = *layout;
        } else {
            problems_.push_back(at(c, "count", fmt::format("no layout of {} GPUs suits '{}'", c.count, p.model->id)));
            return false;
        }
        if (c.count % p.layout.gpus() != 0) {
            problems_.push_back(at(c, "count", fmt::format("{} GPUs are not a whole number of replicas of {} GPUs ({})", c.count, p.layout.gpus(), describe(p.layout))));
            return false;
        }
        p.replicas = c.count / p.layout.gpus();
        return true;
    }

    void routing(Prepared& p, const Candidate& c) {
        if (!p.model->moe()) return;
        const RoutingSpec& spec = c.routing ? *c.routing : scenario_.routing;
        const PlacementSpec& placement = c.placement ? *c.placement : scenario_.placement;
        if (placement.kind == PlacementKind::eplb) p.redundant_experts = static_cast<double>(placement.redundant);
        auto routed = routed_experts(anchored(spec, scenario_.file), *p.model, p.layout.ep, placement, scenario_.seed, kept_);
        if (!routed) {
            for (Problem problem : routed.error()) {
                if (problem.where.empty()) problem.where = c.spot.where();
                if (problem.path.empty()) problem.path = "routing";
                problems_.push_back(std::move(problem));
            }
            return;
        }
        p.routing_source = routed->profile->source;
        append_to(p.warnings, routed->profile->warnings);
        p.expert_load = std::move(routed->load);
        p.rank_load = std::move(routed->rank_load);
        p.placement = placement;
        p.routing = std::move(routed->profile);
    }

    void price(Prepared& p, const Candidate& c) {
        p.money = c.money ? *c.money : scenario_.money;
        match(
            p.money.price,
            [&](const RentedPrice& rented) {
                if (const RentalPrice* row = catalog_.price(p.device->id, rented.tier)) {
                    p.price = rented_gpu_hour(*row);
                } else {
                    problems_.push_back(at(c, "gpu", fmt::format("no {} price of {} is known", rented.tier, p.device->name),
                                           "give price: {gpu_hour: 2.50 USD}"));
                }
            },
            [&](const GivenPrice& given) { p.price = {Estimate::exact(given.usd_per_gpu_hour), "given in the study"}; },
            [&](const Ownership& own) { p.price = owned_gpu_hour(own); });
    }

    void cold_start_rates(Prepared& p) const {
        const ColdStartSpec& cold = scenario_.cold_start;
        const StorageRates& known = catalog_.storage();
        p.weights_from = cold.from;
        p.read_rate = cold.from == WeightSource::disk ? known.disk : cold.from == WeightSource::network ? known.network : known.page_cache;
        if (cold.rate.value > 0) p.read_rate = cold.rate;
        p.engine_start = cold.engine_start.value > 0 ? cold.engine_start : known.engine_start;
    }

    const std::optional<QualitySpec>& quality_spec(const Candidate& c) const { return c.quality ? c.quality : scenario_.quality; }

    // Published scores of one comparison come from one evaluator where one scored all candidates.
    std::string evaluator_for(const std::string& benchmark, const std::vector<Prepared>& all) const {
        std::vector<std::string> models;
        for (const Prepared& p : all) {
            const auto& spec = quality_spec(*p.spec);
            const auto* published = spec ? std::get_if<PublishedScore>(&spec->source) : nullptr;
            if (published && published->benchmark == benchmark && !published->evaluator) models.push_back(scored_model(*published, *p.model));
        }
        return common_evaluator(catalog_, benchmark, models);
    }

    void quality(Prepared& p, const std::vector<Prepared>& all) {
        const Candidate& c = *p.spec;
        const std::optional<QualitySpec>& spec = quality_spec(c);
        if (!spec) return;
        const auto* published = std::get_if<PublishedScore>(&spec->source);
        auto found = prepare_quality(*spec, *p.model, catalog_, scenario_.file, published ? evaluator_for(published->benchmark, all) : "");
        if (found) {
            p.quality = std::move(found->quality);
            append_to(p.warnings, found->warnings);
            return;
        }
        for (Problem problem : found.error()) {
            if (problem.where.empty()) problem.where = c.spot.where();
            if (problem.path.empty()) problem.path = c.spot.path.empty() ? "quality" : c.spot.path + ".quality";
            problems_.push_back(std::move(problem));
        }
    }

    void format_support(Prepared& p, const Candidate& c) {
        for (const NumberFormat weights : {p.precision.linear, p.precision.experts}) {
            // bf16 stays bf16 even where the chip would widen other formats to fp16: engines refuse it there.
            const NumberFormat compute = weights == NumberFormat::bf16 ? weights : arithmetic_format(weights, *p.device);
            if (p.device->peak.of(compute).value <= 0) {
                problems_.push_back(at(c, "precision", fmt::format("{} has no published dense {} peak, which {} weights compute in", p.device->name, name_of(compute), name_of(weights)),
                                       "choose another number format or GPU"));
                return;
            }
            if (compute != weights && (weights == NumberFormat::fp8 || weights == NumberFormat::fp8_block || weights == NumberFormat::nvfp4 || weights == NumberFormat::mxfp4) &&
                compute == half_format(*p.device)) {
                const std::string text = fmt::format("{} does not compute in {}: weights are stored so but multiplied in {}", p.device->name, name_of(weights), name_of(compute));
                if (std::ranges::find(p.warnings, text) == p.warnings.end()) p.warnings.push_back(text);
            }
        }
        if (c.experts_on_host > 0 && !p.engine->host_offload) {
            problems_.push_back(at(c, "offload", fmt::format("{} cannot keep experts in host memory", p.engine->name), "llama_cpp and transformers can"));
        }
    }

    static void append_to(std::vector<std::string>& into, const std::vector<std::string>& more) {
        for (const auto& text : more) {
            if (std::ranges::find(into, text) == into.end()) into.push_back(text);
        }
    }

    const Scenario& scenario_;
    const Catalog& catalog_;
    const TraceMeans* means_;
    Kept* kept_;
    std::map<std::string, std::shared_ptr<const ModelSpec>> models_;
    std::map<std::string, std::shared_ptr<const Profile>> profiles_;
    Problems problems_;
};

}  // namespace

LoweringContext Prepared::lowering() const {
    LoweringContext context;
    context.model = model.get();
    context.precision = precision;
    context.layout = layout;
    context.expert_load = expert_load.get();
    context.gpus_per_node = gpus_per_node;
    context.experts_on_host = spec ? spec->experts_on_host : 0;
    if (sampling == Sampling::filtered && engine->filtering) {
        context.sampler_kernels = engine->filtering->kernels;
        context.sampler_bytes_per_logit = engine->filtering->bytes_per_logit;
    }
    return context;
}

std::string Prepared::engine_name() const { return spec && !spec->engine_version.empty() ? engine->name + " " + spec->engine_version : engine->name; }

EngineSpec as_launched(const EngineSpec& today, const DeviceSpec* device, const Candidate& c) {
    EngineSpec engine = today;
    if (const auto version = parse_engine_version(c.engine_version)) engine = of_version(std::move(engine), *version);
    if (device) engine = on_device(std::move(engine), *device);
    if (c.max_sequences) engine.max_sequences = *c.max_sequences;
    if (c.token_budget) engine.token_budget = *c.token_budget;
    if (c.memory_fraction) engine.memory_fraction = *c.memory_fraction;
    if (c.whole_prompts) engine.whole_prompts = *c.whole_prompts;
    if (c.async_scheduling) engine.async_scheduling = *c.async_scheduling;
    engine.graph_tokens = c.graph_tokens ? *c.graph_tokens : captured_tokens(engine);
    if (c.batch_wait && can_batch_wait(engine)) engine.batch_wait = *c.batch_wait;
    return engine;
}

RoutingSpec anchored(RoutingSpec spec, const std::string& study_file) {
    match(
        spec, [](auto&) {}, [&](CountsRouting& r) { r.file = relative_to(study_file, r.file); },
        [&](TraceRouting& r) { r.file = relative_to(study_file, r.file); });
    return spec;
}

Place Prepared::place() const { return {device, engine.get(), network, spec && spec->offload_rate ? *spec->offload_rate : BytesPerSecond{}, profile.get()}; }

std::optional<Layout> default_layout(const ModelSpec& model, std::int64_t gpus, std::int64_t gpus_per_node) {
    for (std::int64_t pp = std::max<std::int64_t>(1, (gpus + gpus_per_node - 1) / gpus_per_node); pp <= gpus; ++pp) {
        if (gpus % pp != 0) continue;
        const Layout whole{gpus / pp, pp, 1, 1, gpus / pp};
        if (layout_problems(whole, model, {}, {}).empty()) return whole;
    }
    // Heads do not divide: as many replicas as needed.
    for (std::int64_t tp = std::min(gpus, gpus_per_node); tp >= 1; --tp) {
        const Layout part{tp, 1, 1, 1, tp};
        if (gpus % tp == 0 && layout_problems(part, model, {}, {}).empty()) return part;
    }
    return std::nullopt;
}

Precision resolve_precision(const PrecisionSpec& spec, const ModelSpec& model) {
    Precision p = spec.all ? precision_from(*spec.all, model) : native_precision(model);
    if (spec.linear) p.linear = *spec.linear;
    if (spec.experts) p.experts = *spec.experts;
    if (spec.embedding) p.embedding = *spec.embedding;
    if (spec.kv) p.kv = *spec.kv;
    return p;
}

RequestShape mean_request(const Workload& workload, const TraceMeans* means) {
    RequestShape r;
    r.prefix_shared = workload.prefix_shared;
    match(
        workload.lengths, [&](const FixedLengths& l) {
            r.input = l.input;
            r.output = l.output;
            r.equal_lengths = true;
        },
        [&](const UniformLengths& l) {
            r.input = (l.input_low + l.input_high) / 2;
            r.output = (l.output_low + l.output_high) / 2;
        },
        [&](const LogNormalLengths& l) { r.input = l.input_mean; r.output = l.output_mean; },
        [&](const TraceLengths&) {
            require(means != nullptr, "mean_request: lengths from a trace need its means");
            r.input = means->input;
            r.output = means->output;
        });
    return r;
}

Result<std::vector<Prepared>> prepare(const Scenario& scenario, const Catalog& catalog, const TraceMeans* means, Kept* kept) {
    return Preparer(scenario, catalog, means, kept).run();
}

}  // namespace moeplan
