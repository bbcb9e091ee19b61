// What is paid, and for what: money, tokens per GPU and energy of a simulated fleet agree with each other and with what it did.
#include <fmt/format.h>

#include "tests/serving/answers.h"

using namespace moeplan;

namespace {

std::string study(const std::string& load, const std::string& simulate, const std::string& candidate, const std::string& lengths = "{input: 512, output: 64}") {
    return fmt::format(
        "method: simulate\nworkload: {{lengths: {}, load: {}}}\nprice: {{gpu_hour: 1 USD}}\nsimulate: {}\n"
        "candidates:\n  - {{name: a, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm, layout: {{tp: 1}}, {}}}\n",
        lengths, load, simulate, candidate);
}

CandidateReport only(const std::string& yaml) {
    SimulationOptions options;
    options.intervals = false;
    return answered(yaml, options).candidates.front();
}

}  // namespace

TEST_CASE("the bill of hundreds of replicas over a day is theirs, lost or not", "[serving]") {
    const CandidateReport many = only(study("{poisson: {rate: 0.02/s}}", "{duration: 24 h, warm_up: 0 s}", "count: 250"));
    CHECK(metric(many, "usd_per_hour") == Approx(250));
    CHECK(simulation(many).gpu_hours == Approx(250 * 24).epsilon(0.05));
    const CandidateReport lost = only(study("{concurrency: 5}", "{requests: 40, warm_up: 0 s, faults: [{replica: 0, at: 1 s, back: 100 d}, {replica: 1, at: 1 s, back: 100 d}]}", "count: 2"));
    CHECK(metric(lost, "usd_per_hour") == Approx(2));
}

TEST_CASE("capacity is in proportion to replicas, however many", "[serving]") {
    const auto load = [](int replicas) {
        return metric(only(study(fmt::format("{{poisson: {{rate: {}/s}}}}", 60 * replicas), "{requests: 2000, warm_up: 0 s}", fmt::format("count: {}", replicas))), "saturation");
    };
    const double one = load(1);
    CHECK(load(8) == Approx(one).epsilon(0.05));
    CHECK(load(100) == Approx(one).epsilon(0.05));
}

TEST_CASE("money, tokens per GPU and energy are of the rates beside them", "[serving]") {
    for (const char* simulate : {"{requests: 1500}", "{requests: 1500, warm_up: 0 s, faults: [{replica: 0, at: 20 s, back: 60 s}]}",
                                 "{duration: 10 min, warm_up: 0 s, autoscale: {least: 1, most: 4, scale_up_above: 20, scale_down_below: 5}}"}) {
        INFO(simulate);
        const CandidateReport c = only(study("{poisson: {rate: 6/s}}", simulate, "count: 4", "{lognormal: {input: {mean: 700, cv: 1.2}, output: {mean: 120, cv: 0.9}}}"));
        const double per_second = metric(c, "output_tok_s"), an_hour = metric(c, "usd_per_hour");   // 1 USD for a GPU-hour: that many GPUs
        CHECK(metric(c, "usd_per_mtok_output") == Approx(1e6 * an_hour / (3600 * per_second)));
        CHECK(metric(c, "usd_per_request") == Approx(an_hour / (3600 * simulation(c).requests_per_s.value)));
        CHECK(metric(c, "tok_s_per_gpu") == Approx(per_second / an_hour));
        CHECK(metric(c, "joules_per_output_token") == Approx(builtin_catalog().device("h100_sxm")->power->value * an_hour / per_second));
    }
}

TEST_CASE("tokens that were lost with their replica are no throughput", "[serving]") {
    std::string faults;
    for (int at = 10; at <= 50; at += 10) faults += fmt::format("{{replica: 0, at: {} s, back: {} s}}, ", at, at + 1);
    const CandidateReport c = only(study("{concurrency: 20}", fmt::format("{{duration: 300 s, warm_up: 0 s, faults: [{}{{replica: 0, at: 60 s}}]}}", faults), "count: 1",
                                         "{uniform: {input: [500, 1500], output: [500, 1500]}}"));
    const SimulationReport& s = simulation(c);
    REQUIRE(s.counts.restarts > 20);
    // Nothing is served after the last loss.
    CHECK(s.output_tok_s.value == Approx(static_cast<double>(s.counts.output_tokens) / 60).epsilon(0.2));
}

