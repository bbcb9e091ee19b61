#include "sim/serving/validate_requests.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include <fmt/format.h>

#include "core/base/csv_table.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

MeasuredRun run_of(int n, std::optional<double> apart) {
    MeasuredRun run;
    for (int i = 0; i < n; ++i) {
        MeasuredRequest r;
        if (apart) r.arrival_s = i * *apart;
        r.input_tokens = 100 + 37 * (i % 11);
        r.output_tokens = 1 + 13 * (i % 7);
        r.ttft_s = 0.05;
        r.tpot_s = 0.01;
        r.e2e_s = 0.05 + 0.01 * static_cast<double>(r.output_tokens - 1);
        run.requests.push_back(r);
    }
    return run;
}

Prepared prepared(const MeasuredRun& run, std::shared_ptr<Scenario>& owner, const std::string& gpu = "h100_sxm",
                  const std::string& model = "meta-llama/Meta-Llama-3-8B", std::optional<std::int64_t> most = {}) {
    owner = std::make_shared<Scenario>();
    owner->workload = *workload_of(run);
    owner->money.price = GivenPrice{0};
    Candidate c;
    c.name = c.model = model;
    c.gpu = gpu;
    c.count = 1;
    c.max_sequences = most;
    owner->candidates.push_back(c);
    auto all = prepare(*owner, builtin_catalog(), nullptr);
    REQUIRE(all);
    return all->front();
}

Result<RequestsValidation> validated(const MeasuredRun& run, const std::string& file = "", const std::string& gpu = "h100_sxm",
                                     const std::string& model = "meta-llama/Meta-Llama-3-8B", std::optional<std::int64_t> most = {}) {
    std::shared_ptr<Scenario> owner;
    const Prepared candidate = prepared(run, owner, gpu, model, most);
    const auto source = make_roofline();
    ReplayOptions options;
    options.requests_file = file;
    RunControl control;
    return validate_requests(run, candidate, UniformRouting{}, *source, options, control);
}

struct Sent {
    double at = 0, ttft = 0, tpot = 0, e2e = 0;   // seconds
};
std::vector<Sent> predicted_in(const std::string& file) {
    std::istringstream text(text_of(file));
    CsvTable table(text);
    std::vector<Sent> all;
    while (table.next()) {
        all.push_back({*table.number("predicted_sent_s"), *table.number("predicted_ttft_ms") / 1e3, *table.number("predicted_tpot_ms") / 1e3,
                       *table.number("predicted_e2e_ms") / 1e3});
    }
    return all;
}

}  // namespace

TEST_CASE("what the file tells decides how its requests are sent again") {
    MeasuredRun run = run_of(20, 0.1);
    CHECK(replayed_by(run) == ReplayedBy::recorded);
    run.request_rate = 10;
    run.max_concurrency = 4;
    CHECK(replayed_by(run) == ReplayedBy::recorded);
    run.request_rate = kInfinity;   // the server decided when they started
    CHECK(replayed_by(run) == ReplayedBy::users);
    run.max_concurrency = 20;
    CHECK(replayed_by(run) == ReplayedBy::recorded);
    MeasuredRun bare = run_of(20, std::nullopt);
    CHECK(replayed_by(bare) == ReplayedBy::untold);
    bare.request_rate = 5;
    CHECK(replayed_by(bare) == ReplayedBy::rate);
    bare.request_rate = kInfinity;
    CHECK(replayed_by(bare) == ReplayedBy::at_once);
    bare.varied = true;   // its rate is written as infinite, and was not
    CHECK(replayed_by(bare) == ReplayedBy::untold);
    bare.max_concurrency = 4;
    CHECK(replayed_by(bare) == ReplayedBy::untold);
    bare.varied = false;
    CHECK(replayed_by(bare) == ReplayedBy::users);
    bare.max_concurrency = 20;   // never reached
    CHECK(replayed_by(bare) == ReplayedBy::at_once);
    MeasuredRun failed_early = run_of(20, 0.1);
    failed_early.requests[3].arrival_s.reset();
    failed_early.requests[3].failed = true;
    CHECK(replayed_by(failed_early) == ReplayedBy::recorded);
}

