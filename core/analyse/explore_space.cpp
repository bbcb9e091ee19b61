#include "core/analyse/explore_space.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/analyse/axes.h"
#include "core/analyse/explore.h"
#include "core/analyse/sweep.h"
#include "core/base/match.h"
#include "core/base/nearest.h"
#include "core/parallel/layout_text.h"
#include "core/cost/arithmetic.h"

namespace moeplan {
namespace {

constexpr std::int64_t kUsualNode = 8;

Problem unknown(const SweepAxis& axis, const std::string& kind, const std::string& value, const std::vector<std::string>& names) {
    const std::string near = did_you_mean(value, names);
    return {axis.spot.where(), axis.spot.path, fmt::format("'{}' is not a known {}", value, kind), near.empty() ? "known: " + one_of(names) : near};
}

const SweepAxis* axis_named(const Scenario& scenario, const std::string& name) {
    const auto at = std::ranges::find(scenario.sweep, name, &SweepAxis::name);
    return at == scenario.sweep.end() ? nullptr : &*at;
}

std::int64_t node_of(const Scenario& scenario, const DeviceSpec& device) {
    return scenario.cluster.gpus_per_node.value_or(std::max(kUsualNode, device.link_domain));
}

}  // namespace

Problems ExploreSpace::resolve(const Scenario& scenario, const Catalog& catalog, const TraceMeans* means) {
    Problems problems;
    scenario_ = &scenario;
    if (!scenario.candidates.empty()) base_ = scenario.candidates.front();
    money_ = base_.money.value_or(scenario.money);
    placement_ = base_.placement.value_or(scenario.placement);
    request_ = mean_request(scenario.workload, means);
    if (base_.lengths) { request_.input = base_.lengths->input; request_.output = base_.lengths->output; }
    const auto names_of = [&](const char* name, const std::string& fallback) -> std::pair<const SweepAxis*, std::vector<std::string>> {
        static const SweepAxis nowhere{};
        const SweepAxis* axis = axis_named(scenario, name);
        return {axis ? axis : &nowhere, axis ? axis->values : std::vector<std::string>{fallback}};
    };
    const auto blame = [&](const SweepAxis& axis, Problems wrong) {
        for (Problem& p : wrong) {
            if (p.where.empty()) p.where = axis.spot.where();
            if (p.path.empty()) p.path = axis.spot.path;
        }
        append(problems, std::move(wrong));
    };

    const auto [model_axis, models] = names_of("model", base_.model);
    for (const std::string& name : models) {
        ModelChoice choice;
        if (const auto own = scenario.models.find(name); own != scenario.models.end()) {
            choice.spec = std::make_shared<ModelSpec>(own->second);
        } else if (auto spec = find_model(catalog, name, scenario.file)) {
            choice.spec = std::make_shared<ModelSpec>(std::move(*spec));
        } else {
            blame(*model_axis, spec.error());
            continue;
        }
        models_.push_back(std::move(choice));
    }
    const auto [gpu_axis, gpus] = names_of("gpu", base_.gpu);
    for (const std::string& name : gpus) {
        const DeviceSpec* device = catalog.device(name);
        if (!device) {
            problems.push_back(unknown(*gpu_axis, "GPU", name, catalog.device_ids()));
            continue;
        }
        DeviceChoice choice{device, {}};
        bool priced = true;
        match(
            money_.price,
            [&](const RentedPrice& rented) {
                if (const RentalPrice* row = catalog.price(device->id, rented.tier)) choice.price = rented_gpu_hour(*row);
                else priced = false;
            },
            [&](const GivenPrice& given) { choice.price = {Estimate::exact(given.usd_per_gpu_hour), "given in the study"}; },
            [&](const Ownership& own) { choice.price = owned_gpu_hour(own); });
        if (!priced) {
            left_out_.push_back(fmt::format("{} is left out: no {} price of it is known", device->name, std::get<RentedPrice>(money_.price).tier));
            continue;
        }
        devices_.push_back(std::move(choice));
    }
    if (devices_.empty() && !left_out_.empty()) {
        problems.push_back({gpu_axis->spot.where(), gpu_axis->spot.path, "no price is known of any GPU of this search", "give price: {gpu_hour: 2.50 USD}"});
    }
    const auto [engine_axis, engines] = names_of("engine", base_.engine);
    for (const std::string& name : engines) {
        if (const EngineSpec* engine = catalog.engine(name)) engines_.push_back(on_each_device(*engine));
        else problems.push_back(unknown(*engine_axis, "engine", name, catalog.engine_ids()));
    }
    if (const SweepAxis* axis = axis_named(scenario, "precision")) {
        for (const std::string& name : axis->values) {
            if (name == "native") precisions_.push_back({});
            else if (const auto format = number_format_named(name)) precisions_.push_back({format, {}, {}, {}, base_.precision.kv});
            else problems.push_back(unknown(*axis, "number format", name, number_format_names()));
        }
    } else {
        precisions_.push_back(base_.precision);
    }
    if (const SweepAxis* axis = axis_named(scenario, "count")) {
        if (auto numbers = axis_numbers(*axis)) {
            for (const double n : *numbers) {
                if (n >= 1 && n == static_cast<double>(static_cast<std::int64_t>(n))) counts_.push_back(static_cast<std::int64_t>(n));
                else problems.push_back({axis->spot.where(), axis->spot.path, fmt::format("{:g} is not a number of GPUs", n), {}});
            }
        } else {
            append(problems, numbers.error());
        }
    } else {
        counts_.push_back(base_.count);
    }
    if (const SweepAxis* axis = axis_named(scenario, "layout")) {
        for (const std::string& text : axis->values) {
            if (text == "auto") continue;
            if (auto layout = parse_layout(text)) layouts_.push_back(*layout);
            else blame(*axis, layout.error());
        }
    }
    for (const SweepAxis& axis : scenario.sweep) {
        if (!is_numeric_axis(axis.name)) continue;
        if (auto numbers = axis_numbers(axis)) numeric_.push_back({axis.name, std::move(*numbers)});
        else append(problems, numbers.error());
    }
    return problems;
}

std::vector<Layout> ExploreSpace::layouts(const ModelSpec& model, std::int64_t count, std::int64_t node) const {
    if (!layouts_.empty()) {
        std::vector<Layout> given = layouts_;
        std::erase_if(given, [&](const Layout& l) { return count % l.gpus() != 0 || !layout_problems(l, model, {}, {}).empty(); });
        return given;
    }
    if (!axis_named(*scenario_, "layout")) {
        if (base_.layout) {
            const bool fits = count % base_.layout->gpus() == 0 && layout_problems(*base_.layout, model, {}, {}).empty();
            return fits ? std::vector<Layout>{*base_.layout} : std::vector<Layout>{};
        }
        const auto usual = default_layout(model, count, node);
        return usual ? std::vector<Layout>{*usual} : std::vector<Layout>{};
    }
    std::vector<Layout> all;
    for (std::int64_t gpus = 1; gpus <= count; gpus *= 2) {
        if (count % gpus != 0) continue;
        const auto some = valid_layouts(model, gpus, node);
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

bool ExploreSpace::computes(const DeviceSpec& device, const ModelSpec& model, const PrecisionSpec& spec) const {
    const Precision p = resolve_precision(spec, model);
    for (const NumberFormat weights : {p.linear, p.experts}) {
        if (device.peak.of(weights == NumberFormat::bf16 ? weights : arithmetic_format(weights, device)).value <= 0) return false;
    }
    return device.peak.bf16.value > 0 || device.peak.fp16.value > 0;
}

std::vector<std::shared_ptr<const EngineSpec>> ExploreSpace::on_each_device(const EngineSpec& engine) const {
    std::vector<std::shared_ptr<const EngineSpec>> all;
    for (const DeviceChoice& device : devices_) all.push_back(std::make_shared<EngineSpec>(as_launched(engine, device.spec, base_)));
    return all;
}

void ExploreSpace::combine() {
    for (std::size_t m = 0; m < models_.size(); ++m) {
        for (std::size_t d = 0; d < devices_.size(); ++d) {
            const std::int64_t node = node_of(*scenario_, *devices_[d].spec);
            for (const std::int64_t count : counts_) {
                for (const Layout& layout : layouts(*models_[m].spec, count, node)) {
                    if (layout.gpus() > 1 && devices_[d].spec->link.value <= 0 && devices_[d].spec->pcie.value <= 0) continue;
                    if (layout.gpus() > node && devices_[d].spec->network.value <= 0 && !scenario_->cluster.network) continue;
                    for (std::size_t p = 0; p < precisions_.size(); ++p) {
                        if (!computes(*devices_[d].spec, *models_[m].spec, precisions_[p])) continue;
                        for (std::size_t e = 0; e < engines_.size(); ++e) combinations_.push_back({m, d, e, p, count, layout});
                    }
                }
            }
        }
    }
}

Result<ExploreSpace> ExploreSpace::build(const Scenario& scenario, const Catalog& catalog, const TraceMeans* means) {
    ExploreSpace space;
    if (auto problems = space.resolve(scenario, catalog, means); !problems.empty()) return fail(std::move(problems));
    space.combine();
    // Expert load tables once per model and number of expert ranks.
    for (std::size_t m = 0; m < space.models_.size(); ++m) {
        ModelChoice& choice = space.models_[m];
        const MoeFfn* moe = choice.spec->moe();
        if (!moe) continue;
        const RoutingSpec routing = anchored(space.base_.routing.value_or(scenario.routing), scenario.file);
        auto profile = resolve_routing(routing, moe->experts, moe->top_k, choice.spec->moe_layer_count(), scenario.seed);
        if (!profile) return tl::unexpected(profile.error());
        choice.routing_source = profile->source;
        choice.warnings = profile->warnings;
        for (const Combination& c : space.combinations_) {
            if (c.model != m || choice.load.contains(c.layout.ep)) continue;
            choice.load[c.layout.ep] = std::make_shared<ExpertLoadTable>(build_expert_load_table(*profile, c.layout.ep, space.placement_, scenario.seed));
        }
    }
    return space;
}

std::uint64_t ExploreSpace::points_per_combination() const {
    std::uint64_t n = 1;
    for (const auto& axis : numeric_) n *= axis.values.size();
    return n;
}

void ExploreSpace::fill(const Combination& c, Prepared& into) const {
    const ModelChoice& model = models_[c.model];
    const DeviceChoice& device = devices_[c.device];
    into.spec = &base_;
    into.model = model.spec;
    into.device = device.spec;
    into.engine = engines_[c.engine][c.device];
    into.layout = c.layout;
    into.replicas = c.count / c.layout.gpus();
    into.precision = resolve_precision(precisions_[c.precision], *model.spec);
    const auto load = model.load.find(c.layout.ep);
    into.expert_load = load == model.load.end() ? nullptr : load->second;
    into.gpus_per_node = node_of(*scenario_, *device.spec);
    into.network = scenario_->cluster.network.value_or(device.spec->network);
    into.request = request_;
    into.sampling = scenario_->workload.sampling;
    into.price.usd = device.price.usd;
    into.money = money_;
    const bool spares = placement_.kind == PlacementKind::eplb && model.spec->is_moe();
    into.redundant_experts = spares ? static_cast<double>(placement_.redundant) : 0;
}

Result<OperatingPoint> ExploreSpace::point(std::uint64_t index, Prepared& candidate) const {
    OperatingPoint point = operating_point(candidate, scenario_->workload);
    for (const auto& axis : numeric_) {
        const double value = axis.values[index % axis.values.size()];
        index /= axis.values.size();
        if (auto set = set_axis(axis.name, value, candidate, point, scenario_->seed, placement_); !set) return tl::unexpected(set.error());
    }
    return point;
}

std::string ExploreSpace::name(const Combination& c) const {
    const Precision p = resolve_precision(precisions_[c.precision], *models_[c.model].spec);
    return fmt::format("{} · {} x {} · {} · {}", models_[c.model].spec->id, c.count, devices_[c.device].spec->id, describe(c.layout), describe(p));
}

}  // namespace moeplan
