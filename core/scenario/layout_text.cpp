// A layout as one word: the form a sweep keeps it in.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/scenario/sections.h"

namespace moeplan::scenario {

std::string print_layout(const Layout& layout) {
    std::string text = fmt::format("tp={}", layout.tp);
    if (layout.pp != 1) text += fmt::format(",pp={}", layout.pp);
    if (layout.dp != 1) text += fmt::format(",dp={}", layout.dp);
    if (layout.ep != 1) text += fmt::format(",ep={}", layout.ep);
    const bool implied = layout.ep > 0 && layout.moe_tp * layout.ep == layout.stage_gpus();
    if (!implied) text += fmt::format(",moe_tp={}", layout.moe_tp);
    return text;
}

std::optional<Layout> parse_layout(std::string_view text) {
    constexpr std::int64_t kMost = 1'000'000;
    Layout layout;
    std::int64_t moe_tp = 0;
    const std::pair<std::string_view, std::int64_t*> axes[] = {
        {"tp", &layout.tp}, {"pp", &layout.pp}, {"dp", &layout.dp}, {"ep", &layout.ep}, {"moe_tp", &moe_tp}};
    while (true) {
        const std::size_t end = std::min(text.find(','), text.size());
        const std::string_view part = text.substr(0, end);
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        std::int64_t* into = nullptr;
        for (const auto& [name, value] : axes) {
            if (name == part.substr(0, equals)) into = value;
        }
        if (!into) return std::nullopt;
        const auto read = std::from_chars(part.data() + equals + 1, part.data() + part.size(), *into);
        if (read.ec != std::errc{} || read.ptr != part.data() + part.size() || *into < 1 || *into > kMost)
            return std::nullopt;
        if (end == text.size()) break;
        text.remove_prefix(end + 1);
    }
    layout.moe_tp = moe_tp != 0 ? moe_tp : layout.stage_gpus() / layout.ep;
    return layout.ep * layout.moe_tp == layout.stage_gpus() ? std::optional(layout) : std::nullopt;
}

}  // namespace moeplan::scenario