TEST_CASE("what is known of the load goes before what the file tells") {
    MeasuredRun run = run_of(20, 0.1);
    run.requests[4].input_tokens = 0;
    run.varied = true;
    const MeasuredRun users = with_load(run, {.concurrency = 4, .rate = {}, .input_tokens = 77});
    CHECK(replayed_by(users) == ReplayedBy::users);
    CHECK(users.requests[4].input_tokens == 77);
    CHECK(users.requests[5].input_tokens == run.requests[5].input_tokens);
    CHECK(*users.duration_s == Approx(1.9 + *run.requests[19].e2e_s));   // as the recorded times had it
    CHECK(replayed_by(with_load(run, {.concurrency = {}, .rate = 3, .input_tokens = {}})) == ReplayedBy::rate);
    CHECK(replayed_by(with_load(run, {.concurrency = {}, .rate = kInfinity, .input_tokens = {}})) == ReplayedBy::at_once);
    CHECK(with_load(run, {}).requests[7] == run.requests[7]);
}

TEST_CASE("drawn gaps under a limit send no more than it allows, and nobody before its time") {
    const Scratch scratch;
    MeasuredRun run = run_of(60, std::nullopt);
    run.request_rate = 200;   // far more than 2 at a time can take
    REQUIRE(validated(run, scratch.path("open.csv")));
    const auto open = predicted_in(scratch.path("open.csv"));
    run.max_concurrency = 2;
    const auto found = validated(run, scratch.path("limited.csv"));
    REQUIRE(found);
    CHECK_THAT(found->arrivals, ContainsSubstring("200/s") && ContainsSubstring("at most 2 at a time"));
    const auto sent = predicted_in(scratch.path("limited.csv"));
    bool waited = false;
    for (std::size_t i = 0; i < sent.size(); ++i) {
        std::size_t there = 0;
        for (const Sent& other : sent) there += other.at <= sent[i].at && other.at + other.e2e > sent[i].at + 2e-6 ? 1U : 0U;
        CHECK(there <= 2);
        CHECK(sent[i].at >= open[i].at - 1e-6);
        waited = waited || sent[i].at > open[i].at + 1e-3;
    }
    CHECK(waited);
}

TEST_CASE("a closed loop is recognised by its recorded times, and said") {
    const Scratch scratch;
    MeasuredRun run = run_of(60, std::nullopt);
    for (const int users : {1, 4, 16}) {
        run.max_concurrency = users;
        REQUIRE(validated(run, scratch.path("loop.csv")));
        const auto sent = predicted_in(scratch.path("loop.csv"));
        MeasuredRun seen = run_of(60, 0.1);
        for (std::size_t i = 0; i < sent.size(); ++i) {
            seen.requests[i].arrival_s = sent[i].at;
            seen.requests[i].e2e_s = sent[i].e2e;
        }
        INFO(users);
        CHECK(looks_like_users(seen) == users);
        if (users != 4) continue;
        const auto found = validated(seen);
        REQUIRE(found);
        CHECK_THAT(found->notes.front(), ContainsSubstring("--concurrency 4"));
        seen.requests[7].e2e_s.reset();
        CHECK_FALSE(looks_like_users(seen));
    }
    CHECK_FALSE(looks_like_users(run_of(60, 5)));       // one at a time, because few come
    CHECK_FALSE(looks_like_users(run_of(60, 0.02)));
    CHECK_FALSE(looks_like_users(run_of(60, 0)));       // all at once
    CHECK(validated(run_of(60, 5))->notes == validated(run_of(60, 0.02))->notes);
}

