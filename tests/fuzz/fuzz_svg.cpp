// libFuzzer: whatever a drawing holds, what reaches a page is a drawing that is taken again and runs nothing.
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/require.h"
#include "core/report/safe_svg.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto drawing = moeplan::safe_svg(text, "p0l-", text.substr(0, size / 4));
    if (!drawing) return 0;
    const auto again = moeplan::safe_svg(*drawing, "p1d-", "");
    moeplan::require(again.has_value(), "a drawing fit for a page is fit again");
    std::string tags;   // lower case, what stands between < and > only
    bool inside = false;
    for (const char c : *drawing) {
        if (c == '<') inside = true;
        if (inside) tags += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (c == '>') inside = false;
    }
    for (const char* never : {"<script", "<style", "<foreignobject", "<animate", "<set", "<iframe", "<!", "<?"}) {
        moeplan::require(tags.find(never) == std::string::npos, "a page holds nothing that runs or loads");
    }
    return 0;
}
