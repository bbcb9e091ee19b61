// Measured requests: what is accepted has lengths that are counts, times that are positive, and arrivals in order.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string>

#include "sim/trace/measured.h"

namespace {

bool positive(const std::optional<double>& value) { return !value || (*value > 0 && *value < 1e18); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::istringstream stream(std::string(reinterpret_cast<const char*>(data), size));
    const auto runs = moeplan::parse_measured_runs(stream, "fuzz");
    if (!runs) return runs.error().empty() ? (std::abort(), 1) : 0;
    if (runs->empty()) std::abort();
    for (const auto& run : *runs) {
        double last = 0;
        if (run.requests.empty()) std::abort();
        for (const auto& request : run.requests) {
            if (request.input_tokens < 0 || request.output_tokens < 0) std::abort();
            if (!positive(request.ttft_s) || !positive(request.e2e_s)) std::abort();
            if (request.tpot_s && !(*request.tpot_s >= 0)) std::abort();
            if (request.arrival_s && !(*request.arrival_s >= last)) std::abort();
            last = request.arrival_s.value_or(0);
        }
    }
    return 0;
}