TEST_CASE("how many a server ran at a time is seen where others waited, and said") {
    const Scratch scratch;
    MeasuredRun seen = run_of(300, 0.001);
    for (MeasuredRequest& r : seen.requests) r.output_tokens += 40;
    const std::string model = "meta-llama/Meta-Llama-3-8B";
    for (const int most : {4, 16}) {
        REQUIRE(validated(seen, scratch.path("limited.csv"), "h100_sxm", model, most));
        const auto sent = predicted_in(scratch.path("limited.csv"));
        MeasuredRun limited = seen;
        for (std::size_t i = 0; i < sent.size(); ++i) {
            limited.requests[i].ttft_s = sent[i].ttft;
            limited.requests[i].e2e_s = sent[i].e2e;
        }
        INFO(most);
        REQUIRE(ran_at_most(limited) == most);
        const auto found = validated(limited);
        REQUIRE(found);
        CHECK_THAT(found->notes.front(), ContainsSubstring("--max-sequences"));
        CHECK_THAT(found->notes.front(), ContainsSubstring(fmt::format("ran {} requests at a time", most)));
        const auto same = validated(limited, "", "h100_sxm", model, most);
        REQUIRE(same);
        CHECK((same->notes.empty() || same->notes.front().find("--max-sequences") == std::string::npos));
        limited.requests[5].ttft_s.reset();
        CHECK_FALSE(ran_at_most(limited));
    }
    CHECK_FALSE(ran_at_most(run_of(60, 5)));      // nobody waited
    CHECK_FALSE(ran_at_most(run_of(60, 0.01)));   // nor here: a first token after 50 ms whatever ran
}

TEST_CASE("times between tokens are compared where the file tells them") {
    MeasuredRun run = run_of(40, 0.05);
    CHECK(validated(run)->figures.size() == 14);
    for (int i = 0; i < 200; ++i) run.gaps.add(0.008F);
    const auto found = validated(run);
    REQUIRE(found);
    REQUIRE(found->figures.size() == 18);
    const auto at = std::ranges::find(found->figures, "itl_ms", &RequestFigure::metric);
    CHECK(at->statistic == "mean");
    CHECK(at->measured == Approx(8).epsilon(1e-3));
    // The mean of all gaps weighs a request by its tokens, the mean TPOT does not: both lie among the steps' times.
    CHECK(at->predicted.value > 0.5 * at[-4].predicted.value);
    CHECK(at->predicted.value < 2 * at[-4].predicted.value);
    CHECK(at->predicted.low < at->predicted.value);
    CHECK(at[1].predicted.value <= at[2].predicted.value);
    CHECK(at[2].predicted.value <= at[3].predicted.value);
}

TEST_CASE("errors are told of the requests one by one") {
    const Scratch scratch;
    MeasuredRun run = run_of(50, 0.05);
    REQUIRE(validated(run, scratch.path("first.csv")));
    const auto truth = predicted_in(scratch.path("first.csv"));
    for (std::size_t i = 0; i < truth.size(); ++i) {   // half of them a quarter too fast, half twice as slow
        run.requests[i].ttft_s = truth[i].ttft * (i % 2 == 0 ? 0.8 : 2);
        run.requests[i].tpot_s.reset();
        run.requests[i].e2e_s = truth[i].e2e;
    }
    run.requests[49].ttft_s.reset();
    const auto found = validated(run);
    REQUIRE(found);
    REQUIRE(found->errors.size() == 2);   // no TPOT was measured
    const RequestErrors& ttft = found->errors[0];
    CHECK(ttft.metric == "ttft_ms");
    CHECK(ttft.n == 49);
    CHECK(ttft.bias == Approx(0.25).epsilon(1e-3));
    CHECK(ttft.mean == Approx((25 * 0.25 + 24 * 0.5) / 49).epsilon(1e-3));
    CHECK(ttft.p90 == Approx(0.5).epsilon(1e-3));
    CHECK(found->errors[1].metric == "e2e_ms");
    CHECK(found->errors[1].p90 < 1e-3);
    CHECK(found->notes == validated(run_of(50, 0.05))->notes);
    for (MeasuredRequest& r : run.requests) {   // read as seconds, they were milliseconds
        if (r.ttft_s) *r.ttft_s *= 1000;
        *r.e2e_s *= 1000;
    }
    CHECK_THAT(validated(run)->notes.front(), ContainsSubstring("ttft_ms"));
    const std::string json = write_requests_validation_json(*found);
    CHECK_THAT(json, ContainsSubstring("\"request_errors\"") && ContainsSubstring("\"n\": 49"));
    CHECK_THAT(write_requests_validation_markdown(*found), ContainsSubstring("| TTFT | 49 | +25 % |"));
    CHECK_THAT(write_requests_validation_table(*found, {}), ContainsSubstring("one by one"));
}

