#include "gui/session/study_text.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string_view>


namespace moeplan {
namespace {

namespace fs = std::filesystem;
using PathChange = std::function<void(std::string&)>;

// Lines with their newline.
template <class Each>
void for_lines(const std::string& text, Each each) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
        if (!each(std::string_view(text).substr(at, end - at), end)) return;
        at = end;
    }
}

std::string_view trimmed(std::string_view line) {
    const std::size_t from = line.find_first_not_of(" \t\r\n");
    return from == std::string_view::npos ? std::string_view{} : line.substr(from);
}

void change_quality(QualitySpec& quality, const PathChange& change) {
    if (auto* evaluation = std::get_if<EvaluationFile>(&quality.source)) {
        change(evaluation->file);
        if (evaluation->samples) change(*evaluation->samples);
    }
}

void change_routing(RoutingSpec& routing, const PathChange& change) {
    if (auto* counts = std::get_if<CountsRouting>(&routing)) change(counts->file);
    if (auto* trace = std::get_if<TraceRouting>(&routing)) change(trace->file);
}

void change_workload(Workload& workload, const PathChange& change) {
    if (auto* trace = std::get_if<TraceLengths>(&workload.lengths)) change(trace->file);
    if (!workload.arrivals) return;
    if (auto* clients = std::get_if<ServeGenArrivals>(&*workload.arrivals)) change(clients->folder);
}

// A model is a path only where no name says what it is.
void change_models(Scenario& s, const Catalog& catalog, const PathChange& change) {
    const auto change_model = [&](std::string& model) {
        if (!model.empty() && !s.models.contains(model) && !catalog.model(model)) change(model);
    };
    for (Candidate& c : s.candidates) {
        change_model(c.model);
        if (c.profile.ends_with(".json")) change(c.profile);
        if (c.routing) change_routing(*c.routing, change);
        if (c.quality) change_quality(*c.quality, change);
    }
    for (SweepAxis& axis : s.sweep) {
        if (axis.name != "model") continue;
        std::ranges::for_each(axis.values, change_model);
    }
}

}  // namespace

Result<Scenario> read_study(const std::string& yaml, const std::string& file) {
    auto scenario = parse_scenario(yaml, file.empty() ? kUnsavedStudy : file);
    if (scenario && file.empty()) scenario->file.clear();
    return scenario;
}

std::string leading_comment(const std::string& yaml) {
    std::size_t comment_ends = 0;
    for_lines(yaml, [&](std::string_view line, std::size_t end) {
        const std::string_view text = trimmed(line);
        if (!text.empty() && text.front() != '#') return false;
        if (!text.empty()) comment_ends = end;
        return true;
    });
    std::string comment = yaml.substr(0, comment_ends);
    if (!comment.empty() && comment.back() != '\n') comment += '\n';
    return comment;
}

bool has_inner_comments(const std::string& yaml) {
    bool found = false;
    for_lines(yaml.substr(leading_comment(yaml).size() > yaml.size() ? yaml.size() : leading_comment(yaml).size()),
              [&](std::string_view line, std::size_t) {
                  for (std::size_t at = line.find('#'); at != std::string_view::npos && !found; at = line.find('#', at + 1)) {
                      found = at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t';
                  }
                  return !found;
              });
    return found;
}

Scenario moved_to(Scenario scenario, const std::string& file, const Catalog& catalog, bool whole_paths) {
    std::error_code ignored;
    const fs::path from = fs::absolute(scenario.file, ignored).parent_path();
    const fs::path to = fs::absolute(file, ignored).parent_path();
    const bool same_place = !scenario.file.empty() && from == to;
    const auto change = [&](std::string& path) {
        if (path.empty() || fs::path(path).is_absolute() || same_place) return;
        std::error_code error;
        fs::path found = scenario.file.empty() ? fs::absolute(path, error) : from / path;
        if (!fs::exists(found, error)) found = fs::absolute(path, error);   // a model may stand in the working folder
        if (!fs::exists(found, error)) return;
        found = found.lexically_normal();
        path = whole_paths ? found.string() : found.lexically_relative(to).string();
    };
    change_workload(scenario.workload, change);
    change_routing(scenario.routing, change);
    if (scenario.quality) change_quality(*scenario.quality, change);
    change_models(scenario, catalog, change);
    scenario.file = file;
    return scenario;
}

}  // namespace moeplan
