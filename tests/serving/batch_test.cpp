// What runs together and how much of the time anything does: one definition, in closed form and simulated.
#include <fmt/format.h>

#include "tests/serving/answers.h"

using namespace moeplan;

namespace {

CandidateReport of(const std::string& method, const std::string& load, const std::string& lengths, int replicas = 1) {
    const std::string simulate = method == "simulate" ? "simulate: {requests: 2000, warm_up: 0 s}\n" : "";
    return answered(fmt::format("method: {}\nworkload: {{lengths: {}, load: {}}}\n{}candidates:\n  - {{name: a, model: Qwen/Qwen3-8B, gpu: h100_sxm, count: {}, layout: {{tp: 1}}}}\n", method, lengths,
                                load, simulate, replicas))
        .candidates[0];
}

}  // namespace

TEST_CASE("a lone user's batch is one, and the time nobody is served counts in the bandwidth used", "[serving]") {
    for (const char* lengths : {"{input: 200, output: 2}", "{input: 1000, output: 200}"}) {
        CAPTURE(lengths);
        const CandidateReport closed = of("analyse", "{concurrency: 1}", lengths), simulated = of("simulate", "{concurrency: 1}", lengths);
        CHECK(metric(closed, "batch") == 1);
        CHECK(metric(simulated, "batch") == Approx(1).epsilon(0.01));
        CHECK(metric(simulated, "mbu") == Approx(metric(closed, "mbu")).epsilon(0.03));
    }
    // Three of four replicas have nothing to do.
    const CandidateReport one = of("analyse", "{concurrency: 1}", "{input: 1000, output: 200}"), four = of("analyse", "{concurrency: 1}", "{input: 1000, output: 200}", 4);
    CHECK(metric(four, "mbu") == Approx(metric(one, "mbu") / 4));
    CHECK(metric(of("simulate", "{concurrency: 1}", "{input: 1000, output: 200}", 4), "mbu") == Approx(metric(four, "mbu")).epsilon(0.03));
}

TEST_CASE("with Poisson arrivals batch is over the time that steps run as well", "[serving]") {
    for (const double rate : {0.05, 1.0, 5.0}) {
        CAPTURE(rate);
        const std::string load = fmt::format("{{poisson: {{rate: {}/s}}}}", rate);
        const CandidateReport closed = of("analyse", load, "{input: 1000, output: 200}"), simulated = of("simulate", load, "{input: 1000, output: 200}");
        CHECK(metric(closed, "batch") >= 1);
        CHECK(metric(simulated, "batch") == Approx(metric(closed, "batch")).epsilon(0.1));
        CHECK(metric(simulated, "mbu") == Approx(metric(closed, "mbu")).epsilon(0.1));
    }
}