TEST_CASE("a server that is as it is simulated is replayed without error") {
    const Scratch scratch;
    MeasuredRun run = run_of(60, 0.02);
    REQUIRE(validated(run, scratch.path("first.csv")));
    const auto truth = predicted_in(scratch.path("first.csv"));
    REQUIRE(truth.size() == 60);
    for (std::size_t i = 0; i < truth.size(); ++i) {
        CHECK(truth[i].at == Approx(0.02 * static_cast<double>(i)).margin(1e-6));
        run.requests[i].ttft_s = truth[i].ttft;
        run.requests[i].tpot_s = truth[i].tpot;
        run.requests[i].e2e_s = truth[i].e2e;
    }
    const auto again = validated(run);
    REQUIRE(again);
    CHECK(again->n == 60);
    CHECK(again->figures.size() == 14);   // mean, p50, p90, p99 of three, and two rates
    for (const RequestFigure& f : again->figures) {
        INFO(f.metric << ' ' << f.statistic);
        CHECK(std::abs(f.error()) < 1e-3);
        CHECK(f.predicted.low <= f.predicted.value);
        CHECK(f.predicted.value <= f.predicted.high);
    }
}

TEST_CASE("first tokens of a replay are as unsure as the engine says, and nothing else is") {
    const MeasuredRun run = run_of(20, 0.02);
    std::shared_ptr<Scenario> owner;
    Prepared candidate = prepared(run, owner);
    const auto source = make_roofline();
    const auto figures_with = [&](const Estimate& error) {
        EngineSpec engine = *candidate.engine;
        engine.first_token_error = error;
        candidate.engine = std::make_shared<const EngineSpec>(std::move(engine));
        RunControl control;
        const auto found = validate_requests(run, candidate, UniformRouting{}, *source, ReplayOptions{}, control);
        REQUIRE(found);
        return found->figures;
    };
    const auto sure = figures_with(Estimate::exact(1)), unsure = figures_with({1, 0.5, 2});
    REQUIRE(sure.size() == unsure.size());
    for (std::size_t i = 0; i < sure.size(); ++i) {
        INFO(sure[i].metric << ' ' << sure[i].statistic);
        const bool first = sure[i].metric == "ttft_ms";
        CHECK(unsure[i].predicted.value == sure[i].predicted.value);
        CHECK((unsure[i].predicted.low <= 0.5 * sure[i].predicted.value) == first);
        CHECK((unsure[i].predicted.high >= 2 * sure[i].predicted.value) == first);
    }
}

TEST_CASE("under a limit of concurrency the next is sent when one is answered") {
    const Scratch scratch;
    MeasuredRun run = run_of(40, std::nullopt);
    run.max_concurrency = 3;
    const auto found = validated(run, scratch.path("requests.csv"));
    REQUIRE(found);
    CHECK(found->arrivals == "3 at a time, in their order");
    const auto sent = predicted_in(scratch.path("requests.csv"));
    REQUIRE(sent.size() == 40);
    for (std::size_t i = 0; i < sent.size(); ++i) {
        std::size_t there = 0;   // when it is sent, itself included
        for (const Sent& other : sent) there += other.at <= sent[i].at && other.at + other.e2e > sent[i].at + 2e-6 ? 1U : 0U;
        CHECK(there <= 3);
        if (i > 0) CHECK(sent[i - 1].at <= sent[i].at);
    }
    CHECK(sent[2].at == 0);
    CHECK(sent[3].at > 0);
}

TEST_CASE("drawn gaps have the file's rate") {
    const Scratch scratch;
    MeasuredRun run = run_of(2000, std::nullopt);
    run.request_rate = 4;
    run.burstiness = 4;
    REQUIRE(validated(run, scratch.path("requests.csv")));
    const auto sent = predicted_in(scratch.path("requests.csv"));
    // 1,999 gaps of mean 0.25 s and cv 0.5: the sum is within 4 standard errors.
    CHECK(sent.back().at == Approx(1999 * 0.25).epsilon(4 * 0.5 / std::sqrt(1999.0)));
}

