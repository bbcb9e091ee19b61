#include "sim/measure/timeline_writer.h"

#include <algorithm>
#include <iterator>
#include <ostream>

#include <fmt/format.h>

namespace moeplan {
namespace {

constexpr int kReplicas = 1, kRequests = 2;

// Microseconds of whole ticks, every digit.
std::string us(Ticks ticks) {
    const Ticks from = std::max<Ticks>(ticks, 0);
    return fmt::format("{}.{:06}", from / 1'000'000, from % 1'000'000);
}

std::string_view name_of(Happening what) {
    switch (what) {
        case Happening::preempted: return "preempted";
        case Happening::swapped_out: return "swapped out";
        case Happening::swapped_in: return "swapped in";
        case Happening::lost: return "lost";
        case Happening::returned: return "returned";
        case Happening::scaled_up: return "scaled up";
        case Happening::scaled_down: return "scaled down";
        case Happening::rebalanced: return "rebalanced";
        case Happening::kv_sent: return "KV sent";
    }
    return "";
}

std::string slice(std::string_view name, std::int32_t replica, Ticks start, Ticks end, const std::string& args) {
    return fmt::format(R"({{"name":"{}","ph":"X","pid":{},"tid":{},"ts":{},"dur":{},"args":{{{}}}}})", name, kReplicas,
                       replica, us(start), us(end - start), args);
}

std::string named(const char* what, int pid, std::int32_t tid, const std::string& name) {
    return fmt::format(R"({{"name":"{}","ph":"M","pid":{},"tid":{},"args":{{"name":"{}"}}}})", what, pid, tid, name);
}

}  // namespace

TimelineWriter::TimelineWriter(std::ostream& out, TimelineSpec spec) : out_(out), spec_(spec) {
    out_ << R"({"displayTimeUnit":"ms","traceEvents":[)";
    put(named("process_name", kReplicas, 0, "replicas"));
}

TimelineWriter::~TimelineWriter() { finish(); }

void TimelineWriter::put(std::string_view event) {
    out_ << (first_ ? "\n" : ",\n") << event;
    first_ = false;
}

bool TimelineWriter::room(Ticks at, std::uint64_t events) {
    if (finished_) return false;
    if (left_out_ == 0 && events_ + events <= spec_.most_events) {
        events_ += events;
        return true;
    }
    left_out_ += events;
    if (left_out_ == events) {
        put(fmt::format(
            R"({{"name":"timeline cut off: {} events written, the rest left out","ph":"i","s":"g","pid":{},"tid":0,"ts":{}}})",
            events_, kReplicas, us(at)));
    }
    return false;
}

void TimelineWriter::name_replica(std::int32_t replica) {
    const auto index = static_cast<std::size_t>(std::max(replica, 0));
    if (index >= named_.size()) {
        named_.resize(index + 1);
        told_.resize(index + 1);
    }
    if (named_[index]) return;
    named_[index] = true;
    put(named("thread_name", kReplicas, replica, fmt::format("replica {}", replica)));
}

void TimelineWriter::decoded(const DecodeRun& run) {
    if (!room(run.start)) return;
    name_replica(run.replica);
    put(slice(run.count == 1 ? "decode" : fmt::format("decode x {}", run.count), run.replica, run.start, run.end(),
              fmt::format(R"("steps":{},"sequences":{},"tokens":{},"first step us":{})", run.count, run.sequences,
                          run.tokens_per_step * run.count, us(run.first))));
}

void TimelineWriter::stepped(const PromptStep& step) {
    if (!room(step.start)) return;
    name_replica(step.replica);
    put(slice(step.decoding > 0 ? "prompts + decode" : "prompts", step.replica, step.start, step.end,
              fmt::format(R"("prompt tokens":{},"prompts":{},"first tokens":{},"decoding":{})", step.prompt_tokens,
                          step.prompts, step.first_tokens, step.decoding)));
}

void TimelineWriter::state(const ReplicaState& now) {
    name_replica(now.replica);
    ReplicaState& told = told_[static_cast<std::size_t>(std::max(now.replica, 0))];
    if ((told.running != now.running || told.waiting != now.waiting) && room(now.at)) {
        put(fmt::format(
            R"({{"name":"requests of replica {}","ph":"C","pid":{},"ts":{},"args":{{"running":{},"waiting":{}}}}})",
            now.replica, kReplicas, us(now.at), now.running, now.waiting));
    }
    if (told.kv_used != now.kv_used && room(now.at)) {
        put(fmt::format(R"({{"name":"KV blocks of replica {}","ph":"C","pid":{},"ts":{},"args":{{"held":{}}}}})",
                        now.replica, kReplicas, us(now.at), now.kv_used));
    }
    told = now;
}

void TimelineWriter::happened(Happening what, std::int32_t replica, std::optional<std::uint64_t> request, Ticks at,
                              Ticks until) {
    const bool lasts = until > at && until != kNever;
    if (!room(at, lasts ? 2 : 1)) return;
    name_replica(replica);
    const std::string args = request ? fmt::format(R"("request":{})", *request) : "";
    if (lasts) {
        // Beside the steps, not between them: nothing on a track may overlap.
        const auto id = events_;
        put(fmt::format(
            R"({{"name":"{0}","cat":"happened","ph":"b","id":{1},"pid":{2},"tid":{3},"ts":{4},"args":{{{5}}}}})",
            name_of(what), id, kReplicas, replica, us(at), args));
        put(fmt::format(R"({{"name":"{0}","cat":"happened","ph":"e","id":{1},"pid":{2},"tid":{3},"ts":{4}}})",
                        name_of(what), id, kReplicas, replica, us(until)));
        return;
    }
    put(fmt::format(R"({{"name":"{}","ph":"i","s":"t","pid":{},"tid":{},"ts":{},"args":{{{}}}}})", name_of(what),
                    kReplicas, replica, us(at), args));
}

void TimelineWriter::ended(const RequestRecord& r) {
    const Ticks end = r.finished == kNever ? r.arrival : r.finished;
    const bool waits = r.started != kNever && r.started > r.arrival;
    const bool decodes = r.first_token != kNever && end > r.first_token;
    if (!spec_.requests || !room(r.arrival, 2U + (waits ? 2U : 0U) + (decodes ? 2U : 0U))) return;
    if (!requests_named_) put(named("process_name", kRequests, 0, "requests"));
    requests_named_ = true;
    const auto span = [&](std::string_view name, Ticks from, Ticks to) {
        put(fmt::format(
            R"({{"name":"{}","cat":"request","ph":"b","id":{},"pid":{},"tid":0,"ts":{},"args":{{"input":{},"output":{},"replica":{}}}}})",
            name, r.id, kRequests, us(from), r.input, r.output, r.replica));
        put(fmt::format(R"({{"name":"{}","cat":"request","ph":"e","id":{},"pid":{},"tid":0,"ts":{}}})", name, r.id,
                        kRequests, us(to)));
    };
    if (r.first_token == kNever) {
        span(moeplan::name_of(r.ending), r.arrival, end);
        return;
    }
    if (waits) span("wait", r.arrival, r.started);
    span("prefill", r.started, r.first_token);
    if (decodes) span("decode", r.first_token, end);
}

void TimelineWriter::finish() {
    if (finished_) return;
    finished_ = true;
    out_ << fmt::format("\n],\"otherData\":{{\"events\":{},\"left out\":{}}}}}\n", events_, left_out_);
    out_.flush();
}

Problems TimelineWriter::problems() const {
    if (out_) return {};
    return {{"", "", "the timeline could not be written whole: the disk may be full", "", ProblemKind::wrong_input}};
}

}  // namespace moeplan
