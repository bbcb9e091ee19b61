#pragma once
// Runs collected from JSON values. Private to sim/trace.

#include <optional>
#include <string>
#include <vector>

#include "sim/trace/measured_value.h"

namespace moeplan::trace {

class MeasuredCollector {
public:
    // `name` is the file's. `source` outlives the collector.
    MeasuredCollector(std::string name, const JsonValues& source) : name_(std::move(name)), source_(source) {}

    // The value the source is at.
    void add();
    Result<std::vector<MeasuredRun>> finish();
    bool hopeless() const { return problems_.size() >= kMostProblems; }

private:
    static constexpr std::size_t kMostProblems = 20;
    using json = nlohmann::json;

    // Forms; each in a file.
    void add_lists(const json& object, const std::string& where);
    void add_guidellm(const json& benchmarks);
    void add_genai_perf(const json& experiments);
    void add_experiment(const json& experiment, MeasuredRun& run);
    bool add_nested(const json& object, int depth);
    void add_one(const json& object, MeasuredRun& run, const std::string& where, bool guidellm = false);
    void add_list(const json& list, MeasuredRun& run, const std::string& where, bool guidellm = false);

    bool is_request(const json& value) const;
    void keep(const Pieces& pieces, std::string what, MeasuredRun& run, const std::string& where);
    void done(MeasuredRun&& run);
    void wrong_here(const std::string& where, std::string what, std::string hint = {});
    std::string here() const;

    std::string name_;
    const JsonValues& source_;
    std::vector<MeasuredRun> runs_;
    MeasuredRun loose_;         // requests that stand by themselves
    std::vector<std::size_t> bare_;     // lines of results without their requests
    std::vector<std::string> empty_;    // benchmarks of reports that keep none
    Problems problems_;
};

// Model, rate, concurrency and duration where an object tells them.
void read_head(const nlohmann::json& object, MeasuredRun& run);

}  // namespace moeplan::trace
