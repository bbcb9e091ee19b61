// Where routing sends tokens: to ranks, layer by layer, and to experts by popularity.

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>

#include <fmt/format.h>

#include "core/report/format.h"
#include "gui/models/pictures/makers.h"

namespace moeplan {
namespace {

constexpr const char* kDistributions[] = {"Zipf", "Dirichlet", "bounded power law"};   // as sources of a routing begin

// Loads of one candidate's ranks: rows are layers.
struct Block {
    std::string name;
    bool drawn = false;   // at random from a distribution: no layers of the model
    std::int64_t layers = 0, ranks = 0;
    std::span<const double> load;
};

std::vector<Block> blocks_of(const std::vector<CandidateReport>& candidates) {
    std::vector<Block> blocks;
    for (const CandidateReport& c : candidates) {
        const auto& map = c.expert_load;
        if (map && map->ranks > 1 && map->layers > 0 && static_cast<std::int64_t>(map->rank_load.size()) == map->layers * map->ranks) {
            const bool drawn = std::ranges::any_of(kDistributions, [&](const char* d) { return map->source.starts_with(d); });
            blocks.push_back({c.name, drawn && map->layers > 1, map->layers, map->ranks, map->rank_load});
        } else if (c.rank_load.size() > 1) {
            blocks.push_back({c.name, false, 1, static_cast<std::int64_t>(c.rank_load.size()), c.rank_load});
        }
    }
    return blocks;
}

// Blocks side by side with a gap; layers that are alike are told once and drawn over the full height.
void lay_out(Picture& picture, const std::vector<Block>& blocks, std::int64_t rows) {
    std::int64_t columns = -1;
    for (const Block& b : blocks) columns += b.ranks + 1;
    PictureHeatMap& heat = picture.heat.emplace();
    heat.columns = columns;
    heat.rows = rows;
    heat.values.assign(static_cast<std::size_t>(columns * rows), std::numeric_limits<double>::quiet_NaN());
    std::int64_t left = 0;
    for (const Block& b : blocks) {
        if (left > 0) picture.x.categories.emplace_back();
        for (std::int64_t rank = 0; rank < b.ranks; ++rank) picture.x.categories.push_back(std::to_string(rank));
        for (std::int64_t row = 0; row < rows; ++row) {
            if (b.layers > 1 && row >= b.layers) break;
            const std::int64_t from = b.layers > 1 ? row : 0;
            for (std::int64_t rank = 0; rank < b.ranks; ++rank) {
                heat.values[static_cast<std::size_t>(row * columns + left + rank)] = b.load[static_cast<std::size_t>(from * b.ranks + rank)];
            }
        }
        picture.markers.push_back({PictureMarker::Kind::text, static_cast<double>(left) + static_cast<double>(b.ranks - 1) / 2, static_cast<double>(rows) - 0.5, b.name, kNeutral});
        left += b.ranks + 1;
    }
}

struct PlaceLoad {
    double sum = 0, low = std::numeric_limits<double>::infinity(), high = 0;
};

// Loads over the fair share, from the most popular expert down: the mean over layers, and the range of layers as band.
PictureSeries popularity_of(const CandidateReport& c, std::size_t index) {
    const ExpertLoadMap& map = *c.expert_load;
    const auto experts = static_cast<std::size_t>(map.experts);
    const std::size_t layers = map.expert_load.size() / experts;
    std::vector<PlaceLoad> places(experts);
    std::vector<double> row(experts);
    for (std::size_t layer = 0; layer < layers; ++layer) {
        std::copy_n(map.expert_load.begin() + static_cast<std::ptrdiff_t>(layer * experts), experts, row.begin());
        std::ranges::sort(row, std::greater<>());
        for (std::size_t e = 0; e < experts; ++e) {
            places[e].sum += row[e];
            places[e].low = std::min(places[e].low, row[e]);
            places[e].high = std::max(places[e].high, row[e]);
        }
    }
    PictureSeries series;
    series.name = c.name;
    series.colour = colour_of_candidate(index);
    for (std::size_t e = 0; e < experts; ++e) {
        PicturePoint point{static_cast<double>(e + 1), places[e].sum / static_cast<double>(layers), {}, map.source, false};
        if (places[e].high - places[e].low > 1e-9) point.interval = {places[e].low, places[e].high};
        series.points.push_back(std::move(point));
    }
    return series;
}

// Candidates routed alike share a line.
void add_popularity(Picture& picture, PictureSeries series) {
    const auto same = std::ranges::find_if(picture.series, [&](const PictureSeries& s) {
        return std::ranges::equal(s.points, series.points, [](const PicturePoint& a, const PicturePoint& b) { return a.y == b.y && a.interval == b.interval; });
    });
    if (same == picture.series.end()) picture.series.push_back(std::move(series));
    else same->name += ", " + series.name;
}

bool knows_experts(const CandidateReport& c) {
    return c.expert_load && c.expert_load->experts > 0 && !c.expert_load->expert_load.empty() &&
           c.expert_load->expert_load.size() % static_cast<std::size_t>(c.expert_load->experts) == 0;
}

}  // namespace

Picture expert_load(const Report& report) {
    const auto blocks = blocks_of(candidates_of(report));
    Picture picture = picture_named("expert_load");
    if (blocks.empty()) {
        return nothing_to_draw(picture.id, "No candidate deals its experts out over several GPUs, so no rank is hotter than another. Give a mixture a layout with "
                                           "ep, such as {tp: 2, ep: 2}.");
    }
    std::int64_t rows = 1;
    for (const Block& b : blocks) rows = std::max(rows, b.layers);
    picture.meaning = "Tokens that each expert-parallel rank computes over its fair share: all ranks of a layer wait for its hottest (method: imbalance).";
    picture.x = {blocks.size() == 1 ? "rank of " + blocks.front().name : "rank", "", Scale::linear, false, {}, {}, {}, false, false};
    const bool drawn = std::ranges::any_of(blocks, &Block::drawn);
    const bool recorded = std::ranges::any_of(blocks, [](const Block& b) { return b.layers > 1 && !b.drawn; });
    if (drawn) picture.meaning += " Rows are drawn at random from the routing's distribution; they are not the model's own layers, one by one.";
    picture.y = {!drawn ? "layer with experts" : recorded ? "layer with experts, or draw" : "draw of a layer", "", Scale::linear, false, {}, {}, {}, false, false};
    lay_out(picture, blocks, rows);
    if (rows == 1) {
        picture.y.categories = {"all"};
    } else {
        for (std::int64_t row = 0; row < rows; ++row) picture.y.categories.push_back(std::to_string(row + 1));
    }
    picture.heat->label = "load over fair share";
    picture.heat->unit = "x";
    picture.heat->middle = 1;
    return picture;
}

Picture expert_popularity(const Report& report) {
    const auto& candidates = candidates_of(report);
    Picture picture = picture_named("expert_popularity");
    bool bands = false;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (knows_experts(candidates[i])) add_popularity(picture, popularity_of(candidates[i], i));
    }
    for (PictureSeries& s : picture.series) s.mark = s.points.size() > 40 ? PictureSeries::Mark::line : PictureSeries::Mark::line_and_dots;
    if (picture.series.empty()) return nothing_to_draw(picture.id, "No candidate has experts. Add a mixture-of-experts model to see how evenly its experts are used.");
    for (const PictureSeries& s : picture.series) bands = bands || std::ranges::any_of(s.points, [](const PicturePoint& p) { return p.interval.has_value(); });
    picture.meaning = std::string("Tokens of each expert over its fair share, the most popular first") + (bands ? "; the band spans the layers." : ".") +
                      " A flat line at 1 is routing without favourites (method: activated experts).";
    picture.x = {"experts, most popular first", "", Scale::linear, true, {}, 0, {}, false, true};
    picture.y = {"load over fair share", "x", Scale::linear, true, {}, 0, {}, false, false};
    picture.markers.push_back({PictureMarker::Kind::horizontal, 0, 1, "fair share", kNeutral});
    return picture;
}

}  // namespace moeplan
