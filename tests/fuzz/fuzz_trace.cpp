// Request trace readers, plain and compressed, pushed and pulled: whatever the bytes are, requests or problems, never a
// crash; and with a reorder window, in order and none lost.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "sim/trace/summary.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    std::istringstream stream(text);
    moeplan::TraceSummariser summariser;
    std::size_t pushed = 0;
    const auto report = moeplan::parse_trace(stream, "fuzz", [&](const moeplan::TraceRequest& request) {
        if (request.input_tokens < 1 || request.output_tokens < 1) std::abort();
        summariser.add(request);
        ++pushed;
        return true;
    });
    if (report) (void)summariser.finish(report->has_arrivals);
    if (report && report->requests != pushed) std::abort();

    std::istringstream again(text);
    moeplan::TraceOptions options;
    options.reorder = 4;
    auto trace = moeplan::TraceStream::over(again, "fuzz", options);
    if (!trace) return 0;
    std::size_t pulled = 0;
    double last = 0;
    while (const auto request = trace->next()) {
        if (pulled++ > 0 && !(request->arrival_s >= last)) std::abort();
        last = request->arrival_s;
    }
    if (pulled != pushed || trace->problems().empty() != report.has_value()) std::abort();
    return 0;
}
