#include <algorithm>

#include "gui/models/pictures.h"
#include "gui/models/pictures/makers.h"

namespace moeplan {

const std::vector<PictureEntry>& picture_catalog() {
    static const std::vector<PictureEntry> entries{
        {"cost_against_batch", "Cost against batch", "Compare", cost_against_batch},
        {"tpot_against_batch", "Time per token against batch", "Compare", tpot_against_batch},
        {"throughput_against_interactivity", "Throughput against interactivity", "Compare", throughput_against_interactivity},
        {"memory_stacks", "Memory of the fullest GPU", "Memory", memory_stacks},
        {"step_breakdown", "Where a decode step's time goes", "Step", step_breakdown},
        {"prefill_breakdown", "Where a prefill step's time goes", "Step", prefill_breakdown},
        {"roofline", "Roofline", "Step", roofline},
        {"expert_load", "Load of the ranks, layer by layer", "Experts", expert_load},
        {"expert_popularity", "Popularity of the experts", "Experts", expert_popularity},
        {"latency_distribution", "Latencies of the simulated requests", "Simulation", latency_distribution},
        {"simulation_requests", "Requests in the system", "Simulation", simulation_requests},
        {"simulation_cache", "KV cache held", "Simulation", simulation_cache},
        {"simulation_tokens", "Output tokens a second", "Simulation", simulation_tokens},
        {"simulation_replicas", "Replicas serving", "Simulation", simulation_replicas},
        {"request_timeline", "Requests one by one", "Simulation", request_timeline},
        {"cost_per_correct_answer", "Cost per correct answer", "Money", cost_per_correct_answer},
        {"break_even", "Break-even over utilisation and price", "Money", break_even},
    };
    return entries;
}

const PictureEntry* find_picture(std::string_view id) {
    const auto found = std::ranges::find(picture_catalog(), id, &PictureEntry::id);
    return found == picture_catalog().end() ? nullptr : &*found;
}

}  // namespace moeplan
