#include "gpu/calibrator/probe_worker.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "core/base/require.h"

namespace moeplan {
namespace {

using Seconds_ = std::chrono::duration<double>;

constexpr std::array<std::pair<AnswerKind, std::string_view>, 8> kNames{{
    {AnswerKind::ok, "ok"},
    {AnswerKind::unsupported, "unsupported"},
    {AnswerKind::out_of_memory, "out_of_memory"},
    {AnswerKind::failed, "failed"},
    {AnswerKind::crashed, "crashed"},
    {AnswerKind::hung, "hung"},
    {AnswerKind::garbage, "garbage"},
    {AnswerKind::cancelled, "cancelled"},
}};

// What a line looked like, for a message.
std::string shown(std::string_view line) {
    constexpr std::size_t kMost = 60;
    return fmt::format("'{}{}'", line.substr(0, kMost), line.size() > kMost ? "…" : "");
}

// Nothing a terminal would act on: a worker may have written anything.
std::string plain(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return text;
}

AnswerKind kind_of(ProbeStatus status) {
    switch (status) {
        case ProbeStatus::ok: return AnswerKind::ok;
        case ProbeStatus::unsupported: return AnswerKind::unsupported;
        case ProbeStatus::out_of_memory: return AnswerKind::out_of_memory;
        case ProbeStatus::failed: return AnswerKind::failed;
    }
    return AnswerKind::failed;
}

std::string reasons(const Problems& problems) {
    std::string text;
    for (const auto& problem : problems) text += (text.empty() ? "" : "; ") + to_text(problem);
    return text;
}

WorkerProcess::Clock::time_point in_seconds(double seconds) {
    return WorkerProcess::Clock::now() + std::chrono::duration_cast<WorkerProcess::Clock::duration>(Seconds_(seconds));
}

}  // namespace

std::string_view name_of(AnswerKind kind) {
    return std::ranges::find(kNames, kind, &std::pair<AnswerKind, std::string_view>::first)->second;
}

std::optional<AnswerKind> answer_kind_named(std::string_view name) {
    const auto found = std::ranges::find(kNames, name, &std::pair<AnswerKind, std::string_view>::second);
    return found == kNames.end() ? std::nullopt : std::optional(found->first);
}

ProbeWorker::~ProbeWorker() { stop(); }

// Listens in short turns so that a cancel is noticed; from then on it waits no longer than `cancelled_s`.
ProbeWorker::Heard ProbeWorker::hear(std::string& line, double limit_s, double cancelled_s,
                                     const std::atomic<bool>* cancel) {
    auto deadline = in_seconds(limit_s);
    bool stopping = false;
    for (;;) {
        const auto turn = std::min(deadline, in_seconds(0.1));
        switch (process_.read_line(line, turn)) {
            case WorkerProcess::Read::line: return Heard::line;
            case WorkerProcess::Read::closed: return Heard::closed;
            case WorkerProcess::Read::too_long: return Heard::too_long;
            case WorkerProcess::Read::waiting: break;
        }
        if (!stopping && cancel && cancel->load(std::memory_order_relaxed)) {
            stopping = true;
            deadline = std::min(deadline, in_seconds(cancelled_s));
        }
        if (Clock::now() >= deadline) return stopping ? Heard::cancelled : Heard::late;
    }
}

std::string ProbeWorker::with_last_words(const std::string& what) const {
    const std::string words = process_.last_words();
    return plain(words.empty() ? what + "; it said nothing on stderr"
                               : fmt::format("{}; it last said: {}", what, words));
}

Problem ProbeWorker::bad_start(const std::string& what) const {
    return {command_, {}, with_last_words(what), "try the command by itself: a worker greets with one line of JSON"};
}

Result<WorkerHello> ProbeWorker::start(const std::atomic<bool>* cancel) {
    if (const auto started = process_.start(command_); !started) return tl::unexpected(started.error());
    std::string line;
    const Heard how = hear(line, times_.hello_s, 0.1, cancel);
    if (how == Heard::line) {
        auto hello = read_hello(line);
        if (hello) return hello;
        process_.kill();
        return fail(bad_start(
            fmt::format("the worker's greeting {} is not understood: {}", shown(line), reasons(hello.error()))));
    }
    if (how == Heard::closed) process_.wait_for_end(in_seconds(1));
    const bool ended = !process_.running();
    process_.kill();
    switch (how) {
        case Heard::closed:
            return fail(bad_start(ended
                                      ? fmt::format("the worker ended before its greeting, with {}", process_.ending())
                                      : "the worker closed its stdout before its greeting"));
        case Heard::too_long: return fail(bad_start("the worker's greeting does not end"));
        case Heard::cancelled: return fail(bad_start("cancelled while waiting for the worker's greeting"));
        default: return fail(bad_start(fmt::format("the worker did not greet within {:g} s", times_.hello_s)));
    }
}

Answer ProbeWorker::lost(AnswerKind kind, const std::string& what) {
    process_.kill();
    return {kind, {}, with_last_words(what), 0};
}

Answer ProbeWorker::heard(const ProbeRequest& request, const std::string& line) {
    auto reply = read_reply(line);
    if (!reply)
        return lost(AnswerKind::garbage, fmt::format("it answered {}: {}", shown(line), reasons(reply.error())));
    if (reply->id != request.id)
        return lost(AnswerKind::garbage, fmt::format("it answered probe {} when asked for {}", reply->id, request.id));
    const AnswerKind kind = kind_of(reply->status);
    if (kind == AnswerKind::ok && reply->samples_us.empty())
        return lost(AnswerKind::garbage, "its answer holds no samples");
    if (kind == AnswerKind::failed) {
        if (reply->message.empty()) return lost(kind, "it gave no reason");
        process_.kill();
        return {kind, {}, plain(std::move(reply->message)), 0};
    }
    std::string message = plain(reply->message);
    return {kind, std::move(*reply), std::move(message), 0};
}

Answer ProbeWorker::ask(const ProbeRequest& request, const std::atomic<bool>* cancel) {
    require(process_.running(), "ProbeWorker::ask: start it first");
    const auto start = Clock::now();
    const double limit = request.limits.seconds + times_.grace_s;
    const auto answer = [&]() -> Answer {
        std::string line;
        const bool sent = process_.write_line(write_request(request), in_seconds(times_.grace_s));
        // What it still says is worth hearing even if it no longer listens: it may have said why.
        const Heard how = hear(line, sent ? limit : 1.0, request.limits.seconds + times_.patience_s, cancel);
        if (how == Heard::line) return heard(request, line);
        if (how == Heard::too_long) return lost(AnswerKind::garbage, "its answer does not end");
        if (how == Heard::cancelled) return lost(AnswerKind::cancelled, "the run was cancelled");
        if (how == Heard::late) return lost(AnswerKind::hung, fmt::format("no answer within {:g} s", limit));
        process_.wait_for_end(in_seconds(1));
        const std::string ending = process_.running() ? "it closed its stdout" : "it ended with " + process_.ending();
        return lost(AnswerKind::crashed,
                    line.empty() ? ending : fmt::format("{} in the middle of its answer {}", ending, shown(line)));
    }();
    Answer timed = answer;
    timed.seconds = Seconds_(Clock::now() - start).count();
    return timed;
}

void ProbeWorker::stop() {
    if (!process_.running()) return;
    process_.write_line(write_quit(), in_seconds(0.2));
    process_.finish(std::chrono::milliseconds(1000));
}

}  // namespace moeplan
