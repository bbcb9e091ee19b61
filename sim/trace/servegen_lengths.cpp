// ServeGen's chunk-N-dataset.json, whose distributions are Python dictionaries in strings.
#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/trace/json_input.h"
#include "sim/trace/servegen.h"
#include "sim/trace/trace_parts.h"

namespace moeplan {
namespace {

using nlohmann::json;
using trace::parse_number;
using trace::wrong;

constexpr std::size_t kMostWindows = 100'000;
constexpr double kMostLength = 1e9;

std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

struct Chances {
    std::vector<LengthChance> cumulative;
    std::string what;   // is wrong; empty = nothing
};

// Weights to running shares; lengths of 0 tokens are no requests.
std::vector<LengthChance> summed(const std::vector<std::pair<double, double>>& weights) {
    double total = 0;
    for (const auto& [length, weight] : weights) total += weight;
    std::vector<LengthChance> chances;
    double up_to = 0;
    for (const auto& [length, weight] : weights) {
        up_to += weight;
        if (weight > 0) chances.push_back({static_cast<std::int32_t>(length), static_cast<float>(up_to / total)});
    }
    if (!chances.empty()) chances.back().up_to = 1;
    return chances;
}

// "{45: 0.25, 46: 0.75}"; "{}" gives nothing.
Chances read_chances(std::string_view text) {
    text = trimmed(text);
    if (text.size() < 2 || text.front() != '{' || text.back() != '}') return {{}, "no '{length: probability, …}'"};
    text = trimmed(text.substr(1, text.size() - 2));
    std::vector<std::pair<double, double>> weights;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view entry = text.substr(0, comma);
        text = comma == std::string_view::npos ? std::string_view() : trimmed(text.substr(comma + 1));
        const std::size_t colon = entry.find(':');
        const auto length = parse_number(entry.substr(0, colon));
        const auto weight = colon == std::string_view::npos ? std::nullopt : parse_number(entry.substr(colon + 1));
        if (!length || !weight || *length < 0 || *length > kMostLength || *length != std::floor(*length) ||
            *weight < 0 || *weight > 1e15) {
            return {{},
                    fmt::format("entry '{}'; a whole length up to 1e9 and its probability are expected",
                                entry.substr(0, 40))};
        }
        if (*length >= 1) weights.emplace_back(*length, *weight);
    }
    return {summed(weights), {}};
}

// One window; nothing where it has no lengths. `what` is what is wrong with it.
std::optional<ServeGenLengths> read_window(const std::string& key, const json& body, std::string& what) {
    const auto start = parse_number(key);
    if (!start || *start < 0 || *start > 1e12) {
        what = "its key is not a start in seconds";
        return std::nullopt;
    }
    ServeGenLengths lengths;
    lengths.start_s = *start;
    for (auto [name, into] : {std::pair("input_tokens", &lengths.input), std::pair("output_tokens", &lengths.output)}) {
        const auto at = body.is_object() ? body.find(name) : body.end();
        if (!body.is_object() || at == body.end() || !at->is_string()) {
            what = fmt::format("no text '{}'", name);
            return std::nullopt;
        }
        Chances chances = read_chances(at->get_ref<const std::string&>());
        if (!chances.what.empty()) {
            what = fmt::format("'{}': {}", name, chances.what);
            return std::nullopt;
        }
        *into = std::move(chances.cumulative);
    }
    if (lengths.input.empty() || lengths.output.empty()) return std::nullopt;
    return lengths;
}

Result<json> parsed(std::istream& stream, const std::string& name) {
    auto text = trace::read_json_text(stream, name);
    if (!text) return fail(text.error());
    try {
        json root = json::parse(*text);
        if (root.is_object()) return root;
    } catch (const json::exception& e) {
        return fail(wrong(name, fmt::format("not valid JSON: {}", std::string_view(e.what()).substr(0, 120))));
    }
    return fail(wrong(name, "not a JSON object; ServeGen's lengths by window start are expected"));
}

}  // namespace

Result<std::vector<ServeGenLengths>> parse_servegen_lengths(std::istream& stream, const std::string& name) {
    const auto root = parsed(stream, name);
    if (!root) return fail(root.error());
    if (root->size() > kMostWindows) return fail(wrong(name, fmt::format("more than {} windows", kMostWindows)));
    std::vector<ServeGenLengths> all;
    for (const auto& [key, body] : root->items()) {
        std::string what;
        auto lengths = read_window(key, body, what);
        if (!what.empty()) return fail(wrong(name, fmt::format("window '{}': {}", key.substr(0, 40), what)));
        if (lengths) all.push_back(std::move(*lengths));
    }
    const auto by_start = [](const ServeGenLengths& a, const ServeGenLengths& b) { return a.start_s < b.start_s; };
    std::sort(all.begin(), all.end(), by_start);
    return all;
}

}  // namespace moeplan