TEST_CASE("a member of a fleet has its own faults, and the fleet's requests", "[serving]") {
    const auto fleet = [](const std::string& more) {
        return answered("method: simulate\nworkload: {lengths: {input: 100, output: 10}, load: {poisson: {rate: 3/s}}}\nsimulate: {requests: 600, warm_up: 0 s}\ncandidates:\n"
                        "  - &a {name: a, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm}\n  - {<<: *a, name: b" + more + "}\n"
                        "fleets:\n  - {name: f, members: [{candidate: a, takes: {share: 50 %}}, {candidate: b}]}\n");
    };
    const Report plain = fleet(""), faulty = fleet(", simulate: {faults: [{replica: 0, at: 1 s, back: 100 s}]}"), deaf = fleet(", lengths: {input: 9, output: 500}, simulate: {timeout: 1 ms}");
    CHECK(metric(faulty.candidates[2], "ttft_ms_p99") > 100 * metric(plain.candidates[2], "ttft_ms_p99"));
    CHECK(metric(faulty.candidates[0], "ttft_ms_p99") == metric(plain.candidates[0], "ttft_ms_p99"));
    CHECK(metric(deaf.candidates[2], "e2e_ms") == metric(plain.candidates[2], "e2e_ms"));
    REQUIRE_FALSE(deaf.candidates[2].warnings.empty());
    CHECK_THAT(deaf.candidates[2].warnings[0], ContainsSubstring("lengths, simulate.timeout of b are not heeded in the fleet"));
    CHECK(plain.candidates[2].warnings.empty());
}

TEST_CASE("of a study's faults each member of a fleet has its own, unless it says it has none", "[serving]") {
    const auto restarts = [](const std::string& a, const std::string& b) {
        const Report report = answered("method: simulate\nworkload: {lengths: {input: 100, output: 2000}, load: {poisson: {rate: 2/s}}}\n"
                                       "simulate: {requests: 300, warm_up: 0 s, faults: [{replica: 0, at: 60 s, back: 70 s}]}\ncandidates:\n"
                                       "  - {name: a, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm, count: 1" + a + "}\n"
                                       "  - {name: b, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm, count: 1" + b + "}\n"
                                       "fleets:\n  - {name: f, members: [{candidate: a, takes: {share: 50 %}}, {candidate: b}]}\n");
        return simulation(report.candidates[2]).counts.restarts;
    };
    const std::string none = ", simulate: {faults: []}";
    const auto both = restarts("", ""), first = restarts("", none), second = restarts(none, "");
    CHECK(restarts(none, none) == 0);
    CHECK(first > 0);
    CHECK(second > 0);
    CHECK(both == first + second);
}

TEST_CASE("warm-up that ends among users who all began at once leaves all of them out, and says so", "[serving]") {
    const CandidateReport c = only(study("{concurrency: 60}", "{requests: 400}", "max_sequences: 16", "{lognormal: {input: {mean: 1024, cv: 0.8}, output: {mean: 200, cv: 0.8}}}"));
    const SimulationReport& s = simulation(c);
    CHECK((s.measured == s.counts.completed) == (s.warm_up_s == 0));
}

TEST_CASE("what has no upper end of its cost is told", "[serving]") {
    // Of three steps of a prompt the last begins after the users' patience where steps are slow: about two thirds of the way.
    const auto answer = [](const char* timeout) {
        return answered(study("{concurrency: 1}", fmt::format("{{requests: 300, timeout: {}}}", timeout), "count: 1, profile: none", "{input: 20000, output: 10}")).candidates.front();
    };
    const CandidateReport patient = answer("1 h");
    const Estimate first = std::ranges::find(patient.metrics, "ttft_ms", &Metric::id)->value;
    const CandidateReport c = answer(fmt::format("{} ms", 0.7 * (first.value + first.high) / 2).c_str());
    CHECK(simulation(c).output_tok_s.low == 0);
    CHECK(std::ranges::find(c.metrics, "usd_per_request", &Metric::id) == c.metrics.end());
    REQUIRE_FALSE(c.warnings.empty());
    CHECK_THAT(fmt::format("{}", fmt::join(c.warnings, "\n")), ContainsSubstring("has no upper end"));
    CHECK(std::ranges::find(patient.metrics, "usd_per_request", &Metric::id) != patient.metrics.end());
}

