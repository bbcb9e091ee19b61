#include "cli/commands/compare_settings.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/base/units_text.h"
#include "core/parallel/layout_text.h"

namespace moeplan::cli {
namespace {

constexpr std::int64_t kMostGpus = 1'000'000;
constexpr double kMostTokens = 1e9;
constexpr const char* kLayoutParts[] = {"tp", "pp", "dp", "ep", "moe_tp"};

const Setting* find(const Settings& settings, const std::string& name) {
    const auto found = settings.find(name);
    return found == settings.end() ? nullptr : &found->second;
}

std::optional<NumberFormat> read_format(const Setting& setting, Problems& problems) {
    if (const auto format = number_format_named(setting.value)) return format;
    problems.push_back(wrong_at(setting.where,
                                fmt::format("'{}' is no number format; expected one of {}", setting.value,
                                            one_of(number_format_names(), 20)),
                                did_you_mean(setting.value, number_format_names())));
    return std::nullopt;
}

std::optional<PriceSpec> read_price(const Setting* price, const Setting* tier, Problems& problems) {
    if (price && tier)
        problems.push_back(
            wrong_at(price->where, fmt::format("excludes {}: the price is given or looked up", tier->where)));
    if (price) {
        auto usd = parse_number(price->value);
        if (!usd) {
            if (const auto with_unit = parse_dollars_per_hour(price->value)) usd = with_unit->value;
            else if (const auto dollars = parse_dollars(price->value)) usd = dollars->value;
        }
        if (usd && *usd >= 0 && *usd <= 1e6) return GivenPrice{*usd};
        problems.push_back(wrong_at(
            price->where, fmt::format("expected USD for an hour of one GPU, found '{}'", price->value),
            "for example 2.50"));
        return std::nullopt;
    }
    if (!tier) return std::nullopt;
    static const std::vector<std::string> tiers{"on_demand", "spot", "reserved"};
    if (std::ranges::find(tiers, tier->value) != tiers.end()) return RentedPrice{tier->value};
    problems.push_back(wrong_at(tier->where,
                                fmt::format("expected one of {}, found '{}'", one_of(tiers), tier->value),
                                did_you_mean(tier->value, tiers)));
    return std::nullopt;
}

std::optional<RoutingSpec> read_skew(const Setting* skew, Problems& problems) {
    const auto alpha = skew ? read_number(skew->where, skew->value, 0, 10, problems) : std::nullopt;
    if (!alpha) return std::nullopt;
    return *alpha > 0 ? RoutingSpec(ZipfRouting{*alpha}) : RoutingSpec(UniformRouting{});
}

// Either length alone keeps the study's other one.
std::optional<FixedLengths> read_lengths(const Settings& settings, FixedLengths lengths, Problems& problems) {
    const auto *input = find(settings, "isl"), *output = find(settings, "osl");
    if (!input && !output) return std::nullopt;
    if (input)
        lengths.input =
            read_number(input->where, input->value, 1, kMostTokens, problems).value_or(lengths.input);
    if (output)
        lengths.output =
            read_number(output->where, output->value, 1, kMostTokens, problems).value_or(lengths.output);
    return lengths;
}

void read_layout(const Setting& setting, Candidate& candidate, Problems& problems) {
    if (setting.value == "auto") return;
    auto layout = parse_layout(setting.value);
    if (layout) {
        candidate.layout = *layout;
        return;
    }
    for (Problem problem : layout.error()) {
        problem.where = setting.where;
        problems.push_back(std::move(problem));
    }
}

// The layout implies the count when nobody gives it.
bool read_count(const Settings& settings, Candidate& candidate, Problems& problems) {
    if (const auto* count = find(settings, "count")) {
        candidate.count = read_whole(count->where, count->value, 1, kMostGpus, problems).value_or(1);
        if (candidate.layout && candidate.count % candidate.layout->gpus() != 0) {
            problems.push_back(wrong_at(count->where,
                                        fmt::format("one replica of the layout takes {} GPUs, found {}",
                                                    candidate.layout->gpus(), candidate.count),
                                        fmt::format("{} or a multiple", candidate.layout->gpus())));
        }
        return true;
    }
    if (candidate.layout) candidate.count = candidate.layout->gpus();
    return candidate.layout.has_value();
}

}  // namespace

const std::vector<std::string>& setting_names() {
    static const std::vector<std::string> names{"gpu", "count", "layout", "precision", "kv",  "engine",
                                                "isl", "osl",   "skew",   "price",     "tier"};
    return names;
}

Settings settings_of(const Arguments& arguments) {
    Settings settings;
    for (const auto& name : setting_names()) {
        if (const auto value = arguments.text("--" + name)) settings[name] = {"--" + name, *value};
    }
    return settings;
}

std::pair<std::string, Settings> split_word(const std::string& word, Problems& problems) {
    const std::size_t at = word.rfind('@');
    if (at == std::string::npos || word.find('=', at) == std::string::npos) return {word, {}};
    std::pair<std::string, Settings> split{word.substr(0, at), {}};
    std::vector<std::string> known = setting_names();
    known.insert(known.end(), std::begin(kLayoutParts), std::end(kLayoutParts));
    std::string rest = word.substr(at + 1);
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(','), rest.size());
        const std::string part = rest.substr(0, end);
        rest.erase(0, end + 1);
        const std::size_t equals = std::min(part.find('='), part.size());
        std::string key = part.substr(0, equals), value = part.substr(std::min(equals + 1, part.size()));
        if (std::ranges::find(known, key) == known.end()) {
            problems.push_back(wrong_at(
                split.first, fmt::format("'{}' cannot be set behind @; one of {}", key, one_of(known, 20)),
                did_you_mean(key, known)));
            continue;
        }
        if (std::ranges::find(kLayoutParts, key) != std::end(kLayoutParts)) {
            value = key + "=" + value;
            key = "layout";
        }
        Setting& setting = split.second[key];
        setting.where = split.first + "@" + key;
        setting.value += setting.value.empty() ? value : " " + value;
    }
    return split;
}

