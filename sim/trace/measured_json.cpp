// Measured requests as JSON: lists side by side, or an object per request.
#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/trace/json_input.h"
#include "sim/trace/measured_parts.h"
#include "sim/trace/trace_parts.h"

namespace moeplan::trace {
namespace {

using nlohmann::json;

// Times are sums of doubles, and counts come as either.
std::optional<double> number_of(const json& value) {
    if (value.is_number()) return value.get<double>();
    if (value.is_boolean()) return value.get<bool>() ? 1.0 : 0.0;
    return std::nullopt;
}

bool tells_error(const json& value) {
    if (value.is_null()) return false;
    if (value.is_string()) return !value.get_ref<const std::string&>().empty();
    if (value.is_boolean()) return value.get<bool>();
    return true;
}

void add_gaps(const json& list, double unit, Pieces& pieces) {
    double sum = 0, count = 0;
    for (const json& gap : list) {
        if (!gap.is_number()) continue;
        sum += gap.get<double>() * unit;
        ++count;
    }
    pieces.gap_sum = sum;
    pieces.gap_count = count;
}

// One value of a request; false: it is not what its key holds.
bool read_value(const Key& key, const json& value, Pieces& pieces) {
    if (key.role == Role::error) {
        pieces.failed = pieces.failed || tells_error(value);
        return true;
    }
    if (value.is_null()) return true;
    double unit = key.unit.value_or(1);
    const bool time = key.role != Role::input && key.role != Role::output && key.role != Role::success;
    if (value.is_object()) {   // {"value": 12.5, "unit": "ms"}
        const auto inner = value.find("value");
        const auto word = value.find("unit");
        if (inner == value.end() || inner->is_object()) return false;
        if (time && word != value.end() && word->is_string()) {
            const auto told = time_unit(word->get_ref<const std::string&>());
            if (!told) return false;
            unit = *told;
        }
        return read_value({key.role, unit}, *inner, pieces);
    }
    if (value.is_array() && key.role == Role::gaps) {
        add_gaps(value, unit, pieces);
        return true;
    }
    if (value.is_string() && key.role == Role::arrival) {
        const auto date = parse_timestamp(value.get_ref<const std::string&>());
        if (date) pieces.set(key.role, static_cast<double>(*date) * 1e-9);
        return date.has_value();
    }
    const auto number = number_of(value);
    if (number) pieces.set(key.role, *number * (time ? unit : 1));
    return number.has_value();
}

// A request as an object; its values may lie in metrics and metadata. What is wrong, or an empty text.
std::string read_request(const json& object, Pieces& pieces) {
    for (const auto& [name, value] : object.items()) {
        if ((name == "metrics" || name == "metadata") && value.is_object()) {
            for (const auto& [inner, part] : value.items()) {
                const auto key = measured_key(inner);
                // Metrics of other kinds share their words with none of ours.
                if (key && !read_value(*key, part, pieces))
                    return fmt::format("'{}' is not a number with a unit", inner.substr(0, 40));
            }
            continue;
        }
        const auto key = measured_key(name);
        if (key && !read_value(*key, value, pieces)) return fmt::format("'{}' is not a number", name.substr(0, 40));
    }
    return {};
}

bool is_request(const json& value) {
    if (!value.is_object()) return false;
    Pieces pieces;
    return read_request(value, pieces).empty() && pieces.complete();
}

class Collector {
public:
    explicit Collector(std::string name) : name_(std::move(name)) {}

    // `where` is the value's place in the file.
    void add(const json& value, const std::string& where) {
        if (value.is_array()) {
            add_list(value, loose_, where);
        } else if (!value.is_object()) {
            problems_.push_back(wrong(where, "neither a request nor a result: a JSON object is expected"));
        } else if (has_lists(value)) {
            add_lists(value, where);
        } else if (!add_nested(value, where)) {
            add_request(value, loose_, where);
        }
    }

    Result<std::vector<MeasuredRun>> finish() {
        if (!loose_.requests.empty()) runs_.push_back(std::move(loose_));
        if (problems_.empty() && runs_.empty()) problems_.push_back(wrong(name_, "holds no measured request"));
        if (!problems_.empty()) return fail(std::move(problems_));
        for (MeasuredRun& run : runs_) settle(run);
        return std::move(runs_);
    }
    bool hopeless() const { return problems_.size() >= kMostProblems; }

private:
    static constexpr std::size_t kMostProblems = 20;
    static constexpr int kNesting = 6;

    static bool has_lists(const json& object) {
        for (const auto& [name, value] : object.items()) {
            if (value.is_array() && !value.empty() && !value.front().is_object() && name != "itl" && measured_key(name))
                return true;
        }
        return false;
    }

    static void read_head(const json& object, MeasuredRun& run) {
        for (const char* key : {"model_id", "model"}) {
            const auto at = object.find(key);
            if (at != object.end() && at->is_string() && run.model_id.empty()) run.model_id = at->get<std::string>();
        }
        for (auto [key, into] :
             {std::pair("max_concurrency", &run.max_concurrency), std::pair("request_rate", &run.request_rate),
              std::pair("burstiness", &run.burstiness), std::pair("duration", &run.duration_s)}) {
            const auto at = object.find(key);
            if (at == object.end()) continue;
            if (at->is_number()) *into = at->get<double>();
            // Infinity is no JSON: it is written as a text, or was made null on the way.
            const bool endless = at->is_string() && at->get_ref<const std::string&>() == "inf";
            if (endless) *into = std::numeric_limits<double>::infinity();
        }
    }

