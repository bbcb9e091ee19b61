#include "core/parallel/layout_text.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace moeplan {

std::string print_layout(const Layout& layout) {
    std::string text = fmt::format("tp={}", layout.tp);
    if (layout.pp != 1) text += fmt::format(",pp={}", layout.pp);
    if (layout.dp != 1) text += fmt::format(",dp={}", layout.dp);
    if (layout.ep != 1) text += fmt::format(",ep={}", layout.ep);
    const bool implied = layout.ep > 0 && layout.moe_tp * layout.ep == layout.stage_gpus();
    if (!implied) text += fmt::format(",moe_tp={}", layout.moe_tp);
    return text;
}

Result<Layout> parse_layout(std::string_view text) {
    constexpr std::int64_t kMost = 1'000'000;
    Layout layout;
    bool moe_given = false;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find_first_of(" ,", at), text.size());
        const std::string item(text.substr(at, end - at));
        at = end + 1;
        if (item.empty()) continue;
        const std::size_t equals = item.find('=');
        const std::string name = item.substr(0, equals);
        std::int64_t size = 0;
        const char* digits = equals == std::string::npos ? "" : item.c_str() + equals + 1;
        const char* stop = item.c_str() + item.size();
        const auto parsed = std::from_chars(digits, equals == std::string::npos ? digits : stop, size);
        std::int64_t* field = name == "tp" ? &layout.tp : name == "pp" ? &layout.pp : name == "dp" ? &layout.dp
                            : name == "ep" ? &layout.ep : name == "moe_tp" ? &layout.moe_tp : nullptr;
        if (!field || parsed.ec != std::errc{} || parsed.ptr != stop || size < 1 || size > kMost) {
            return fail({{}, {}, fmt::format("'{}' is not a layout", text), "write it like tp=2 ep=4 (axes: tp, pp, dp, ep, moe_tp) or auto"});
        }
        *field = size;
        moe_given = moe_given || name == "moe_tp";
    }
    if (!moe_given) layout.moe_tp = std::max<std::int64_t>(1, layout.tp * layout.dp / layout.ep);
    return layout;
}

}  // namespace moeplan
