#include "sim/measure/invariants.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace moeplan {
namespace {

constexpr std::array kNames{"",      "conserved", "clock",    "blocks", "order",   "tokens",
                            "working", "in a run",  "sizes", "lost",   "requests"};
constexpr std::uint64_t kMostOfANumber = 20;

}  // namespace

bool InvariantChecker::check(bool holds, int number, Ticks at, std::int32_t replica, const char* what,
                             std::uint64_t id) {
    ++checked_;
    if (holds) return true;
    ++broken_;
    if (++by_number_[static_cast<std::size_t>(number)] <= kMostOfANumber) {
        violations_.push_back(
            {number, at, replica, id == kNoId ? std::string(what) : fmt::format("request {} {}", id, what)});
    }
    return false;
}

InvariantChecker::Clock& InvariantChecker::clock(std::int32_t replica) {
    const auto index = static_cast<std::size_t>(std::max(replica, 0));
    if (index >= clocks_.size()) clocks_.resize(index + 1);
    return clocks_[index];
}

void InvariantChecker::arrived(std::uint64_t id, const Arrival& request) {
    last_ = std::max(last_, request.at);
    const bool was_ended = id < ended_.size() && ended_[id];
    const bool fresh = inside_.emplace(id, Known{request.at, request.input, request.output}).second && !was_ended;
    check(fresh, 1, request.at, -1, "arrived twice", id);
}

void InvariantChecker::check_record(const RequestRecord& r) {
    const bool any = r.first_token != kNever;
    const bool over = r.finished != kNever || r.ending == Ending::unfinished;
    check(over && r.finished >= r.arrival, 4, r.finished, r.replica, "ended before it arrived", r.id);
    if (r.ending == Ending::completed) {
        check(any && r.first_token >= r.arrival && r.first_token <= r.finished, 4, r.finished, r.replica,
              "was completed without a first token between its arrival and its end", r.id);
        check(r.started >= r.arrival && r.started <= r.first_token, 4, r.finished, r.replica,
              "had its prompt taken up before it arrived or after its first token", r.id);
        check(r.output >= 1 && (r.output > 1 || r.first_token == r.finished), 4, r.finished, r.replica,
              "with one token ended at another time than it got it", r.id);
        check(r.output <= 1 || r.finished > r.first_token, 4, r.finished, r.replica, "got several tokens in no time",
              r.id);
    } else if (r.ending != Ending::unfinished) {
        check(!any, 4, r.finished, r.replica, "was given up after its first token", r.id);
    }
}

void InvariantChecker::ended(const RequestRecord& r) {
    const auto found = inside_.find(r.id);
    const bool twice = r.id < ended_.size() && ended_[r.id];
    if (r.id >= ended_.size()) ended_.resize(std::max<std::size_t>(r.id + 1, ended_.size() * 2));
    ended_[r.id] = true;
    if (!check(found != inside_.end(), 1, r.finished, r.replica, twice ? "ended twice" : "ended and never arrived",
               r.id))
        return;
    const Known known = found->second;
    inside_.erase(found);
    check(known.at == r.arrival && known.input == r.input && known.output == r.output, 10, r.finished, r.replica,
          "is told with another arrival or length than it arrived with", r.id);
    check_record(r);
    if (r.ending != Ending::completed) return;
    asked_ += r.output;
    if (r.replica < 0) {
        check(false, 7, r.finished, -1, "was completed by no replica", r.id);
        return;
    }
    Clock& c = clock(r.replica);
    if (r.finished <= c.step_end)
        check(r.finished == c.step_end, 7, r.finished, r.replica, "ended inside a step", r.id);
    else c.ends.emplace_back(r.finished, r.id);
}

void InvariantChecker::step(std::int32_t replica, Ticks start, Ticks end) {
    Clock& c = clock(replica);
    last_ = std::max(last_, end);
    check(end >= start, 2, start, replica, "a step ends before it begins");
    check(start >= c.step_end, 2, start, replica, "a step begins before the last one ended");
    check(!c.lost || end <= c.lost_at, 9, start, replica,
          "a lost replica runs a step");  // earlier ones may be told late
    if (spec_.longest_idle != kNever && c.due != kNever) {
        check(start <= std::max(c.due + c.pause, c.excused), 6, start, replica,
              "it had requests and stood still before this step");
    }
    if (start >= c.pause_told) c.pause = 0;
    c.due = kNever;
    c.step_start = start;
    c.step_end = end;
    for (const auto& [at, id] : c.ends) check(at == end, 7, at, replica, "ended at another time than its step", id);
    c.ends.clear();
}

