// What a study's choices are called, in the order of their enumerations.
#include "core/scenario/scenario.h"
#include "core/scenario/sections.h"

namespace moeplan {
namespace scenario {

const std::vector<std::string>& scheduler_names() {
    static const std::vector<std::string> names{"auto", "vllm", "tensorrt_llm", "sglang", "static"};
    return names;
}

const std::vector<std::string>& preemption_names() {
    static const std::vector<std::string> names{"recompute", "swap"};
    return names;
}

const std::vector<std::string>& router_names() {
    static const std::vector<std::string> names{"round_robin", "least_loaded", "power_of_two", "prefix_affinity",
                                                "session"};
    return names;
}

const std::vector<std::string>& method_names() {
    static const std::vector<std::string> names{"analyse", "simulate"};
    return names;
}

const std::vector<std::string>& sampling_names() {
    static const std::vector<std::string> names{"greedy", "filtered"};
    return names;
}

}  // namespace scenario

std::string_view name_of(Scheduler scheduler) {
    return scenario::scheduler_names()[static_cast<std::size_t>(scheduler)];
}
std::string_view name_of(Preemption preemption) {
    return scenario::preemption_names()[static_cast<std::size_t>(preemption)];
}
std::string_view name_of(Router router) { return scenario::router_names()[static_cast<std::size_t>(router)]; }
std::string_view name_of(Sampling sampling) { return scenario::sampling_names()[static_cast<std::size_t>(sampling)]; }
std::string_view name_of(Method method) { return scenario::method_names()[static_cast<std::size_t>(method)]; }

}  // namespace moeplan
