// The loop: what is asked, what becomes of answers and failures, and when it ends.

#include <set>

#include "core/catalog/catalog.h"
#include "gpu/calibrator/calibrate.h"
#include "tests/calibrator/support.h"

using namespace moeplan;
using namespace moeplan::test;

TEST_CASE("a run without limits measures every candidate once") {
    Scratch folder;
    const auto result = run(settings_for(fake_worker(), folder.path("j")));
    REQUIRE(result);
    CHECK(result->stop == StopReason::everything_measured);
    CHECK(result->set.rows.size() == 60);
    CHECK(result->set.device == "Fake 1");
    CHECK(attempts_of(*result).size() == 60);
    CHECK(result->entries.size() == 60);
    CHECK(result->problems.empty());
    CHECK(result->statistics.failed.empty());
}

TEST_CASE("what a run returns is what its journal holds") {
    Scratch folder;
    const auto result = run(settings_for(fake_worker(), folder.path("j")));
    REQUIRE(result);
    const auto journal = read_journal(folder.path("j"));
    REQUIRE(journal);
    CHECK(journal->header == result->header);
    CHECK(journal->entries == result->entries);
    CHECK(measurements_of(journal->header, journal->entries).rows.size() == result->set.rows.size());
}

TEST_CASE("a measurement is the median of its samples in seconds") {
    Scratch folder;
    const auto result = run(settings_for(fake_worker(), folder.path("j")));
    REQUIRE(result);
    for (const JournalEntry& entry : result->entries) {
        auto samples = entry.reply.samples_us;
        std::ranges::sort(samples);
        const Measurement row = measurement_of(entry);
        CHECK(row.seconds == Approx(samples[samples.size() / 2] * 1e-6));   // nine samples
        // For nine samples the 2nd and 8th bound the median with 96 %: ranks from 1 - 2 * 10 / 512.
        CHECK(row.spread == Approx((samples[7] - samples[1]) / (2 * samples[4])));
    }
}

TEST_CASE("the time of a launch probe is that of one of its kernels") {
    JournalEntry entry;
    entry.request.kernel = LaunchKernel{100, false};
    entry.reply.samples_us = {250};
    CHECK(measurement_of(entry).seconds == Approx(2.5e-6));
}

TEST_CASE("the number of probes is a limit, and the larger share is served first") {
    Scratch folder;
    auto settings = settings_for(fake_worker(), folder.path("j"));
    settings.probes = 10;
    const auto result = run(settings);
    REQUIRE(result);
    CHECK(result->stop == StopReason::probes);
    CHECK(result->entries.size() == 10);
    // Shares of 0.7 and 0.3: 7 and 3 by highest averages.
    CHECK(measured(*result, KernelFamily::gemm) == 7);
    CHECK(measured(*result, KernelFamily::copy) == 3);
}

TEST_CASE("after the start probes go where share times error is larger") {
    Scratch folder;
    auto settings = settings_for(fake_worker(), folder.path("j"));
    settings.probes = 40;
    auto tools = exact_tools();
    tools.fit = [fit = tools.fit](const MeasurementSet& set, const DeviceSpec& device, const FitOptions& options) {
        auto report = fit(set, device, options);
        report->profile.families.front().error->median_ape = set.rows.front().family == KernelFamily::copy ? 0.5 : 0.01;
        return report;
    };
    const auto result = run(settings, tools);
    REQUIRE(result);
    CHECK(measured(*result, KernelFamily::copy) == 20);   // all there are
    CHECK(measured(*result, KernelFamily::gemm) == 20);
}

