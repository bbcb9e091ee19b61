#pragma once
// A probe worker spoken to in its protocol (gpu/protocol/protocol.h): started, greeted, asked, restarted when it fails.

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "gpu/calibrator/worker_process.h"
#include "gpu/protocol/protocol.h"

namespace moeplan {

struct WorkerTimes {
    double hello_s = 60;  // from start to greeting: loading CUDA and a login over ssh take their time
    double grace_s = 20;  // beyond a probe's own limit: setting up its buffers, finding an algorithm
    double patience_s = 3;  // beyond a probe's own limit once the run is cancelled
};

enum class AnswerKind : std::uint8_t {
    ok,
    unsupported,
    out_of_memory,
    failed,  // the worker said so
    crashed,  // it ended, or closed its stdout
    hung,  // it did not answer in time
    garbage,  // it answered, but not the protocol's answer to what was asked
    cancelled,  // the run was cancelled while waiting
};
std::string_view name_of(AnswerKind kind);
std::optional<AnswerKind> answer_kind_named(std::string_view name);

struct Answer {
    AnswerKind kind = AnswerKind::ok;
    ProbeReply reply;  // when ok
    std::string message;  // what went wrong, with what the worker last said on stderr
    double seconds = 0;  // from asking to the answer; starting the worker not counted
};

class ProbeWorker {
public:
    ProbeWorker(std::string command, const WorkerTimes& times) : command_(std::move(command)), times_(times) {}
    ~ProbeWorker();  // stop()
    ProbeWorker(const ProbeWorker&) = delete;
    ProbeWorker& operator=(const ProbeWorker&) = delete;

    // Starts it (again) and reads its greeting. Errors: it cannot be started, ends, says nothing in time, or greets
    // with something else; with what it last said on stderr. `cancel` may be null.
    Result<WorkerHello> start(const std::atomic<bool>* cancel);
    bool running() const { return process_.running(); }

    // After any answer but ok, unsupported and out_of_memory the worker is stopped: what it would say next cannot be
    // trusted (after a failed kernel a CUDA context fails every later call). Requires: running().
    Answer ask(const ProbeRequest& request, const std::atomic<bool>* cancel);

    // Asks it to quit, waits a little, ends it.
    void stop();

    const std::string& command() const { return command_; }
    pid_t pid() const { return process_.pid(); }

private:
    using Clock = WorkerProcess::Clock;
    enum class Heard { line, late, closed, too_long, cancelled };
    Heard hear(std::string& line, double limit_s, double cancelled_s, const std::atomic<bool>* cancel);
    Problem bad_start(const std::string& what) const;
    Answer lost(AnswerKind kind, const std::string& what);
    Answer heard(const ProbeRequest& request, const std::string& line);
    std::string with_last_words(const std::string& what) const;

    std::string command_;
    WorkerTimes times_;
    WorkerProcess process_;
};

}  // namespace moeplan
