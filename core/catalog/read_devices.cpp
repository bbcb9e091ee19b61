#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/catalog/names.h"
#include "core/catalog/readers.h"

namespace moeplan {

namespace {

struct PeakField {
    std::string_view name;
    FlopsPerSecond Peaks::*rate;
};
constexpr std::array<PeakField, 6> kPeaks = {{{"fp32", &Peaks::fp32},
                                              {"bf16", &Peaks::bf16},
                                              {"fp16", &Peaks::fp16},
                                              {"fp8", &Peaks::fp8},
                                              {"fp4", &Peaks::fp4},
                                              {"int8", &Peaks::int8}}};

// Reads one device's keys over what is already known of it, remembering which were given.
class DeviceReader {
public:
    DeviceReader(const YamlNode& node, DeviceSpec base) : node_(node), spec_(std::move(base)) {}

    DeviceSpec read(bool is_new) {
        names();
        positive("memory", spec_.memory, &YamlNode::bytes, is_new);
        positive("visible", spec_.visible, &YamlNode::bytes, false);
        positive("bandwidth", spec_.bandwidth, &YamlNode::bytes_per_second, is_new);
        peaks(is_new);
        share("bandwidth_fraction", spec_.bandwidth_fraction, is_new);
        share("compute_fraction", spec_.compute_fraction, is_new);
        const bool narrow = spec_.has_fp8() || spec_.has_fp4() || spec_.peak.int8.value > 0;
        share("compute_fraction_fp8", spec_.compute_fraction_fp8, is_new && narrow);
        positive("link", spec_.link, &YamlNode::bytes_per_second, false);
        share("link_fraction", spec_.link_fraction, is_new);
        domain(is_new);
        positive("pcie", spec_.pcie, &YamlNode::bytes_per_second, false);
        positive("network", spec_.network, &YamlNode::bytes_per_second, false);
        details();
        std::vector<Datum> kept = std::move(spec_.sources);
        spec_.sources = read_sources(node_, given_);
        for (Datum& old : kept)  // an override keeps the sources of what it leaves alone
            if (std::find(given_.begin(), given_.end(), old.field) == given_.end())
                spec_.sources.push_back(std::move(old));
        node_.reject_unknown_keys();
        return std::move(spec_);
    }

private:
    YamlNode take(std::string_view key, bool required) {
        YamlNode value = node_[key];
        if (value.exists()) given_.emplace_back(key);
        else if (required) node_.problem(fmt::format("'{}' is missing", key));
        return value;
    }

    void names() {
        if (node_["name"].exists()) spec_.name = node_["name"].text().value_or(spec_.id);
        if (spec_.name.empty()) spec_.name = spec_.id;
        if (node_["arch"].exists()) spec_.arch = node_["arch"].text().value_or(std::string{});
        if (node_["aliases"].exists()) spec_.aliases = names_of(node_["aliases"]);
    }

    template <class Q>
    void positive(std::string_view key, Q& into, std::optional<Q> (YamlNode::*as)() const, bool required) {
        const YamlNode value = take(key, required);
        if (!value.exists()) return;
        if (const auto q = (value.*as)()) {
            if (q->value > 0) into = *q;
            else value.problem("a positive figure is expected", "leave the key out when there is none");
        }
    }

    void share(std::string_view key, Estimate& into, bool required) {
        const YamlNode value = take(key, required);
        if (!value.exists()) return;
        if (const auto e = value.estimate()) {
            if (e->low > 0 && e->high <= 1) into = *e;
            else value.problem("a share above 0 and up to 1 is expected");
        }
    }

    void peaks(bool required) {
        const YamlNode table = node_["peak"];
        if (!table.exists()) {
            if (required) node_.problem("'peak' is missing: dense rates by format, {bf16: 989 TFLOP/s, …}");
            return;
        }
        bool any = false;
        for (const PeakField& field : kPeaks) {
            const YamlNode value = table[field.name];
            if (!value.exists()) continue;
            any = true;
            given_.push_back(fmt::format("peak.{}", field.name));
            const auto rate = value.flops_per_second();
            if (rate && rate->value > 0) spec_.peak.*field.rate = *rate;
            else if (rate)
                value.problem("a positive rate is expected", "leave out formats the chip has no unit for");
        }
        table.reject_unknown_keys();
        if (!any) table.problem("at least one dense rate is expected");
    }

    void domain(bool required) {
        const YamlNode value = take("link_domain", required);
        if (value.exists()) spec_.link_domain = value.integer(1, 1'000'000).value_or(spec_.link_domain);
    }

    void details() {
        Watts power;
        positive("power", power, &YamlNode::watts, false);
        if (power.value > 0) spec_.power = power;
        Bytes l2;
        positive("l2", l2, &YamlNode::bytes, false);
        if (l2.value > 0) spec_.l2_mb = l2.value / 1e6;
        const YamlNode count = take("sm_count", false);
        if (count.exists()) spec_.sm_count = count.integer(1, 1'000'000);
    }

    YamlNode node_;
    DeviceSpec spec_;
    std::vector<std::string> given_;
};

}  // namespace

std::vector<DeviceSpec> read_devices(const YamlNode& root, const std::vector<DeviceSpec>& known) {
    std::vector<DeviceSpec> out;
    if (!root.is_map()) {
        root.problem("a map from device id to its figures is expected");
        return out;
    }
    for (const std::string& id : root.keys()) {
        const auto base =
            std::find_if(known.begin(), known.end(), [&](const auto& d) { return same_name(d.id, id); });
        DeviceSpec start = base == known.end() ? DeviceSpec{} : *base;
        if (base == known.end()) start.id = id;
        out.push_back(DeviceReader(root[id], std::move(start)).read(base == known.end()));
    }
    return out;
}

}  // namespace moeplan