TEST_CASE("a time budget ends the run") {
    Scratch folder;
    auto settings = settings_for(fake_worker("--slow 30"), folder.path("j"));
    settings.budget_s = 0.5;
    const auto start = std::chrono::steady_clock::now();
    const auto result = run(settings);
    REQUIRE(result);
    CHECK(result->stop == StopReason::budget);
    CHECK(result->entries.size() >= 1);
    CHECK(result->entries.size() < 20);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE("a target error ends the run once every group has met it") {
    Scratch folder;
    auto settings = settings_for(fake_worker(), folder.path("j"));
    settings.target_error = 0.034;   // 1 / rows: from 30 rows
    auto tools =
        exact_tools([](const WorkerHello&) { return CalibrationPlan{{gemms(100, 0.5), copies(100, 0.5)}, {}}; });
    const auto result = run(settings, tools);
    REQUIRE(result);
    CHECK(result->stop == StopReason::target);
    CHECK(result->entries.size() >= 60);
    CHECK(result->entries.size() < 120);
    for (const GroupStatistics& group : result->statistics.groups) CHECK(group.error.value() <= 0.034);
}

TEST_CASE("the fit is made again only when rows grew by a quarter") {
    Scratch folder;
    std::vector<std::size_t> fitted;
    auto tools = exact_tools([](const WorkerHello&) { return CalibrationPlan{{gemms(300, 1.0)}, {}}; });
    tools.fit = [&, fit = tools.fit](const MeasurementSet& set, const DeviceSpec& device, const FitOptions& options) {
        fitted.push_back(set.rows.size());
        return fit(set, device, options);
    };
    REQUIRE(run(settings_for(fake_worker(), folder.path("j")), tools));
    REQUIRE(fitted.size() >= 5);
    CHECK(fitted.front() >= 8);
    for (std::size_t i = 1; i < fitted.size(); ++i) CHECK(4 * fitted[i] >= 5 * fitted[i - 1]);
}

TEST_CASE("a fit that fails is told once and measuring goes on") {
    Scratch folder;
    auto tools = exact_tools();
    tools.fit = [](const MeasurementSet&, const DeviceSpec&, const FitOptions&) -> Result<FitReport> {
        return fail(Problem{{}, {}, "no peak of bf16", {}});
    };
    const auto result = run(settings_for(fake_worker(), folder.path("j")), tools);
    REQUIRE(result);
    CHECK(result->entries.size() == 60);
    CHECK(std::ranges::count_if(result->notes, [](const std::string& note) {
              return note.find("no peak of bf16") != std::string::npos;
          }) == 2);
}

TEST_CASE("crash, hang, garbage and failure of one probe cost that probe a second try and nothing else") {
    for (const std::string trouble :
         {"--crash-at 7", "--garbage-at 7", "--half-line-at 7", "--endless-at 7", "--wrong-id-at 7", "--fail-at 7"}) {
        CAPTURE(trouble);
        Scratch folder;
        const auto result = run(settings_for(fake_worker(trouble), folder.path("j")));
        REQUIRE(result);
        CHECK(result->stop == StopReason::everything_measured);
        CHECK(result->set.rows.size() == 60);
        CHECK(result->statistics.failed.empty());
        std::int64_t failures = 0;
        for (const auto& [kind, count] : result->statistics.failures) failures += count;
        CHECK(failures >= 8);   // every seventh request of a process that is started again
        CHECK(result->entries.size() == 60 + static_cast<std::size_t>(failures));
    }
}

TEST_CASE("a hung worker is killed and the run goes on") {
    Scratch folder;
    auto settings = settings_for(fake_worker("--hang-on 'k 1280' --stubborn"), folder.path("j"));
    settings.times.grace_s = 0.1;
    settings.limits.seconds = 0.1;
    const auto result = run(settings);
    REQUIRE(result);
    CHECK(result->set.rows.size() == 59);
    CHECK(result->statistics.failures.at(AnswerKind::hung) == 2);
    REQUIRE(result->statistics.failed.size() == 1);
    CHECK(result->statistics.failed.front().probe == "gemm bf16 m 30 n 256 k 1280");
    CHECK(result->statistics.failed.front().remark.find("hung: no answer within 0.2 s") == 0);
}

TEST_CASE("a probe that failed twice is not asked a third time, now or later") {
    Scratch folder;
    auto settings = settings_for(fake_worker("--crash-on 'k 1280'"), folder.path("j"));
    for (int again = 0; again < 3; ++again) {
        const auto result = run(settings);
        REQUIRE(result);
        CHECK(attempts_of(*result).at("gemm bf16 m 30 n 256 k 1280") == 2);
        CHECK(result->set.rows.size() == 59);
        CHECK(result->entries.size() == 61);
        settings.resume = true;
    }
}

TEST_CASE("out of memory is asked once and larger ones not at all") {
    Scratch folder;
    const auto result = run(settings_for(fake_worker("--oom-above 1000000"), folder.path("j")));
    REQUIRE(result);
    CHECK(result->stop == StopReason::everything_measured);
    for (const auto& [probe, attempts] : attempts_of(*result)) CHECK(attempts == 1);
    for (const JournalEntry& entry : result->entries) {
        const bool fits = memory_of(entry.request.kernel).value <= 1'000'000;
        CHECK((entry.kind == AnswerKind::ok) == fits);
    }
    std::int64_t fit = 0;
    for (const PlanGroup& group : small_plan({}).groups)
        fit += std::ranges::count_if(group.kernels, [](const Kernel& k) { return memory_of(k).value <= 1'000'000; });
    CHECK(static_cast<std::int64_t>(result->set.rows.size()) == fit);
    CHECK(result->entries.size() < 60);   // some were left out
}

TEST_CASE("a worker that only fails ends the run after five times, with its last words") {
    Scratch folder;
    const auto result = run(settings_for(fake_worker("--crash-at 1"), folder.path("j")));
    REQUIRE(result);
    CHECK(result->stop == StopReason::worker_failed);
    CHECK(result->entries.size() == 5);
    REQUIRE(result->problems.size() == 1);
    CHECK(result->problems.front().what.find("the worker failed 5 times in a row, the last time so: crashed") == 0);
    CHECK(result->problems.front().what.find("about to crash") != std::string::npos);
}

TEST_CASE("a worker that does not start again ends the run, and what was measured stays") {
    Scratch folder;
    const std::string flag = folder.path("started");
    const std::string once = "sh -c 'if [ -e " + flag +
                             " ]; then echo the GPU fell off the bus >&2; exit 9; fi; touch " + flag + "; exec " +
                             fake_worker("--crash-at 6") + "'";
    const auto result = run(settings_for(once, folder.path("j")));
    REQUIRE(result);
    CHECK(result->stop == StopReason::worker_failed);
    CHECK(result->set.rows.size() == 5);
    CHECK(text_of(result->problems).find("the GPU fell off the bus") != std::string::npos);
}

TEST_CASE("a family whose kernels all fail does not end the run") {
    Scratch folder;
    const auto result = run(settings_for(fake_worker("--crash-on copy"), folder.path("j")));
    REQUIRE(result);
    CHECK(measured(*result, KernelFamily::gemm) == 40);
    CHECK(measured(*result, KernelFamily::copy) == 0);
    CHECK(
        std::ranges::any_of(result->notes, [](const std::string& note) { return note.find("copy is given up") == 0; }));
}

TEST_CASE("noise is measured and uncertain probes are named") {
    Scratch folder;
    const auto calm = run(settings_for(fake_worker(), folder.path("calm")));
    const auto noisy = run(settings_for(fake_worker("--noise 0.5"), folder.path("noisy")));
    REQUIRE((calm && noisy));
    CHECK(calm->statistics.uncertain.empty());
    CHECK(calm->statistics.groups.front().median_spread < 0.001);
    CHECK(noisy->statistics.uncertain.size() > 50);
    CHECK(noisy->statistics.uncertain.front().remark.find("median known to ±") == 0);
    CHECK(noisy->statistics.groups.front().median_spread > kUncertainSpread);
}

TEST_CASE("progress tells what is done, how well, and what is being measured") {
    Scratch folder;
    std::vector<CalibrationProgress> seen;
    const auto result = run(settings_for(fake_worker(), folder.path("j")), exact_tools(),
                            [&](const CalibrationProgress& p) { seen.push_back(p); });
    REQUIRE(result);
    REQUIRE(seen.size() >= 60);
    for (std::size_t i = 1; i < seen.size(); ++i) {
        CHECK(seen[i].done >= seen[i - 1].done);
        CHECK(seen[i].seconds >= seen[i - 1].seconds);
    }
    CHECK(seen.front().probe.find("gemm bf16 m") == 0);
    CHECK(seen.front().device == "Fake 1");
    CHECK_FALSE(seen.front().error);
    CHECK(seen.back().done == 60);
    REQUIRE(seen.back().error);
    // 1 / rows at the last fits, weighted 0.7 and 0.3.
    CHECK(*seen.back().error == Approx(0.7 * *seen.back().groups[0].error + 0.3 * *seen.back().groups[1].error));
}

TEST_CASE("a family's error is the mean of its formats that have one") {
    const auto errors = errors_by_family({{KernelFamily::gemm, "bf16", 9, 0, 0.1},
                                          {KernelFamily::gemm, "fp8", 9, 0, 0.3},
                                          {KernelFamily::gemm, "int8", 2, 0, std::nullopt},
                                          {KernelFamily::copy, "", 3, 0, std::nullopt}});
    CHECK(errors.size() == 1);
    CHECK(errors.at(KernelFamily::gemm) == Approx(0.2));
}

TEST_CASE("a journal that fills its disk ends the run with the reason") {
    Scratch folder;
    auto settings = settings_for(fake_worker(), "/dev/full");
    CHECK_FALSE(run(settings));
}

TEST_CASE("ops that are not known are noted") {
    Scratch folder;
    auto settings = settings_for(fake_worker("--extra-op scan"), folder.path("j"));
    settings.probes = 5;
    const auto result = run(settings);
    REQUIRE(result);
    CHECK(std::ranges::any_of(result->notes, [](const std::string& note) { return note.find("the worker's scan") != std::string::npos; }));
}

TEST_CASE("a machine that was busy is told so, and not asked about the unit of its own times") {
    Scratch folder;
    const auto result = run(settings_for(fake_worker(), folder.path("j")));
    REQUIRE(result);
    CHECK(result->set.timed_here);
    const DeviceSpec& device = *builtin_catalog().device("h100_sxm");
    MeasurementSet busy = result->set;
    for (Measurement& row : busy.rows) row.seconds *= 1e4;
    const auto report = fit_profile(busy, device, {});
    REQUIRE_FALSE(report);
    CHECK_THAT(text_of(report.error()), ContainsSubstring("the machine seems busy"));
    CHECK(text_of(report.error()).find("another unit") == std::string::npos);
    busy.timed_here = false;
    CHECK_THAT(text_of(fit_profile(busy, device, {}).error()), ContainsSubstring("are its times in another unit"));
}

TEST_CASE("a worker that offers nothing of the plan is an error that says what was left out") {
    Scratch folder;
    auto tools = exact_tools(
        [](const WorkerHello&) { return CalibrationPlan{{}, {"gemm bf16, which the worker does not offer"}}; });
    const auto refused = run(settings_for(fake_worker(), folder.path("j")), tools);
    REQUIRE_FALSE(refused);
    CHECK(text_of(refused.error()).find("offers nothing that is to be measured; left out: gemm bf16") !=
          std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder.path("j")));
}

