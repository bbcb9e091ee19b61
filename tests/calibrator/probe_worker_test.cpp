// The protocol spoken with workers that keep to it and workers that do not.

#include "gpu/calibrator/probe_worker.h"
#include "tests/calibrator/support.h"

using namespace moeplan;
using namespace moeplan::test;

namespace {

const WorkerTimes kQuick{10, 0.5, 0.2};

ProbeRequest request(std::int64_t id) { return {id, GemmKernel{16, 64, 64, NumberFormat::bf16}, {50, 0.5, 0.01}}; }

Answer ask_once(const std::string& options, std::int64_t id = 1) {
    ProbeWorker worker(fake_worker(options), kQuick);
    const auto hello = worker.start(nullptr);
    REQUIRE(hello);
    return worker.ask(request(id), nullptr);
}

std::string start_problem(const std::string& command, const WorkerTimes& times = kQuick) {
    ProbeWorker worker(command, times);
    const auto hello = worker.start(nullptr);
    REQUIRE_FALSE(hello);
    CHECK_FALSE(worker.running());
    CHECK(hello.error().front().where == command);
    return hello.error().front().what;
}

}  // namespace

TEST_CASE("a worker that keeps to the protocol greets and answers until it is stopped") {
    ProbeWorker worker(fake_worker("--device Mine"), kQuick);
    const auto hello = worker.start(nullptr);
    REQUIRE(hello);
    CHECK(hello->device == "Mine");
    for (std::int64_t id = 1; id < 20; ++id) {
        const Answer answer = worker.ask(request(id), nullptr);
        REQUIRE(answer.kind == AnswerKind::ok);
        CHECK(answer.reply.id == id);
        CHECK(answer.reply.samples_us.size() == 9);
        CHECK(answer.seconds > 0);
    }
    worker.stop();
    CHECK_FALSE(worker.running());
}

TEST_CASE("a slow answer is waited for") {
    const Answer answer = ask_once("--slow 600");
    CHECK(answer.kind == AnswerKind::ok);
    CHECK(answer.seconds >= 0.6);
}

TEST_CASE("each kind of misbehaviour is told apart") {
    CHECK(ask_once("--crash-at 1").kind == AnswerKind::crashed);
    CHECK(ask_once("--hang-at 1").kind == AnswerKind::hung);
    CHECK(ask_once("--garbage-at 1").kind == AnswerKind::garbage);
    CHECK(ask_once("--half-line-at 1").kind == AnswerKind::crashed);
    CHECK(ask_once("--endless-at 1").kind == AnswerKind::garbage);
    CHECK(ask_once("--wrong-id-at 1").kind == AnswerKind::garbage);
    CHECK(ask_once("--fail-at 1").kind == AnswerKind::failed);
    CHECK(ask_once("--oom-above 10").kind == AnswerKind::out_of_memory);
}

TEST_CASE("what went wrong is told in words, with what the worker last said") {
    const Answer crashed = ask_once("--crash-at 1");
    CHECK(crashed.message.find("signal 11") != std::string::npos);
    CHECK(crashed.message.find("about to crash") != std::string::npos);
    CHECK(ask_once("--garbage-at 1").message.find("'Segmentation fault (not really)'") != std::string::npos);
    CHECK(ask_once("--half-line-at 1").message.find("in the middle of its answer") != std::string::npos);
    CHECK(ask_once("--wrong-id-at 1", 7).message.find("probe 1007 when asked for 7") != std::string::npos);
    CHECK(ask_once("--hang-at 1").message.find("no answer within 1 s") != std::string::npos);
    CHECK(ask_once("--fail-at 1").message == "an illegal memory access was encountered");
}

TEST_CASE("a worker is stopped after what cannot be trusted, and goes on after a plain no") {
    ProbeWorker worker(fake_worker("--oom-above 10"), kQuick);
    REQUIRE(worker.start(nullptr));
    CHECK(worker.ask(request(1), nullptr).kind == AnswerKind::out_of_memory);
    CHECK(worker.running());
    ProbeWorker failing(fake_worker("--fail-at 1"), kQuick);
    REQUIRE(failing.start(nullptr));
    CHECK(failing.ask(request(1), nullptr).kind == AnswerKind::failed);
    CHECK_FALSE(failing.running());
    REQUIRE(failing.start(nullptr));   // and can be started again
    CHECK(failing.running());
}

TEST_CASE("a worker that talks on stderr all the time is understood") {
    ProbeWorker worker(fake_worker("--chatter"), kQuick);
    REQUIRE(worker.start(nullptr));
    for (std::int64_t id = 1; id < 5; ++id) CHECK(worker.ask(request(id), nullptr).kind == AnswerKind::ok);
}

TEST_CASE("a worker that does not start tells why") {
    CHECK(start_problem(fake_worker("--die 'no GPU here'")) ==
          "the worker ended before its greeting, with exit code 3; it last said: no GPU here");
    CHECK(start_problem("no-such-probe").find("exit code 127") != std::string::npos);
    CHECK(start_problem(fake_worker("--babble")).find("'Welcome to gpu01!' is not understood") != std::string::npos);
    CHECK(start_problem(fake_worker("--mute"), {0.3, 1, 1}) ==
          "the worker did not greet within 0.3 s; it said nothing on stderr");
    CHECK(start_problem("yes | tr -d '\\n'").find("does not end") != std::string::npos);
}

TEST_CASE("a control character in an answer does not reach the terminal") {
    ProbeWorker worker("printf '\\033[2Jgreetings\\n'", kQuick);
    const auto hello = worker.start(nullptr);
    REQUIRE_FALSE(hello);
    CHECK(hello.error().front().what.find('\033') == std::string::npos);
}

TEST_CASE("a cancel is noticed while a worker is silent") {
    const std::atomic<bool> cancelled = true;
    ProbeWorker worker(fake_worker("--hang-at 1"), {10, 60, 0.1});
    REQUIRE(worker.start(nullptr));
    const auto start = std::chrono::steady_clock::now();
    CHECK(worker.ask(request(1), &cancelled).kind == AnswerKind::cancelled);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
    ProbeWorker mute(fake_worker("--mute"), {60, 1, 1});
    CHECK_FALSE(mute.start(&cancelled));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("a probe that is nearly done is still taken when the run is cancelled") {
    const std::atomic<bool> cancelled = true;
    ProbeWorker worker(fake_worker("--slow 300"), {10, 60, 2});
    REQUIRE(worker.start(nullptr));
    CHECK(worker.ask(request(1), &cancelled).kind == AnswerKind::ok);
}

TEST_CASE("kinds of answers have names that read back") {
    for (const AnswerKind kind :
         {AnswerKind::ok, AnswerKind::unsupported, AnswerKind::out_of_memory, AnswerKind::failed, AnswerKind::crashed,
          AnswerKind::hung, AnswerKind::garbage, AnswerKind::cancelled}) {
        CHECK(answer_kind_named(name_of(kind)) == kind);
    }
    CHECK_FALSE(answer_kind_named("bored"));
}