TEST_CASE("failed requests are left out and counted") {
    MeasuredRun run = run_of(12, 0.1);
    run.requests[5].failed = true;
    run.requests[5].input_tokens = 0;
    run.failed = 1;
    const auto found = validated(run);
    REQUIRE(found);
    CHECK(found->n == 11);
    CHECK(found->failed == 1);
    CHECK(write_requests_validation_json(*found).find("\"failed\": 1") != std::string::npos);
}

TEST_CASE("runs that cannot be replayed are told why") {
    MeasuredRun unknown = run_of(3, 0.1);
    unknown.requests[1].input_tokens = 0;
    const auto no_length = workload_of(unknown);
    REQUIRE_FALSE(no_length);
    CHECK(no_length.error().front().path == "request 2");
    CHECK_THAT(no_length.error().front().what, ContainsSubstring("length of its prompt"));
    const auto no_times = workload_of(run_of(3, std::nullopt));
    REQUIRE_FALSE(no_times);
    CHECK_THAT(no_times.error().front().what, ContainsSubstring("when requests were sent"));
    CHECK_THAT(no_times.error().front().hint, ContainsSubstring("--concurrency N"));
    const auto far = workload_of(run_of(3, 1e7));
    REQUIRE_FALSE(far);
    CHECK_THAT(far.error().front().hint, ContainsSubstring("arrival_ms"));
    MeasuredRun slow = run_of(60, std::nullopt);
    slow.request_rate = 1e-6;
    const auto never_sent = validated(slow);
    REQUIRE_FALSE(never_sent);
    CHECK_THAT(never_sent.error().front().what, ContainsSubstring("that are simulated"));
    MeasuredRun ramped = run_of(3, std::nullopt);
    ramped.varied = true;
    CHECK_THAT(workload_of(ramped).error().front().what, ContainsSubstring("rate changed"));
    MeasuredRun failed = run_of(1, 0.1);
    failed.requests[0].failed = true;
    REQUIRE_FALSE(workload_of(failed));
    const auto misfit = validated(run_of(3, 0.1), "", "rtx_4090", "meta-llama/Meta-Llama-3-70B");
    REQUIRE_FALSE(misfit);
    CHECK_THAT(misfit.error().front().what, ContainsSubstring("does not fit"));
    MeasuredRun huge = run_of(3, 0.1);
    huge.requests[2].input_tokens = 50'000'000;
    const auto larger = validated(huge);
    REQUIRE_FALSE(larger);
    MeasuredRun fine = run_of(3, 0.1);
    REQUIRE_FALSE(validated(fine, "/nowhere/at/all.csv"));
}

TEST_CASE("a file that speaks of another server is told so") {
    const auto says = [](const char* backend, const char* model, const std::string& text) {
        MeasuredRun run = run_of(30, 0.1);
        run.backend = backend;
        run.model_id = model;
        const auto v = validated(run);
        REQUIRE(v);
        return std::ranges::any_of(v->notes, [&text](const std::string& note) { return note.find(text) != std::string::npos; });
    };
    CHECK(says("sglang-oai", "", "measured on 'sglang-oai', and this is vLLM: --engine sglang"));
    CHECK(says("tensorrt-llm", "", "--engine tensorrt_llm"));
    CHECK_FALSE(says("vllm", "", "the file says"));
    CHECK_FALSE(says("openai-chat", "", "the file says"));
    CHECK(says("", "Qwen/Qwen3-30B-A3B", "the file names the model 'Qwen/Qwen3-30B-A3B'"));
    CHECK_FALSE(says("", "/models/Meta-Llama-3-8B-Instruct", "the file names"));
}

TEST_CASE("quantiles lie between order statistics as load generators put them") {
    CHECK(quantile_of_sorted({1, 2, 3, 4}, 0.5) == 2.5);
    CHECK(quantile_of_sorted({1, 2, 3, 4}, 0) == 1);
    CHECK(quantile_of_sorted({1, 2, 3, 4}, 1) == 4);
    CHECK(quantile_of_sorted({10, 20}, 0.9) == Approx(19));
    CHECK(quantile_of_sorted({7}, 0.99) == 7);
}
