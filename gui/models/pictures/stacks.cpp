// Stacked bars of every candidate: memory by what lies in it, a step by what its time goes to.

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/report/format.h"
#include "gui/models/pictures/makers.h"

namespace moeplan {
namespace {

using Colour = std::pair<std::string_view, int>;

// A part keeps its colour in all pictures; kin parts have kin colours.
constexpr std::array kPartColours{
    Colour{"experts", 0},       Colour{"dense ffn", 5},         Colour{"shared expert", 8},
    Colour{"attention", 1},     Colour{"attention projections", 9}, Colour{"linear state", 6},
    Colour{"router", 2},        Colour{"dispatch and combine", 10}, Colour{"communication", 3},
    Colour{"experts from host memory", 11}, Colour{"norms and residuals", 4}, Colour{"head", 14},
    Colour{"sampler", 12},      Colour{"embedding", 13},        Colour{"engine on the host", 7},
    Colour{"embeddings", 13},   Colour{"router, norms", 4},     Colour{"activations", 2},
    Colour{"engine", 7},        Colour{"kv cache", 3},
};

int colour_of_part(std::string_view part, std::size_t otherwise) {
    const auto found = std::ranges::find(kPartColours, part, &Colour::first);
    return found == kPartColours.end() ? colour_of_candidate(otherwise) : found->second;
}

bool is_free(std::string_view label) { return label.starts_with("free"); }

PictureBars& stack_of(Picture& picture, const std::string& name) {
    const auto found = std::ranges::find(picture.bars, name, &PictureBars::name);
    if (found != picture.bars.end()) return *found;
    PictureBars bars;
    bars.name = name;
    bars.faint = is_free(name);
    bars.colour = bars.faint ? kNeutral : colour_of_part(name, picture.bars.size());
    return picture.bars.emplace_back(std::move(bars));
}

std::vector<std::string> names_of(const std::vector<CandidateReport>& candidates) {
    std::vector<std::string> names;
    // What an exploration found is named after all it is: "Qwen/Qwen3-30B-A3B · B200 · …". The owner may go.
    for (const CandidateReport& c : candidates) {
        const bool long_name = c.name.find(" · ") != std::string::npos;
        names.push_back(long_name ? c.name.substr(c.name.find('/') + 1) : c.name);
    }
    return names;
}

void add_limits(Picture& picture, const std::vector<CandidateReport>& candidates) {
    std::vector<double> limits;
    for (const CandidateReport& c : candidates) {
        if (c.memory_limit_gb > 0 && std::ranges::none_of(limits, [&](double l) { return std::abs(l - c.memory_limit_gb) < 0.05; })) limits.push_back(c.memory_limit_gb);
    }
    std::ranges::sort(limits);
    for (const double limit : limits) picture.markers.push_back({PictureMarker::Kind::horizontal, 0, limit, "limit " + format_value(limit, "GB"), kNeutral});
}

PictureSeries totals() {
    PictureSeries series;
    series.name = "whole step";
    series.colour = kNeutral;
    series.mark = PictureSeries::Mark::dots;
    series.in_legend = false;
    return series;
}

// Largest parts first, summed over candidates: they start at the axis, where lengths compare best.
void order_by_size(Picture& picture) {
    const auto size = [](const PictureBars& b) {
        double sum = 0;
        for (const PicturePoint& p : b.points) sum += p.y;
        return sum;
    };
    std::ranges::stable_sort(picture.bars, [&](const PictureBars& a, const PictureBars& b) { return a.faint != b.faint ? b.faint : size(a) > size(b); });
}

Picture breakdown(const Report& report, std::string_view id, std::string_view phase) {
    const auto& candidates = candidates_of(report);
    Picture picture = picture_named(id);
    picture.sideways = true;
    picture.meaning = fmt::format("Time of one {} step on one replica, by what it is spent on; the whisker is the whole step's interval (method: step).", phase);
    picture.x = {"", "", Scale::linear, false, names_of(candidates), {}, {}, false, false};
    picture.y = {fmt::format("time of a {} step", phase), "ms", Scale::linear, false, {}, 0, {}, false, false};
    PictureSeries whole = totals();
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        Estimate total{};
        for (const BreakdownRow& row : candidates[i].breakdown) {
            if (row.phase != phase) continue;
            total = total + row.ms;
            const std::string note = fmt::format("{} of the step, bound by {}; {} GFLOP and {} GB a GPU; {}", format_value(row.share, "fraction"), row.bound,
                                                 format_number(row.gflops), format_number(row.gbytes), format_estimate(row.ms, "ms"));
            stack_of(picture, row.part).points.push_back({static_cast<double>(i), row.ms.value, {}, note, false});
        }
        if (total.value > 0) whole.points.push_back({static_cast<double>(i), total.value, interval_of(total), {}, false});
    }
    if (picture.bars.empty()) return nothing_to_draw(id, fmt::format("No candidate has a {} step: none fits its GPUs. Add GPUs, or choose a smaller number format.", phase));
    order_by_size(picture);
    picture.series.push_back(std::move(whole));
    return picture;
}

}  // namespace

Picture memory_stacks(const Report& report) {
    const auto& candidates = candidates_of(report);
    Picture picture = picture_named("memory_stacks");
    picture.sideways = true;
    picture.meaning = "What lies in the memory of the fullest GPU, in decimal GB; the line is what the engine may use of it (method: memory).";
    picture.x = {"", "", Scale::linear, false, names_of(candidates), {}, {}, false, false};
    picture.y = {"memory of the fullest GPU", "GB", Scale::linear, false, {}, 0, {}, false, false};
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        double used = 0;
        for (const MemoryRow& row : candidates[i].memory) used += is_free(row.label) ? 0 : row.gb;
        for (const MemoryRow& row : candidates[i].memory) {
            if (row.gb <= 0) continue;
            std::string note = fmt::format("{} of {} used", format_value(used, "GB"), format_value(candidates[i].memory_limit_gb, "GB"));
            stack_of(picture, row.label).points.push_back({static_cast<double>(i), row.gb, {}, std::move(note), false});
        }
    }
    if (picture.bars.empty()) return nothing_to_draw(picture.id, "No candidate's memory is known yet. Give a candidate a model and a GPU.");
    order_by_size(picture);
    add_limits(picture, candidates);
    return picture;
}

Picture step_breakdown(const Report& report) { return breakdown(report, "step_breakdown", "decode"); }
Picture prefill_breakdown(const Report& report) { return breakdown(report, "prefill_breakdown", "prefill"); }

}  // namespace moeplan
