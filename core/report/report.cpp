#include "core/report/report.h"

#include <algorithm>

namespace moeplan {
namespace {

template <class List, class Key>
auto* first_with(List& list, std::string_view wanted, Key key) {
    const auto found = std::ranges::find(list, wanted, key);
    return found == list.end() ? nullptr : &*found;
}

}  // namespace

const Metric* CandidateReport::find(std::string_view id) const {
    return first_with(metrics, id, [](const Metric& m) { return std::string_view(m.id); });
}

const CandidateReport* Report::find(std::string_view name) const {
    return first_with(candidates, name, [](const CandidateReport& c) { return std::string_view(c.name); });
}

std::string_view name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::holds: return "holds";
        case Outcome::conditional: return "conditional";
        case Outcome::fails: return "fails";
    }
    return "fails";
}

const std::vector<MetricGroup>& all_metric_groups() {
    static const std::vector<MetricGroup> groups{
        MetricGroup::model, MetricGroup::memory,  MetricGroup::speed,  MetricGroup::utilisation,
        MetricGroup::money, MetricGroup::quality, MetricGroup::energy,
    };
    return groups;
}

std::string_view heading_of(MetricGroup group) {
    switch (group) {
        case MetricGroup::model: return "What it is";
        case MetricGroup::memory: return "Does it fit";
        case MetricGroup::speed: return "How fast";
        case MetricGroup::utilisation: return "Where the time goes";
        case MetricGroup::money: return "What it costs";
        case MetricGroup::quality: return "How good the answers are";
        case MetricGroup::energy: return "Energy";
    }
    return "";
}

}  // namespace moeplan
