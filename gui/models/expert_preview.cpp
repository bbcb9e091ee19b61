#include "gui/models/expert_preview.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "core/report/format.h"
#include "gui/models/pictures.h"

namespace moeplan {
namespace {

// Mean over layers of the load at each place, places by load within a layer; what the picture draws.
std::vector<double> loads_by_place(const ExpertLoadMap& map) {
    const auto experts = static_cast<std::size_t>(map.experts);
    const std::size_t layers = experts > 0 ? map.expert_load.size() / experts : 0;
    std::vector<double> mean(experts, 0);
    for (std::size_t layer = 0; layer < layers; ++layer) {
        std::vector<double> row(map.expert_load.begin() + static_cast<std::ptrdiff_t>(layer * experts),
                                map.expert_load.begin() + static_cast<std::ptrdiff_t>((layer + 1) * experts));
        std::ranges::sort(row, std::greater{});
        for (std::size_t e = 0; e < experts; ++e) mean[e] += row[e] / static_cast<double>(layers);
    }
    return mean;
}

// "counts from /a/b/c.json (32 layers)" -> "counts from c.json (32 layers)".
std::string without_folders(const std::string& source) {
    const auto from = source.find("from ");
    const auto slash = source.rfind('/');
    if (from == std::string::npos || slash == std::string::npos || slash < from) return source;
    return source.substr(0, from + 5) + source.substr(slash + 1);
}

std::string words_for(const CandidateReport& candidate) {
    const auto loads = loads_by_place(*candidate.expert_load);
    const double all = std::accumulate(loads.begin(), loads.end(), 0.0);
    if (loads.empty() || all <= 0) return {};
    const std::size_t top = std::max<std::size_t>(1, loads.size() / 10 + (loads.size() < 20 ? 1 : 0));
    const double share = std::accumulate(loads.begin(), loads.begin() + static_cast<std::ptrdiff_t>(top), 0.0) / all;
    return fmt::format("The hottest of {} experts of {} gets {}× a fair share; the busiest {} do{} {} of the work ({}).", loads.size(),
                       candidate.name, format_number(loads.front()), top == 1 ? "one" : std::to_string(top), top == 1 ? "es" : "",
                       format_value(share, "fraction"), without_folders(candidate.expert_load->source));
}

}  // namespace

ExpertPreview expert_preview(const Report& report) {
    ExpertPreview preview;
    const PictureEntry* entry = find_picture("expert_popularity");
    preview.picture = entry->make(report);
    Picture& picture = preview.picture;
    picture.id = "expert_preview";
    if (picture.empty()) {
        picture.nothing = "No candidate has experts.";
        return preview;
    }
    picture.title.clear();
    picture.meaning.clear();
    picture.x.label = "experts, hottest first";
    picture.y.label = "load over fair";
    picture.series.resize(1);
    picture.series.front().in_legend = false;
    const auto first =
        std::ranges::find_if(report.candidates, [](const CandidateReport& c) { return c.expert_load && c.expert_load->experts > 0; });
    if (first != report.candidates.end()) preview.words = words_for(*first);
    return preview;
}

}  // namespace moeplan
