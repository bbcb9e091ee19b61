#include "sim/serving/offered.h"

#include "sim/arrivals/make_source.h"

namespace moeplan {

Result<Offered> look_ahead(const Workload& workload, const SimulateSpec& spec, std::optional<FixedLengths> lengths,
                           const std::string& study_file, std::uint64_t seed, double most_bad, const RunControl& control, std::int64_t most) {
    auto source = make_source(workload, spec, lengths, study_file, seed, most_bad);
    if (!source) return tl::unexpected(source.error());
    Offered o;
    Ticks first = 0, last = 0;
    double n = 0;
    while (n < static_cast<double>(most)) {
        if (control.cancelled()) return fail({{}, {}, "cancelled", {}});
        const auto arrival = (*source)->next();
        if (!arrival) {
            o.all = true;
            break;
        }
        if (n == 0) first = arrival->at;
        last = arrival->at;
        n += 1;
        o.input += static_cast<double>(arrival->input);
        o.output += static_cast<double>(arrival->output);
    }
    if (auto problems = (*source)->problems(); !problems.empty()) return fail(std::move(problems));
    if (n == 0) return fail({study_file, "workload", "no request arrives", "look at simulate.requests, simulate.duration and the slice of the trace"});
    o.input /= n;
    o.output /= n;
    o.requests = n;
    o.prefix_block_tokens = (*source)->prefix_block_tokens();
    if (last > first) {
        o.duration_s = to_seconds(last - first);
        o.rate = (n - 1) / *o.duration_s;
    }
    return o;
}

}  // namespace moeplan
