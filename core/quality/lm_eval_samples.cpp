// samples_*.jsonl of lm-evaluation-harness, one line per document (and filter), streamed.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <unordered_map>

#include <fmt/format.h>

#include "core/base/line_reader.h"
#include "core/quality/parse_json.h"
#include "core/quality/lm_eval.h"

namespace moeplan {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestLine = std::size_t{64} << 20;
constexpr std::size_t kKeptProblems = 20;
constexpr double kMostBad = 0.01;
constexpr std::size_t kMostKeys = 256;       // metrics x filters
constexpr std::size_t kMostDocuments = 50'000'000;

struct Sum {
    double rows = 0, total = 0;
    bool fraction = true;  // every value was within 0..1
};

// Welford's running mean and variance.
struct Lengths {
    double n = 0, mean = 0, m2 = 0;
    void add(double x) {
        n += 1;
        const double delta = x - mean;
        mean += delta / n;
        m2 += delta * (x - mean);
    }
    double stddev() const { return n > 1 ? std::sqrt(m2 / (n - 1)) : 0; }
};

// A number, a truth value, or a list of them (its mean); nothing otherwise.
std::optional<double> value_of(const json& value) {
    if (value.is_boolean()) return value.get<bool>() ? 1.0 : 0.0;
    if (value.is_number()) return value.get<double>();
    if (!value.is_array() || value.empty()) return std::nullopt;
    double sum = 0;
    for (const json& item : value) {
        if (!item.is_boolean() && !item.is_number()) return std::nullopt;
        sum += item.is_boolean() ? (item.get<bool>() ? 1.0 : 0.0) : item.get<double>();
    }
    return sum / static_cast<double>(value.size());
}

// Unicode characters, not bytes.
double characters(const std::string& text) {
    std::size_t n = 0;
    for (const char c : text) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return static_cast<double>(n);
}

// resps is [[first, repeated, …], …]: text for generation, [logprob, greedy] pairs for multiple choice.
const json* first_response(const json& row) {
    const auto it = row.find("resps");
    if (it == row.end() || !it->is_array() || it->empty()) return nullptr;
    const json& first = it->front();
    if (first.is_string()) return &first;
    if (!first.is_array() || first.empty() || !first.front().is_string()) return nullptr;
    // [["-0.008", "True"]] is one log-probability pair of a request list flattened by older versions.
    const bool pair =
        first.size() == 2 && first[1].is_string() && (first[1] == "True" || first[1] == "False");
    return pair ? nullptr : &first.front();
}

class Reader {
public:
    explicit Reader(const std::string& name) : name_(name) {}

    void take(std::string_view line, std::size_t number, bool too_long) {
        const std::string where = fmt::format("{}:{}", name_, number);
        if (!too_long && line.find_first_not_of(" \t") == std::string_view::npos) return;
        ++lines_;
        if (too_long) return bad(where, fmt::format("a line longer than {} MiB", kLongestLine >> 20));
        const auto row = quality::parse_json(line, where);
        if (!row) {
            ++bad_;
            if (first_bad_.size() < kKeptProblems) first_bad_.push_back(row.error().front());
            return;
        }
        if (!row->is_object()) return bad(where, "not an object; one document's sample is expected");
        const auto doc = row->find("doc_id");
        if (doc == row->end() || !doc->is_number_integer()) return bad(where, "no whole-number 'doc_id'");
        if (!read_row(*row, doc->get<std::int64_t>())) bad(where, "no metric: no number beside doc_id");
    }

    Result<SampleSummary> finish(const std::string& metric);

private:
    void bad(const std::string& where, std::string what) {
        ++bad_;
        if (first_bad_.size() < kKeptProblems) {
            first_bad_.push_back({where, "", std::move(what), "", ProblemKind::wrong_input});
        }
    }

