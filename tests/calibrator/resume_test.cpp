// A journal that is there already: gone on with, refused, or mended.

#include "gpu/calibrator/calibrate.h"
#include "tests/calibrator/support.h"

using namespace moeplan;
using namespace moeplan::test;

TEST_CASE("progress hands on every answer once, in the order of the journal, also those a resumed run takes from it") {
    Scratch folder;
    auto settings = settings_for(fake_worker("--fail-on copy"), folder.path("j"));
    const auto answers_of = [&] {
        std::vector<JournalEntry> answers;
        const auto result = run(settings, exact_tools(), [&](const CalibrationProgress& p) {
            REQUIRE(p.hello);
            CHECK(p.hello->device == "Fake 1");
            if (p.answer) answers.push_back(*p.answer);
        });
        REQUIRE(result);
        return std::pair(answers, result->entries);
    };
    settings.probes = 15;
    const auto [first, kept] = answers_of();
    CHECK(first == kept);
    settings.resume = true;
    settings.probes = 30;
    const auto [again, all] = answers_of();
    CHECK(again == all);
    CHECK(again.size() > first.size());
}

TEST_CASE("a cancelled run keeps its journal and goes on later") {
    Scratch folder;
    auto settings = settings_for(fake_worker(), folder.path("j"));
    std::atomic<bool> cancel = false;
    RunControl control;
    control.cancel = &cancel;
    const auto stopped =
        calibrate(settings, exact_tools(), control, [&](const CalibrationProgress& p) { cancel = p.done >= 20; });
    REQUIRE(stopped);
    CHECK(stopped->stop == StopReason::cancelled);
    CHECK(stopped->entries.size() >= 20);
    CHECK(stopped->entries.size() < 40);
    settings.resume = true;
    const auto finished = run(settings);
    REQUIRE(finished);
    CHECK(finished->set.rows.size() == 60);
    CHECK(finished->entries.size() == 60);
    CHECK(finished->reused == static_cast<std::int64_t>(stopped->entries.size()));
}

TEST_CASE("a run refuses what it must not touch before it starts a worker") {
    Scratch folder;
    std::ofstream(folder.path("j")) << "my notes\n";
    const auto refused = run(settings_for("touch " + folder.path("ran"), folder.path("j")));
    REQUIRE_FALSE(refused);
    CHECK(text_of(refused.error()).find("is there already and is left alone") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder.path("ran")));
}

TEST_CASE("going on with the journal of another device is refused") {
    Scratch folder;
    auto settings = settings_for(fake_worker(), folder.path("j"));
    settings.probes = 5;
    REQUIRE(run(settings));
    settings.resume = true;
    settings.worker = fake_worker("--device 'Fake 2'");
    const auto refused = run(settings);
    REQUIRE_FALSE(refused);
    CHECK(text_of(refused.error()).find("holds measurements of Fake 1, but this worker runs on Fake 2") !=
          std::string::npos);
    CHECK(read_journal(folder.path("j"))->entries.size() == 5);
}

TEST_CASE("measurements of another number of threads are not mixed with those of a journal") {
    Scratch folder;
    auto settings = settings_for(fake_worker("--threads 2"), folder.path("j"));
    settings.probes = 5;
    REQUIRE(run(settings));
    settings.resume = true;
    settings.worker = fake_worker("--threads 8");
    const auto refused = run(settings);
    REQUIRE_FALSE(refused);
    CHECK_THAT(text_of(refused.error()), ContainsSubstring("holds measurements of 2 threads, but this worker runs 8") &&
                                             ContainsSubstring("it was begun with --worker \"" + fake_worker("--threads 2") + "\""));
    CHECK(read_journal(folder.path("j"))->entries.size() == 5);
}

TEST_CASE("another memory or number of devices than a journal's is told") {
    Scratch folder;
    auto settings = settings_for(fake_worker("--memory 8000000000"), folder.path("j"));
    settings.probes = 5;
    REQUIRE(run(settings));
    settings.resume = true;
    settings.probes = 6;
    settings.worker = fake_worker("--memory 9000000000 --devices 4");
    const auto resumed = run(settings);
    REQUIRE(resumed);
    const auto told = [&](const std::string& text) {
        return std::ranges::any_of(resumed->notes, [&](const std::string& note) { return note.find(text) != std::string::npos; });
    };
    CHECK(told("8000000000 bytes of memory; now there are 9000000000"));
    CHECK(told("devices; now there are 4"));
}

TEST_CASE("a damaged line costs a journal that answer, which is asked for again") {
    Scratch folder;
    auto settings = settings_for(fake_worker(), folder.path("j"));
    REQUIRE(run(settings));
    std::string text = text_of(folder.path("j"));
    const std::size_t third = text.find('\n', text.find('\n') + 1) + 1;
    text.replace(third, 10, "##########");
    std::ofstream(folder.path("j")) << text;
    settings.resume = true;
    const auto resumed = run(settings);
    REQUIRE(resumed);
    CHECK(resumed->set.rows.size() == 60);
    CHECK(std::ranges::any_of(resumed->notes, [](const std::string& note) { return note.find("a line is damaged") == 0; }));
}

TEST_CASE("with another plan a journal's answers count and are not asked again") {
    Scratch folder;
    auto settings = settings_for(fake_worker(), folder.path("j"));
    settings.probes = 30;
    const auto first = run(settings);
    REQUIRE(first);
    settings.resume = true;
    settings.probes = 1000;
    const auto larger = exact_tools([](const WorkerHello&) { return CalibrationPlan{{gemms(50, 1.0)}, {}}; });
    const auto second = run(settings, larger);
    REQUIRE(second);
    for (const auto& [probe, attempts] : attempts_of(*second)) CHECK(attempts == 1);
    CHECK(measured(*second, KernelFamily::gemm) == 50);
    CHECK(measured(*second, KernelFamily::copy) == measured(*first, KernelFamily::copy));  // nothing measured is lost
    CHECK(std::ranges::any_of(
        second->notes, [](const std::string& note) { return note.find("another plan or seed") != std::string::npos; }));
}

TEST_CASE("a shorter run over a longer journal loses nothing") {
    Scratch folder;
    auto settings = settings_for(fake_worker(), folder.path("j"));
    REQUIRE(run(settings));
    settings.resume = true;
    settings.probes = 10;
    const auto result = run(settings);
    REQUIRE(result);
    CHECK(result->set.rows.size() == 60);
}

