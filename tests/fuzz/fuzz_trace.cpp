// Request trace readers: whatever the bytes are, requests or problems, never a crash.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "sim/trace/summary.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::istringstream stream(std::string(reinterpret_cast<const char*>(data), size));
    moeplan::TraceSummariser summariser;
    const auto report = moeplan::parse_trace(stream, "fuzz", [&](const moeplan::TraceRequest& request) {
        if (request.input_tokens < 1 || request.output_tokens < 1) std::abort();
        summariser.add(request);
        return true;
    });
    if (report) (void)summariser.finish(report->has_arrivals);
    return 0;
}
