#include <fmt/format.h>

#include "core/base/units_text.h"
#include "core/scenario/scenario.h"

namespace moeplan {

tl::expected<MetricRef, std::string> parse_metric_ref(std::string_view text) {
    MetricRef ref;
    const std::string_view shown = text.substr(0, 100);
    const std::size_t at = text.find('@');
    const std::string_view metric = text.substr(0, at);
    const std::size_t dot = metric.find('.');
    if (dot == std::string_view::npos || dot == 0 || dot + 1 == metric.size()) {
        return tl::unexpected(fmt::format("'{}' names no candidate and metric", shown));
    }
    ref.candidate = metric.substr(0, dot);
    ref.metric = metric.substr(dot + 1);
    if (at == std::string_view::npos) return ref;
    const std::string_view place = text.substr(at + 1);
    const std::size_t equals = place.find('=');
    if (equals == std::string_view::npos || equals == 0)
        return tl::unexpected(fmt::format("'{}' has no axis=value behind '@'", shown));
    const auto value = parse_number(place.substr(equals + 1));
    if (!value) return tl::unexpected(value.error());
    ref.at = std::pair(std::string(place.substr(0, equals)), *value);
    return ref;
}

std::string print_metric_ref(const MetricRef& ref) {
    std::string text = ref.candidate + "." + ref.metric;
    if (ref.at) text += "@" + ref.at->first + "=" + print_number(ref.at->second);
    return text;
}

}  // namespace moeplan
