#include "core/scenario/files_named.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace moeplan {
namespace {

namespace fs = std::filesystem;

class Names {
public:
    explicit Names(const std::string& study) : study_(study) {
        if (!study.empty()) all_.push_back(study);
    }
    void add(const std::string& file) {
        if (!file.empty()) all_.push_back(relative_to(study_, file));
    }
    void routing(const RoutingSpec& spec) {
        if (const auto* counts = std::get_if<CountsRouting>(&spec)) add(counts->file);
        if (const auto* trace = std::get_if<TraceRouting>(&spec)) add(trace->file);
    }
    void quality(const std::optional<QualitySpec>& spec) {
        const auto* run = spec ? std::get_if<EvaluationFile>(&spec->source) : nullptr;
        if (!run) return;
        add(run->file);
        if (run->samples) add(*run->samples);
    }
    std::vector<std::string> take() { return std::move(all_); }

private:
    const std::string& study_;
    std::vector<std::string> all_;
};

}  // namespace

std::string relative_to(const std::string& study_file, const std::string& file) {
    const fs::path path(file);
    if (path.is_absolute() || study_file.empty()) return file;
    return (fs::path(study_file).parent_path() / path).string();
}

std::vector<std::string> files_named(const Scenario& s) {
    Names names(s.file);
    if (const auto* trace = std::get_if<TraceLengths>(&s.workload.lengths)) names.add(trace->file);
    if (s.workload.arrivals) {
        if (const auto* clients = std::get_if<ServeGenArrivals>(&*s.workload.arrivals)) names.add(clients->folder);
    }
    names.routing(s.routing);
    names.quality(s.quality);
    for (const Candidate& c : s.candidates) {
        names.add(c.model);   // an id names no file that is there
        names.add(c.profile);
        if (c.routing) names.routing(*c.routing);
        names.quality(c.quality);
    }
    return names.take();
}

Problems spares_files_named(const Scenario& scenario, const std::string& output) {
    std::error_code none;
    if (output.empty() || output == "-" || !fs::is_regular_file(output, none)) return {};
    const fs::path folder = fs::absolute(output, none).parent_path();
    for (const std::string& file : files_named(scenario)) {
        std::error_code error;
        const bool same = fs::is_directory(file, error) ? fs::equivalent(file, folder, error) : fs::exists(file, error) && fs::equivalent(file, output, error);
        if (same && !error) return {{{}, {}, fmt::format("'{}' is read by this study and would be overwritten", output), "name another file", {}}};
    }
    return {};
}

}  // namespace moeplan
