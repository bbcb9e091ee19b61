#include "core/analyse/candidate_detail.h"

#include <algorithm>
#include <functional>

#include "core/base/match.h"
#include "core/cost/arithmetic.h"
#include "core/ops/lower_names.h"
#include "core/routing/placement.h"

namespace moeplan {
namespace {

// What an op multiplies in; nothing for copies, collectives and fetches. Attention and recurrences run in the chip's 16-bit
// format, as cost sources price them.
std::optional<NumberFormat> arithmetic_of(const Op& op, const DeviceSpec& device) {
    return match(
        op.kind, [&](const Gemm& g) -> std::optional<NumberFormat> { return arithmetic_format(g.weights, device); },
        [&](const ExpertFfn& f) -> std::optional<NumberFormat> { return arithmetic_format(f.weights, device); },
        [&](const Attention&) -> std::optional<NumberFormat> { return half_format(device); },
        [&](const StateUpdate&) -> std::optional<NumberFormat> { return half_format(device); },
        [](const auto&) -> std::optional<NumberFormat> { return std::nullopt; });
}

struct Row {
    std::string_view name;
    Part part{};
    std::optional<NumberFormat> format;
    Cost cost;
};

void put(std::vector<Row>& rows, const Row& row) {
    const auto same = [&](const Row& r) { return r.name == row.name && r.part == row.part && r.format == row.format; };
    const auto at = std::ranges::find_if(rows, same);
    if (at == rows.end()) rows.push_back(row);
    else at->cost = then(at->cost, row.cost);
}

// The lines of the roofline picture: of the formats that occur among the ops.
Roof roof_of(const DeviceSpec& device, const std::vector<OpRow>& ops) {
    Roof roof;
    roof.gb_per_s = device.bandwidth.value / 1e9;
    for (const OpRow& op : ops) {
        const auto format = number_format_named(op.format);
        if (!format || std::ranges::find(roof.ceilings, op.format, &Roof::Ceiling::format) != roof.ceilings.end()) continue;
        roof.ceilings.push_back({op.format, device.peak.of(*format).value / 1e9});
    }
    std::ranges::stable_sort(roof.ceilings, std::ranges::greater{}, &Roof::Ceiling::gflop_per_s);
    return roof;
}

}  // namespace

Result<std::vector<OpRow>> op_rows(const std::string& phase, const Prepared& c, const StepShape& step, const CostSource& source) {
    std::vector<Row> rows;
    const Place place = c.place();
    Cost kernels;
    for (const NamedOp& named : lower_named(c.lowering(), step)) {
        auto one = source.price(named.op, place);
        if (!one) return tl::unexpected(one.error());
        const Cost all = times(*one, named.op.repeat);
        kernels = then(kernels, all);
        put(rows, {named.name, named.op.part, arithmetic_of(named.op, *c.device), all});
    }
    put(rows, {name_of(Part::host), Part::host, std::nullopt, StepTimer(c.lowering(), place, source).host_time(step, to_estimate(kernels))});
    std::ranges::stable_sort(rows, [](const Row& a, const Row& b) { return a.cost.time > b.cost.time; });
    std::vector<OpRow> all;
    for (const Row& r : rows) {
        if (r.cost.time.value <= 0) continue;
        all.push_back({phase, std::string(r.name), std::string(name_of(r.part)), r.format ? std::string(name_of(*r.format)) : "", r.cost.flops.value / 1e9,
                       r.cost.bytes.value / 1e9, to_estimate(r.cost) * 1e3, std::string(name_of(r.cost.bound)), r.cost.outside_calibration});
    }
    return all;
}

std::optional<ExpertLoadMap> expert_load_map(const Prepared& c) {
    if (!c.routing) return std::nullopt;
    const RoutingProfile& profile = *c.routing;
    ExpertLoadMap map;
    map.experts = profile.experts;
    map.top_k = profile.top_k;
    map.layers = static_cast<std::int64_t>(profile.p.size());
    map.ranks = c.layout.ep;
    map.source = profile.source;
    // p of a layer sums to top_k.
    const double fair = static_cast<double>(profile.top_k) / static_cast<double>(profile.experts);
    for (const auto& layer : profile.p) {
        for (const double p : layer) map.expert_load.push_back(p / fair);
        if (map.ranks == 1) {
            map.rank_load.push_back(1);   // by definition, without a sum's rounding
            continue;
        }
        const auto shares = rank_shares(layer, place_experts(layer, map.ranks, c.placement));
        map.rank_load.insert(map.rank_load.end(), shares.begin(), shares.end());
    }
    return map;
}

Result<void> add_detail(CandidateReport& report, const Prepared& c, const Evaluation& e, const CostSource& source) {
    report.expert_load = expert_load_map(c);
    if (!e.fits) return {};
    auto decode = op_rows("decode", c, e.serving.decode_step, source);
    if (!decode) return tl::unexpected(decode.error());
    auto prefill = op_rows("prefill", c, {e.serving.prefill_step.prefill, {}}, source);
    if (!prefill) return tl::unexpected(prefill.error());
    report.ops = std::move(*decode);
    report.ops.insert(report.ops.end(), prefill->begin(), prefill->end());
    report.roof = roof_of(*c.device, report.ops);
    return {};
}

}  // namespace moeplan
