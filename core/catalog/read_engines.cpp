#include <algorithm>

#include <fmt/format.h>

#include "core/catalog/names.h"
#include "core/catalog/readers.h"

namespace moeplan {

namespace {

constexpr std::int64_t kMostTokens = 1'000'000'000;

class EngineReader {
public:
    EngineReader(const YamlNode& node, EngineSpec base, bool is_new)
        : node_(node), spec_(std::move(base)), is_new_(is_new) {}

    EngineSpec read() {
        if (node_["name"].exists()) spec_.name = node_["name"].text().value_or(spec_.id);
        if (spec_.name.empty()) spec_.name = spec_.id;
        if (node_["aliases"].exists()) spec_.aliases = names_of(node_["aliases"]);
        memory();
        count("block_tokens", spec_.block_tokens);
        count("max_sequences", spec_.max_sequences);
        count("token_budget", spec_.token_budget);
        flag("chunked_prefill", spec_.chunked_prefill);
        flag("continuous_batching", spec_.continuous_batching);
        flag("host_offload", spec_.host_offload);
        flag("kv_on_demand", spec_.kv_on_demand);
        if (node_["whole_prompts"].exists()) flag("whole_prompts", spec_.whole_prompts);
        if (node_["async_scheduling"].exists()) flag("async_scheduling", spec_.async_scheduling);
        if (node_["pipelined_chunks"].exists()) flag("pipelined_chunks", spec_.pipelined_chunks);
        time("step_overhead", spec_.step_overhead_s);
        time("sequence_overhead", spec_.sequence_overhead_s);
        time("request_overhead", spec_.request_overhead_s);
        time("kernel_launch", spec_.kernel_launch_s);
        on_devices();
        if (node_["prefill_overhead"].exists()) time("prefill_overhead", spec_.prefill_overhead_s);
        if (node_["prefill_layer"].exists()) time("prefill_layer", spec_.prefill_layer_s);
        if (node_["graph_tokens"].exists()) count("graph_tokens", spec_.graph_tokens);
        if (node_["filtering"].exists()) spec_.filtering = read_filtering(take("filtering"));
        versions();
        error_of("step_error", spec_.step_error);
        error_of("first_token_error", spec_.first_token_error);
        std::vector<Datum> kept = std::move(spec_.sources);
        spec_.sources = read_sources(node_, given_);
        for (Datum& old : kept)
            if (std::find(given_.begin(), given_.end(), old.field) == given_.end())
                spec_.sources.push_back(std::move(old));
        node_.reject_unknown_keys();
        return std::move(spec_);
    }

private:
    YamlNode take(std::string_view key) {
        YamlNode value = node_[key];
        if (value.exists()) given_.emplace_back(key);
        else if (is_new_) node_.problem(fmt::format("'{}' is missing", key));
        return value;
    }
    void memory() {
        const YamlNode share = take("memory_fraction");
        if (share.exists()) {
            const auto f = share.fraction();
            if (f && *f > 0) spec_.memory_fraction = *f;
            else if (f) share.problem("a share above 0 is expected");
        }
        for (auto [key, into] :
             {std::pair{"reserved", &spec_.reserved}, std::pair{"communicator", &spec_.communicator}}) {
            const YamlNode value = take(key);
            if (value.exists()) *into = value.bytes().value_or(*into);
        }
    }
    void error_of(std::string_view key, Estimate& into) {
        if (!node_[key].exists()) return;
        const YamlNode ratio = take(key);
        const auto low = ratio["low"].number(0.1, 1), high = ratio["high"].number(1, 10);
        if (low && high) into = {1, *low, *high};
        ratio.reject_unknown_keys();
    }
    static std::optional<Filtering> read_filtering(const YamlNode& node) {
        if (!node.expect_map("{kernels: 25, bytes: 600}")) return std::nullopt;
        const auto kernels = node["kernels"].number(1, 1e4), bytes = node["bytes"].number(1, 1e6);
        node.reject_unknown_keys();
        return kernels && bytes ? std::optional(Filtering{*kernels, *bytes}) : std::nullopt;
    }
    // A list replaces the known one; without it a figure given anew holds of every version.
    void versions() {
        const YamlNode list = node_["versions"];
        if (!list.exists()) {
            for (VersionDefaults& known : spec_.versions) {
                if (node_["memory_fraction"].exists()) known.memory_fraction.reset();
                if (node_["async_scheduling"].exists()) known.async_scheduling.reset();
                if (node_["filtering"].exists()) known.filtering.reset();
            }
            return;
        }
        spec_.versions.clear();
        for (const YamlNode& item : list.items()) {
            VersionDefaults then;
            const YamlNode before = item["before"];
            const auto text = before.raw();
            const auto version = text ? parse_engine_version(*text) : std::nullopt;
            if (text && !version) before.problem(fmt::format("'{}' is not a version", *text), "0.14, 0.14.1");
            if (item["memory_fraction"].exists()) then.memory_fraction = item["memory_fraction"].fraction();
            if (item["async_scheduling"].exists()) then.async_scheduling = item["async_scheduling"].boolean();
            if (item["filtering"].exists()) then.filtering = read_filtering(item["filtering"]);
            item.reject_unknown_keys();
            if (!version) continue;
            then.before = *version;
            if (!spec_.versions.empty() && then.before >= spec_.versions.back().before) before.problem("versions go from the newest to the oldest");
            spec_.versions.push_back(then);
        }
    }
    // A list replaces the known one; without it a figure given anew holds on every device.
    void on_devices() {
        const YamlNode list = node_["on_devices"];
        if (!list.exists()) {
            for (DeviceDefaults& known : spec_.on_devices) {
                if (node_["max_sequences"].exists()) known.max_sequences.reset();
                if (node_["token_budget"].exists()) known.token_budget.reset();
                if (node_["prefill_overhead"].exists()) known.prefill_overhead_s.reset();
            }
            return;
        }
        spec_.on_devices.clear();
        for (const YamlNode& item : list.items()) {
            DeviceDefaults d;
            if (item["also"].exists()) d.also = names_of(item["also"]);
            if (item["below"].exists() || d.also.empty()) d.below = item["below"].bytes().value_or(Bytes{});
            if (item["max_sequences"].exists()) d.max_sequences = item["max_sequences"].integer(1, kMostTokens);
            if (item["token_budget"].exists()) d.token_budget = item["token_budget"].integer(1, kMostTokens);
            if (item["prefill_overhead"].exists()) d.prefill_overhead_s = seconds_estimate(item["prefill_overhead"]);
            item.reject_unknown_keys();
            spec_.on_devices.push_back(std::move(d));
        }
    }
    void count(std::string_view key, std::int64_t& into) {
        const YamlNode value = take(key);
        if (value.exists()) into = value.integer(1, kMostTokens).value_or(into);
    }
    void flag(std::string_view key, bool& into) {
        const YamlNode value = take(key);
        if (value.exists()) into = value.boolean().value_or(into);
    }
    void time(std::string_view key, Estimate& into) {
        const YamlNode value = take(key);
        if (value.exists()) into = seconds_estimate(value).value_or(into);
    }

    YamlNode node_;
    EngineSpec spec_;
    bool is_new_;
    std::vector<std::string> given_;
};

}  // namespace

std::vector<EngineSpec> read_engines(const YamlNode& root, const std::vector<EngineSpec>& known) {
    std::vector<EngineSpec> out;
    if (!root.is_map()) {
        root.problem("a map from engine id to its figures is expected");
        return out;
    }
    for (const std::string& id : root.keys()) {
        const auto base =
            std::find_if(known.begin(), known.end(), [&](const auto& e) { return same_name(e.id, id); });
        EngineSpec start = base == known.end() ? EngineSpec{} : *base;
        if (base == known.end()) start.id = id;
        out.push_back(EngineReader(root[id], std::move(start), base == known.end()).read());
    }
    return out;
}

}  // namespace moeplan
