#include "gui/models/candidate_layouts.h"

#include <algorithm>

#include "gui/models/model_lookup.h"

namespace moeplan {
namespace {

constexpr std::size_t kMostLayouts = 200;   // nobody reads more

// As the answer takes it: the device's scale-up domain, at most 8 unless it is larger than a node.
std::int64_t node_of(const Scenario& scenario, const DeviceSpec& device) {
    if (scenario.cluster.gpus_per_node) return *scenario.cluster.gpus_per_node;
    return std::max<std::int64_t>(device.link_domain, 1);
}

}  // namespace

std::vector<Layout> candidate_layouts(const Scenario& scenario, const Catalog& catalog, std::size_t index) {
    if (index >= scenario.candidates.size()) return {};
    const Candidate& candidate = scenario.candidates[index];
    const DeviceSpec* device = catalog.device(candidate.gpu);
    const auto model = look_up_model(catalog, scenario, candidate.model);
    if (!device || !model) return {};
    std::vector<Layout> all;
    for (std::int64_t replicas = 1; replicas <= candidate.count && all.size() < kMostLayouts; replicas *= 2) {
        if (candidate.count % replicas != 0) break;
        const auto some = valid_layouts(*model, candidate.count / replicas, node_of(scenario, *device));
        all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(std::min(some.size(), kMostLayouts - all.size())));
    }
    return all;
}

}  // namespace moeplan
