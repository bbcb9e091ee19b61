#include "core/calibrate/take_apart.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "core/base/upper_median.h"
#include "core/calibrate/physics.h"

namespace moeplan {
namespace {

constexpr double kLeastShare = 0.3;       // of a module's time, for its kernel to be told
constexpr double kStartsShow = 500e-6;    // in longer modules a few microseconds drown in what attention is off by
constexpr std::size_t kFewestPairs = 8;

// The format of a module's projections: the last product's that is not in 16 bits.
NumberFormat linear_of(const Measurement& module) {
    NumberFormat linear = NumberFormat::bf16;
    for (const OpKind& op : module.beside) {
        const auto* g = std::get_if<Gemm>(&op);
        if (g && g->weights != NumberFormat::bf16) linear = g->weights;
    }
    return linear;
}

std::ptrdiff_t products_in(const Measurement& module, NumberFormat format) {
    return std::ranges::count_if(module.beside, [&](const OpKind& op) {
        const auto* g = std::get_if<Gemm>(&op);
        return g && g->weights == format;
    });
}

using Sizes = std::tuple<std::string, std::string, double, double, double>;
Sizes sizes_of(const Measurement& module) {
    const auto& a = std::get<Attention>(module.op);
    return {module.format, module.shape, a.sequences, a.new_tokens, a.context};
}

}  // namespace

EngineSpec engine_of_passes() {
    EngineSpec engine;
    engine.kernel_launch_s = {3e-6, 1.8e-6, 6.4e-6};
    return engine;
}

BesideKernel::BesideKernel(const Profile& products, const DeviceSpec& device)
    : products_(&products), device_(&device), engine_(engine_of_passes()), prices_(make_calibrated(make_roofline())) {}

std::optional<Estimate> BesideKernel::seconds(const Measurement& module) const {
    Estimate sum;
    const Place place{device_, &engine_, {}, {}, products_};
    for (const OpKind& op : module.beside) {
        const auto cost = prices_->price({Part::attention_projections, 1, op}, place);
        if (!cost || (std::holds_alternative<Gemm>(op) && cost->provenance != Provenance::calibrated)) return std::nullopt;
        sum = sum + to_estimate(*cost);
    }
    return sum;
}

TakenApart take_apart(const std::vector<Measurement>& modules, const std::vector<Measurement>& alone, const BesideKernel& beside) {
    std::set<std::tuple<KernelFamily, std::string, std::string>> known;
    for (const Measurement& m : alone) known.emplace(m.family, m.format, m.shape);
    TakenApart out;
    for (const Measurement& module : modules) {
        const auto others = beside.seconds(module);
        const char* reason = nullptr;
        if (known.contains({module.family, module.format, module.shape})) reason = "modules of attention that was measured alone";
        else if (linear_of(module) != NumberFormat::bf16) reason = "modules whose products are not in 16 bits";
        else if (!others) reason = "modules without the products in them";
        else if (module.seconds - others->value < kLeastShare * module.seconds) reason = "modules that are mostly products";
        if (reason) {
            ++out.unused[reason];
            continue;
        }
        Measurement kernel = module;
        kernel.beside.clear();
        kernel.seconds -= others->value;
        out.rows.push_back(std::move(kernel));
    }
    return out;
}

std::map<std::string, double> later_starts(const std::vector<Measurement>& modules, const BesideKernel& beside) {
    const auto left = [&](const Measurement& m) -> std::optional<double> {
        const auto others = beside.seconds(m);
        return others ? std::optional(m.seconds - others->value) : std::nullopt;
    };
    std::map<Sizes, double> in_half;
    for (const Measurement& m : modules) {
        if (m.seconds > kStartsShow || linear_of(m) != NumberFormat::bf16) continue;
        if (const auto rest = left(m)) in_half.emplace(sizes_of(m), *rest);
    }
    std::map<std::string, std::vector<double>> later;
    for (const Measurement& m : modules) {
        const NumberFormat linear = linear_of(m);
        const auto half = in_half.find(sizes_of(m));
        if (m.seconds > kStartsShow || linear == NumberFormat::bf16 || half == in_half.end()) continue;
        if (const auto rest = left(m)) {
            later[std::string(name_of(linear))].push_back((*rest - half->second) / static_cast<double>(products_in(m, linear)));
        }
    }
    std::map<std::string, double> out;
    for (auto& [format, seconds] : later) {
        if (seconds.size() >= kFewestPairs) out[format] = upper_median(seconds);
    }
    return out;
}

}  // namespace moeplan