    bool read_row(const json& row, std::int64_t doc) {
        const auto named = row.find("filter");
        std::string filter;
        if (named != row.end() && named->is_string()) {
            filter = named->get<std::string>();
        } else {
            if (seen_.size() >= kMostDocuments) return false;
            const unsigned nth = ++seen_[doc];
            deepest_ = std::max(deepest_, nth);
            filter = fmt::format("#{}", nth);
        }
        bool any = false;
        for (const auto& [key, value] : row.items()) {
            if (key == "doc_id" || key == "arguments" || key == "resps" || key == "filtered_resps") continue;
            const auto number = value_of(value);
            if (!number) continue;
            const std::string name = key + "," + filter;
            if (sums_.size() >= kMostKeys && !sums_.count(name)) continue;
            Sum& sum = sums_[name];
            sum.rows += 1;
            sum.total += *number;
            sum.fraction = sum.fraction && *number >= 0 && *number <= 1;
            any = true;
        }
        if (const json* text = first_response(row);
            text && (lengths_.size() < kMostKeys || lengths_.count(filter))) {
            lengths_[filter].add(characters(text->get_ref<const std::string&>()));
        }
        return any;
    }

    std::string name_;
    std::size_t lines_ = 0, bad_ = 0;
    unsigned deepest_ = 0;
    Problems first_bad_;
    std::map<std::string, Sum> sums_;         // "metric,filter"
    std::map<std::string, Lengths> lengths_;  // by filter
    std::unordered_map<std::int64_t, unsigned> seen_;  // documents of rows that name no filter
};

Result<SampleSummary> Reader::finish(const std::string& metric) {
    if (lines_ == bad_) {
        Problems problems = first_bad_;
        if (problems.empty())
            problems.push_back({name_, "", "empty; one JSON object a line is expected", "", {}});
        return fail(std::move(problems));
    }
    if (static_cast<double>(bad_) > kMostBad * static_cast<double>(lines_)) {
        Problems problems = first_bad_;
        problems.push_back({name_,
                            "",
                            fmt::format("{} of {} lines are bad; at most 1 % is tolerated", bad_, lines_),
                            "",
                            {}});
        return fail(std::move(problems));
    }
    std::vector<std::string> names;
    for (const auto& [name, sum] : sums_) {
        if (!sum.fraction) continue;
        // One row a document and no filter named: the bare metric is the whole name.
        const bool bare = deepest_ == 1 && name.size() > 3 && name.compare(name.size() - 3, 3, ",#1") == 0;
        names.push_back(bare ? name.substr(0, name.size() - 3) : name);
    }
    const auto chosen = choose_metric(names, metric, Problem{name_, "", "", "", ProblemKind::wrong_input});
    if (!chosen) return fail(chosen.error());
    const std::string key = sums_.count(*chosen) ? *chosen : *chosen + ",#1";
    const Sum& sum = sums_.at(key);
    SampleSummary summary;
    summary.questions = sum.rows;
    summary.correct = sum.total;
    summary.metric = *chosen;
    const auto lengths = lengths_.find(key.substr(key.find(',') + 1));
    if (lengths != lengths_.end()) {
        summary.mean_characters = lengths->second.mean;
        summary.stddev_characters = lengths->second.stddev();
        summary.answers_with_text = lengths->second.n;
    }
    summary.bad_lines = bad_;
    summary.first_bad = first_bad_;
    return summary;
}

}  // namespace

Result<SampleSummary> parse_lm_eval_samples(std::istream& stream, const std::string& name,
                                            const std::string& metric) {
    LineReader lines(stream, kLongestLine);
    Reader reader(name);
    std::string_view line;
    while (lines.next(line)) reader.take(line, lines.number(), lines.too_long());
    return reader.finish(metric);
}

Result<SampleSummary> read_lm_eval_samples(const std::string& file, const std::string& metric) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        return fail(Problem{file, "", "cannot be opened; an lm-evaluation-harness samples file is expected",
                            "", ProblemKind::wrong_input});
    }
    return parse_lm_eval_samples(stream, file, metric);
}

}  // namespace moeplan
