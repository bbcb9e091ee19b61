// Any bytes as a recorded routing trace: a value or problems, never a crash.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/routing/read_trace.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const moeplan::TraceQuery& query : {moeplan::TraceQuery{}, moeplan::TraceQuery{8, 2, 1000}}) {
        const auto trace = moeplan::read_trace_text(text, "fuzz", query);
        if (!trace) continue;
        const auto& routes = trace->routes;
        if (routes.route.size() != static_cast<std::size_t>(routes.tokens() * routes.layers * routes.top_k))
            __builtin_trap();
        for (auto e : routes.route) {
            if (e < 0 || e >= routes.experts) __builtin_trap();
        }
        // Wide expert numbers make wide tables; what they hold was checked above.
        if (routes.experts * routes.layers < 100000) (void)moeplan::marginals(routes);
    }
    return 0;
}