void InvariantChecker::decoded(const DecodeRun& run) {
    check(run.sequences >= 1 && run.count >= 1, 8, run.start, run.replica, "a decode step without sequences");
    check(run.tokens_per_step >= run.sequences, 8, run.start, run.replica,
          "a decode step gives fewer tokens than it has sequences");
    check(run.first > 0 && run.first + run.growth * (run.count - 1) > 0, 2, run.start, run.replica,
          "a decode step takes no time");
    step(run.replica, run.start, run.end());
    given_ += run.tokens_per_step * run.count;
    if (run.tokens_per_step != run.sequences) may_exceed_ = true;
}

void InvariantChecker::stepped(const PromptStep& s) {
    const bool counts = s.prompt_tokens >= s.prompts && s.prompts >= 0 && s.first_tokens >= 0 && s.decoding >= 0;
    check(counts, 8, s.start, s.replica, "a prompt step with fewer tokens than prompts, or less than nothing");
    check(s.first_tokens <= s.prompts, 8, s.start, s.replica, "more prompts complete in a step than are in it");
    step(s.replica, s.start, s.end);
    given_ += s.first_tokens + s.decoding + s.extra_tokens;
    if (s.extra_tokens > 0) may_exceed_ = true;
}

void InvariantChecker::state(const ReplicaState& now) {
    Clock& c = clock(now.replica);
    last_ = std::max(last_, now.at);
    check(now.at >= c.state_at, 2, now.at, now.replica, "its state goes back in time");
    const bool blocks = now.kv_used >= 0 && now.kv_cached >= 0 && now.kv_used + now.kv_cached <= now.kv_total;
    check(blocks, 3, now.at, now.replica, "more blocks are held and cached than there are, or fewer than none");
    check(now.running >= 0 && now.waiting >= 0, 8, now.at, now.replica, "fewer requests than none");
    check(!c.lost || (now.running == 0 && now.waiting == 0 && now.kv_used == 0), 9, now.at, now.replica,
          "a lost replica holds requests");
    c.state_at = now.at;
    const bool requests = now.running > 0 || now.waiting > 0;
    c.due = requests && spec_.longest_idle != kNever ? now.at + spec_.longest_idle : kNever;
}

void InvariantChecker::thrown_away(std::int64_t tokens, Ticks, Ticks) { asked_ += tokens; }

void InvariantChecker::happened(Happening what, std::int32_t replica, std::optional<std::uint64_t>, Ticks at,
                                Ticks until) {
    Clock& c = clock(replica);
    last_ = std::max(last_, at);
    check(until >= at, 2, at, replica, "something ends before it begins");
    c.excused = std::max(c.excused, until == kNever ? at : until);
    if (what == Happening::rebalanced && until != kNever) {
        c.pause += until - at;
        c.pause_told = at;
    }
    if (what == Happening::lost) {
        c.lost = true;
        c.lost_at = at;
        c.due = kNever;
        c.step_end = std::min(c.step_end, at);
    }
    if (what == Happening::returned || what == Happening::scaled_up) c.lost = false;
}

void InvariantChecker::finish() {
    check(inside_.empty(), 1, last_, -1, "arrived and never ended", inside_.empty() ? kNoId : inside_.begin()->first);
    check(given_ == asked_ || (may_exceed_ && given_ > asked_), 5, last_, -1,
          fmt::format("steps gave {} tokens, completed requests got or losses took {}", given_, asked_).c_str());
    for (std::size_t i = 0; i < clocks_.size(); ++i) {
        const auto replica = static_cast<std::int32_t>(i);
        for (const auto& [at, id] : clocks_[i].ends)
            check(false, 7, at, replica, "ended and its step was never told", id);
        check(clocks_[i].due == kNever || last_ <= std::max(clocks_[i].due + clocks_[i].pause, clocks_[i].excused), 6,
              last_, replica, "it still had requests and ran nothing any more");
    }
}

Problems InvariantChecker::problems() const {
    Problems out;
    for (const Violation& v : violations_) {
        const std::string where = v.replica < 0 ? "" : fmt::format(", replica {}", v.replica);
        const char* name = kNames[static_cast<std::size_t>(v.number)];
        const double at = v.at == kNever ? to_seconds(last_) : to_seconds(v.at);
        out.push_back({"", "", fmt::format("invariant {} ({}) at {:.9f} s{}: {}", v.number, name, at, where, v.what),
                       "", ProblemKind::wrong_input});
    }
    if (broken_ > violations_.size()) {
        out.push_back({"", "", fmt::format("{} more violations of the same invariants", broken_ - violations_.size()),
                       "", ProblemKind::wrong_input});
    }
    return out;
}

}  // namespace moeplan