void apply_to_study(const Settings& settings, Scenario& scenario, Problems& problems) {
    if (auto lengths = read_lengths(settings, {}, problems)) scenario.workload.lengths = *lengths;
    if (auto routing = read_skew(find(settings, "skew"), problems)) scenario.routing = *routing;
    if (auto price = read_price(find(settings, "price"), find(settings, "tier"), problems))
        scenario.money.price = *price;
}

bool apply_to_candidate(const Settings& common, const Settings& own, const Scenario& scenario,
                        Candidate& candidate, Problems& problems) {
    Settings settings = own;
    settings.insert(common.begin(), common.end());
    if (const auto* gpu = find(settings, "gpu")) candidate.gpu = gpu->value;
    else
        problems.push_back(wrong_at(candidate.model, "there is no GPU to put it on",
                                    "give --gpu h100_sxm; `moeplan gpu` lists them"));
    if (const auto* engine = find(settings, "engine")) candidate.engine = engine->value;
    if (const auto* format = find(settings, "precision"); format && format->value != "native")
        candidate.precision.all = read_format(*format, problems);
    if (const auto* kv = find(settings, "kv")) candidate.precision.kv = read_format(*kv, problems);
    if (const auto* layout = find(settings, "layout")) read_layout(*layout, candidate, problems);
    candidate.lengths = read_lengths(own, std::get<FixedLengths>(scenario.workload.lengths), problems);
    candidate.routing = read_skew(find(own, "skew"), problems);
    if (auto price = read_price(find(own, "price"), find(own, "tier"), problems)) {
        candidate.money = scenario.money;
        candidate.money->price = *price;
    }
    return read_count(settings, candidate, problems);
}

}  // namespace moeplan::cli
