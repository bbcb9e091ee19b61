#include "gui/models/pictures/makers.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

#include "gui/models/pictures.h"

namespace moeplan {
namespace {

const Document* child(const Document& node, std::string_view key) {
    const auto* map = std::get_if<Document::Map>(&node.value);
    if (!map) return nullptr;
    for (const auto& [name, value] : *map) {
        if (name == key) return &value;
    }
    return nullptr;
}

}  // namespace

Picture picture_named(std::string_view id) {
    Picture picture;
    picture.id = id;
    if (const PictureEntry* entry = find_picture(id)) picture.title = entry->title;
    return picture;
}

Picture nothing_to_draw(std::string_view id, std::string why) {
    Picture picture = picture_named(id);
    picture.nothing = std::move(why);
    return picture;
}

int colour_of_candidate(std::size_t index) { return static_cast<int>(index % static_cast<std::size_t>(kPictureColours)); }

const std::vector<CandidateReport>& candidates_of(const Report& report) {
    return report.candidates.empty() && report.exploration ? report.exploration->best : report.candidates;
}

std::string setup_of(const CandidateReport& candidate) {
    const std::size_t slash = candidate.model.rfind('/');
    return fmt::format("{} · {} × {} · {} · {}", slash == std::string::npos ? candidate.model : candidate.model.substr(slash + 1), candidate.gpu,
                       candidate.gpus, candidate.layout, candidate.precision);
}

std::optional<std::pair<double, double>> interval_of(const Estimate& estimate) {
    if (estimate.is_exact()) return std::nullopt;
    return std::pair{estimate.low, estimate.high};
}

const Document* scenario_node(const Report& report, std::string_view path) {
    const Document* node = &report.scenario;
    while (node && !path.empty()) {
        const std::size_t dot = std::min(path.find('.'), path.size());
        node = child(*node, path.substr(0, dot));
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return node;
}

std::optional<double> scenario_number(const Report& report, std::string_view path) {
    const Document* node = scenario_node(report, path);
    if (!node) return std::nullopt;
    if (const auto* whole = std::get_if<std::int64_t>(&node->value)) return static_cast<double>(*whole);
    if (const auto* number = std::get_if<double>(&node->value)) return *number;
    if (const auto* text = std::get_if<std::string>(&node->value)) {
        double value = 0;
        if (std::from_chars(text->data(), text->data() + text->size(), value).ec == std::errc{}) return value;
    }
    return std::nullopt;
}

}  // namespace moeplan