TEST_CASE("requests longer than the model's context are told, in closed form and simulated", "[serving]") {
    const auto told = [](const CandidateReport& c) { return fmt::format("{}", fmt::join(c.warnings, "\n")) + (c.simulation ? fmt::format("{}", fmt::join(c.simulation->findings, "\n")) : ""); };
    const std::string yaml = study("{poisson: {rate: 0.1/s}}", "{requests: 50}", "count: 1", "{input: 9000, output: 64}");   // Llama 3: 8192
    CHECK_THAT(told(only(yaml)), ContainsSubstring("longer than the model's context of 8192") && ContainsSubstring("50 of 50 requests are longer"));
    CHECK_THAT(told(only(study("{poisson: {rate: 0.1/s}}", "{requests: 50}", "count: 1"))), !ContainsSubstring("context"));
}

namespace {

// Candidates a and b, a fleet of a alone and one of both.
std::string graded(const std::string& load, const std::string& lengths, const std::string& quality) {
    return fmt::format(
        "method: simulate\nworkload: {{lengths: {}, load: {}}}\nsimulate: {{requests: 800}}\nprice: {{gpu_hour: 2 USD}}\nquality: {}\ncandidates:\n"
        "  - {{name: a, model: Qwen/Qwen3-8B, gpu: h100_sxm, count: 1}}\n  - {{name: b, model: Qwen/Qwen3-14B, gpu: h100_sxm, count: 1}}\n"
        "fleets:\n  - {{name: alone, members: [{{candidate: a}}]}}\n  - {{name: both, members: [{{candidate: a, takes: {{share: 50 %}}}}, {{candidate: b}}]}}\n",
        lengths, load, quality);
}

Estimate estimate(const CandidateReport& c, const std::string& id) {
    metric(c, id);
    return c.find(id)->value;
}

}  // namespace

TEST_CASE("an answer costs a fleet of one what it costs its only member", "[serving]") {
    for (const char* quality : {"{accuracy: 80 %, questions: 1000, tokens_per_answer: 3000}", "{accuracy: 80 %, questions: 1000, tokens_per_answer: 100}", "{accuracy: 80 %, questions: 1000}"}) {
        for (const char* load : {"{concurrency: 8}", "{poisson: {rate: 1/s}}"}) {
            CAPTURE(quality, load);
            const Report report = answered(graded(load, "{input: 1000, output: 300}", quality));
            for (const char* id : {"usd_per_request", "tokens_per_answer", "usd_per_answer", "usd_per_correct_answer"}) {
                CAPTURE(id);
                const Estimate member = estimate(report.candidates[0], id), fleet = estimate(report.candidates[2], id);
                CHECK(fleet.value == Approx(member.value));
                CHECK(fleet.low == Approx(member.low));
                CHECK(fleet.high == Approx(member.high));
            }
        }
    }
}

TEST_CASE("an answer of a fleet lies between its members' answers at their parts of the load", "[serving]") {
    const std::string lengths = "{uniform: {input: [500, 1500], output: [200, 400]}}", quality = "{accuracy: 80 %, questions: 1000, tokens_per_answer: 3000}";
    // Each takes half: alone with half the rate they cost what they cost in the fleet.
    const Report whole = answered(graded("{poisson: {rate: 2/s}}", lengths, quality)), half = answered(graded("{poisson: {rate: 1/s}}", lengths, quality));
    const double a = metric(half.candidates[0], "usd_per_correct_answer"), b = metric(half.candidates[1], "usd_per_correct_answer");
    const double both = metric(whole.candidates[3], "usd_per_correct_answer");
    CHECK(both > 0.95 * std::min(a, b));
    CHECK(both < 1.05 * std::max(a, b));
    // With as many users as before answers ten times as long take the fleet about ten times as long.
    const Report users = answered(graded("{concurrency: 8}", lengths, quality));
    CHECK(metric(users.candidates[3], "usd_per_answer") > 5 * metric(users.candidates[3], "usd_per_request"));
}

TEST_CASE("a fleet says why its answers have no price", "[serving]") {
    const Report report = answered(graded("{concurrency: 8}", "{input: 1000, output: 300}", "{accuracy: 80 %, questions: 1000, tokens_per_answer: 5000000}"));
    const CandidateReport& fleet = report.candidates[2];
    CHECK(fleet.find("usd_per_correct_answer") == nullptr);
    CHECK_THAT(fmt::format("{}", fmt::join(fleet.warnings, "\n")), ContainsSubstring("no cost per correct answer: a: answers of 5000000 tokens do not fit"));
}