    void add_lists(const json& object, const std::string& where) {
        MeasuredRun run;
        read_head(object, run);
        std::vector<std::pair<Key, const json*>> lists;
        std::size_t count = 0;
        for (const auto& [name, value] : object.items()) {
            const auto key = measured_key(name);
            if (!key || !value.is_array() || value.empty()) continue;   // an empty list says nothing of anybody
            if (!lists.empty() && value.size() != count) {
                problems_.push_back(wrong(where, fmt::format("'{}' has {} entries where another list has {}",
                                                             name.substr(0, 40), value.size(), count)));
                return;
            }
            count = value.size();
            lists.emplace_back(*key, &value);
        }
        for (std::size_t i = 0; i < count && !hopeless(); ++i) {
            Pieces pieces;
            std::string what;
            for (const auto& [key, list] : lists) {
                if (!read_value(key, (*list)[i], pieces))
                    what = fmt::format("request {}: an entry of its lists is not a number", i);
            }
            keep(pieces, std::move(what), run, where);
        }
        if (!run.requests.empty()) runs_.push_back(std::move(run));
    }

    // Lists of requests inside: {"benchmarks": [{"requests": {"successful": [...]}}]}. False: there are none.
    bool add_nested(const json& object, const std::string& where, int depth = 0) {
        bool found = false;
        for (const auto& [name, value] : object.items()) {
            if (depth > kNesting || name == "errored" || name == "incomplete" || name == "total") continue;
            if (value.is_object()) found = add_nested(value, where, depth + 1) || found;
            if (!value.is_array() || value.empty() || !value.front().is_object()) continue;
            if (is_request(value.front())) {
                MeasuredRun run;
                read_head(object, run);
                add_list(value, run, where);
                runs_.push_back(std::move(run));
                found = true;
                continue;
            }
            for (const json& inner : value) found = (inner.is_object() && add_nested(inner, where, depth + 1)) || found;
        }
        return found;
    }

    void add_list(const json& list, MeasuredRun& into, const std::string& where) {
        for (std::size_t i = 0; i < list.size() && !hopeless(); ++i)
            add_request(list[i], into, fmt::format("{}: entry {}", where, i));
    }

    void add_request(const json& value, MeasuredRun& run, const std::string& where) {
        if (!value.is_object()) {
            problems_.push_back(wrong(where, "not a JSON object"));
            return;
        }
        if (run.requests.empty()) read_head(value, run);
        Pieces pieces;
        std::string what = read_request(value, pieces);
        keep(pieces, std::move(what), run, where);
    }

    void keep(const Pieces& pieces, std::string what, MeasuredRun& run, const std::string& where) {
        MeasuredRequest request;
        if (what.empty() && !pieces.complete()) {
            problems_.push_back(
                wrong(where, "no request with a length and a measured time",
                      "save the details: vllm bench serve --save-detailed, sglang.bench_serving --output-details"));
            return;
        }
        if (what.empty()) what = pieces.finish(request);
        if (what.empty() && run.requests.size() == kMostMeasured) what = "more than 10 million requests";
        if (what.empty()) run.requests.push_back(request);
        else problems_.push_back(wrong(where, std::move(what)));
    }

    std::string name_;
    std::vector<MeasuredRun> runs_;
    MeasuredRun loose_;   // requests that stand by themselves
    Problems problems_;
};

// Where a text stands: the line of its `at`th byte.
std::size_t line_of(std::string_view text, std::size_t at) {
    return 1 + static_cast<std::size_t>(std::count(
                   text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(at, text.size())), '\n'));
}

// The end of the value that begins at `from`: brackets balanced outside of texts, or the line's end for what has none.
std::size_t end_of_value(std::string_view text, std::size_t from) {
    int open = 0;
    bool quoted = false;
    for (std::size_t i = from; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            else if (c == '"') quoted = false;
            continue;
        }
        if (c == '"') quoted = true;
        else if (c == '{' || c == '[') ++open;
        else if ((c == '}' || c == ']') && --open <= 0) return i + 1;
        else if (c == '\n' && open == 0) return i;
    }
    return text.size();
}

}  // namespace

Result<std::vector<MeasuredRun>> measured_json(std::istream& stream, const std::string& name) {
    const auto text = read_json_text(stream, name);
    if (!text) return fail(text.error());
    Collector collector(name);
    constexpr const char* kBlank = " \t\r\n";
    std::size_t from = text->find_first_not_of(" \t\r\n\xEF\xBB\xBF");   // a byte order mark may come first
    std::size_t line = 1, counted = 0;
    while (from != std::string::npos && !collector.hopeless()) {
        const std::size_t end = end_of_value(*text, from);
        line += line_of(std::string_view(*text).substr(counted, from - counted), from - counted) - 1;
        counted = from;
        const std::string where = fmt::format("{}:{}", name, line);
        json value = json::parse(text->begin() + static_cast<std::ptrdiff_t>(from),
                                 text->begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
        if (value.is_discarded())
            return fail(wrong(where, "not valid JSON; a result, or a request a line, is expected"));
        collector.add(value, where);
        from = text->find_first_not_of(kBlank, end);
    }
    return collector.finish();
}

}  // namespace moeplan::trace