TEST_CASE("several workers run side by side, each with its own journal") {
    Scratch folder;
    std::vector<CalibrateSettings> all;
    for (const char* name : {"a", "b", "c"})
        all.push_back(settings_for(fake_worker(std::string("--slow 2 --device ") + name), folder.path(name)));
    all.push_back(settings_for(fake_worker("--die 'not today'"), folder.path("d")));
    std::set<std::size_t> heard;
    bool inside = false, overlapped = false;
    RunControl control;
    const auto results = calibrate_all(all, exact_tools(), control, [&](std::size_t i, const CalibrationProgress&) {
        overlapped = overlapped || inside;
        inside = true;
        heard.insert(i);
        inside = false;
    });
    REQUIRE(results.size() == 4);
    for (std::size_t i = 0; i < 3; ++i) {
        REQUIRE(results[i]);
        CHECK(results[i]->set.rows.size() == 60);
        CHECK(results[i]->header.hello.device == std::string(1, static_cast<char>('a' + i)));
    }
    REQUIRE_FALSE(results[3]);
    CHECK(text_of(results[3].error()).find("not today") != std::string::npos);
    CHECK(heard == std::set<std::size_t>{0, 1, 2});
    CHECK_FALSE(overlapped);
}

TEST_CASE("limits of a probe follow the budget") {
    CHECK(limits_for(60).seconds == Approx(0.2));
    CHECK(limits_for(300).seconds == Approx(0.5));
    CHECK(limits_for(36000).seconds == Approx(2));
}
