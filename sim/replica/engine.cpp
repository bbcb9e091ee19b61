#include "sim/replica/engine.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

namespace moeplan {
namespace {

// Blocks that one prefix id stands for. Ids of less than a block are taken together: see Engine::enqueue.
std::int64_t unit_blocks_of(const EngineLimits& limits) {
    if (limits.prefix_block_tokens <= 0) return 0;
    return std::lcm(limits.prefix_block_tokens, limits.block_tokens) / limits.block_tokens;
}

}  // namespace

Engine::Engine(const EngineLimits& limits)
    : limits_(limits),
      pool_(limits.total_blocks, unit_blocks_of(limits), limits.prefix_cache),
      decoding_(limits.accepted_per_step, limits.block_tokens) {}

std::int64_t Engine::blocks_at_longest(const Sequence& s) const {
    if (s.prefill_only) return blocks_for(s.arrival.input);
    return blocks_for(s.arrival.input + s.arrival.output + static_cast<std::int64_t>(limits_.accepted_per_step));
}

std::int64_t Engine::generated(const Sequence& s) const {
    const bool decodes = s.place == Sequence::Place::decoding;
    return std::min(s.arrival.output, s.generated + (decodes ? decoding_.gained(s.joined, decoding_.step()) : 0));
}

std::int64_t Engine::cached_tokens(const Sequence& s) const {
    if (!pool_.reuse() || s.units.empty()) return 0;
    // At least one token is computed, and with it its block: of the last unit the blocks before it are read all the same.
    // Source: vllm-project/vllm vllm/v1/core/kv_cache_manager.py, get_computed_blocks (at most all tokens but one).
    const std::int64_t most = (s.prompt - 1) / limits_.block_tokens * limits_.block_tokens;
    return std::min(pool_.match(s.units) * unit_tokens(), most);
}

void Engine::enter(Sequence& s) {
    s.order = ++orders_;
    reserved_ += blocks_at_longest(s);
    if (admissions_.size() > 64 + 2 * static_cast<std::size_t>(running())) {
        std::erase_if(admissions_, [this](const auto& a) { return !admitted(a.second, a.first); });
    }
    admissions_.push_back({s.order, &s});
}

void Engine::leave(Sequence& s) {
    ++departures_;
    reserved_ -= blocks_at_longest(s);
    pool_.release(s.held);
    s.held.clear();
    s.units_seen = 0;
}

bool Engine::admitted(const Sequence* s, std::int64_t order) const {
    return s->engine == this && s->order == order &&
           (s->place == Sequence::Place::prefilling || s->place == Sequence::Place::decoding);
}

// What a chunk computes is found by requests scheduled after it, as engines hash blocks when they hand them out.
void Engine::share_computed(Sequence& s, std::int64_t tokens) {
    while (s.units_seen < s.units.size() && static_cast<std::int64_t>(s.units_seen + 1) * unit_tokens() <= tokens) {
        const std::uint64_t id = s.units[s.units_seen++];
        if (!pool_.share(id)) continue;
        s.held.push_back(id);
        s.own_blocks -= pool_.unit_blocks();
    }
}

// All that it has computed, over the link to the host.
void Engine::swap(const Sequence& s, Happening what) {
    const Ticks takes = limits_.swap_per_block * blocks_for(s.prompt);
    swap_time_ += takes;
    moves_.push_back({what, s.record.id, takes});
}

// A sequence whose cache exists already (swapped out, or computed elsewhere) goes straight to the decoding ones.
bool Engine::admit_held(Sequence& s) {
    const std::int64_t ahead = secured_ ? decoding_.gained(decoding_.step(), decoding_.step() + 1) : 0;
    if (blocks_for(s.prompt + ahead) > pool_.available()) return false;
    waiting_.remove(s);
    if (s.swapped) swap(s, Happening::swapped_in);
    s.swapped = false;
    enter(s);
    join_decoding(s);
    return true;
}

std::int64_t Engine::blocks_to_admit(const Sequence& s, std::int64_t tokens) const {
    if (s.missing() == 0) return blocks_for(s.prompt);
    const std::int64_t cached = cached_tokens(s);
    const std::int64_t units = cached > 0 ? cached / unit_tokens() : 0;
    return blocks_for(cached + tokens) - units * pool_.unit_blocks() + (units > 0 ? pool_.idle_blocks(s.units, units) : 0);
}

bool Engine::admit(std::int64_t tokens) {
    Sequence& s = *next_waiting();
    if (s.missing() == 0) return admit_held(s);
    const std::int64_t cached = cached_tokens(s);
    const std::int64_t units = cached > 0 ? cached / unit_tokens() : 0;
    const std::int64_t own = blocks_for(cached + tokens) - units * pool_.unit_blocks();
    if (blocks_to_admit(s, tokens) > pool_.available()) return false;
    waiting_.remove(s);
    if (units > 0) {
        const auto found = std::span(s.units).first(static_cast<std::size_t>(units));
        pool_.reference(found);
        s.held.assign(found.begin(), found.end());
        s.units_seen = found.size();
    }
    pool_.take(own);
    s.own_blocks = own;
    s.computed = cached;
    if (s.record.preemptions == 0) s.record.cached_tokens = cached;
    s.place = Sequence::Place::prefilling;
    enter(s);
    prefilling_.push_back(&s);
    share_computed(s, cached + tokens);
    return true;
}

bool Engine::extend(Sequence& s, std::int64_t tokens) {
    const std::int64_t more = blocks_for(s.computed + tokens) - s.own_blocks - s.shared_blocks(pool_.unit_blocks());
    if (more > 0 && !pool_.take(more)) return false;
    s.own_blocks += std::max<std::int64_t>(more, 0);
    share_computed(s, s.computed + tokens);
    return true;
}

bool Engine::secure_decode() {
    if (secured_) return true;
    const std::int64_t more = decoding_.blocks(1) - decode_shared_ - decode_taken_;
    if (!pool_.take(more)) return false;
    decode_taken_ += more;
    secured_ = true;
    return true;
}

Sequence* Engine::victim() const {
    Sequence* worst = nullptr;
    for (auto a = admissions_.rbegin(); a != admissions_.rend(); ++a) {
        if (!admitted(a->second, a->first)) continue;
        if (!worst || a->second->arrival.priority > worst->arrival.priority) worst = a->second;
        if (!priorities_differ_) break;
    }
    return worst;
}

void Engine::preempt(Sequence& s, Requeue where) {
    ++preemptions_;
    ++s.record.preemptions;
    const bool decoding = s.place == Sequence::Place::decoding;
    const std::int64_t held = s.prompt + (decoding ? decoding_.gained(s.joined, decoding_.step()) : 0);
    if (decoding) leave_decoding(s);
    else leave_prefilling(s);
    s.swapped = decoding && limits_.preemption == Preemption::swap;
    s.prompt = s.swapped ? held : s.arrival.input + s.generated;
    if (s.swapped) swap(s, Happening::swapped_out);
    else if (decoding) moves_.push_back({Happening::preempted, s.record.id, 0});
    s.computed = s.swapped ? held : 0;
    s.place = Sequence::Place::waiting;
    if (where == Requeue::front) waiting_.push_front(s);
    else waiting_.push_back(s);
}

Ticks Engine::take_swap_time() { return std::exchange(swap_time_, 0); }

void Engine::enqueue(Sequence& s, Ticks now) {
    s.engine = this;
    s.queued = now;
    newest_ = std::max(newest_, now);
    s.place = Sequence::Place::waiting;
    s.computed = s.prefilled ? s.prompt : 0;
    if (s.arrival.priority != 0) priorities_differ_ = true;
    s.units.clear();
    if (pool_.reuse() && !s.arrival.prefix.empty()) {
        // The last id of a unit stands for all before it: equal ids mean equal beginnings.
        const auto each = static_cast<std::size_t>(unit_tokens() / limits_.prefix_block_tokens);
        for (std::size_t i = each - 1; i < s.arrival.prefix.size(); i += each) s.units.push_back(s.arrival.prefix[i]);
    }
    waiting_.push_back(s);
}

void Engine::withdraw(Sequence& s) {
    switch (s.place) {
        case Sequence::Place::waiting: waiting_.remove(s); break;
        case Sequence::Place::prefilling: leave_prefilling(s); break;
        case Sequence::Place::decoding: leave_decoding(s); break;
        case Sequence::Place::sending: release_sent(s); break;
        case Sequence::Place::nowhere: break;
    }
    s.place = Sequence::Place::nowhere;
    s.engine = nullptr;
}

void Engine::add_computed(Sequence& s, std::int64_t tokens) { s.computed += tokens; }

void Engine::prompt_done(Sequence& s) {
    std::erase(prefilling_, &s);
    pool_.give_back(s.own_blocks);   // join_decoding takes them again
    s.own_blocks = 0;
    s.generated += 1;
    join_decoding(s);
}

// Its blocks, shared ones apart, are taken from the pool here.
void Engine::join_decoding(Sequence& s) {
    s.place = Sequence::Place::decoding;
    s.joined = decoding_.step();
    decoding_.join(s.prompt);
    const std::int64_t shared = s.shared_blocks(pool_.unit_blocks());
    decode_shared_ += shared;
    const std::int64_t own = blocks_for(s.prompt + (secured_ ? decoding_.gained(s.joined, s.joined + 1) : 0)) - shared;
    pool_.take(own);
    decode_taken_ += own;
    ends_.push({decoding_.step_with(s.arrival.output - s.generated), s.order, &s});
}

void Engine::leave_decoding(Sequence& s) {
    const std::int64_t now = decoding_.step();
    const std::int64_t gained = decoding_.gained(s.joined, now);
    const std::int64_t shared = s.shared_blocks(pool_.unit_blocks());
    const std::int64_t own = blocks_for(s.prompt + decoding_.gained(s.joined, now + (secured_ ? 1 : 0))) - shared;
    pool_.give_back(own);
    decode_taken_ -= own;
    decode_shared_ -= shared;
    decoding_.leave(s.prompt, s.joined);
    leave(s);
    s.generated = std::min(s.arrival.output, s.generated + gained);
}

void Engine::leave_prefilling(Sequence& s) {
    std::erase(prefilling_, &s);
    pool_.give_back(s.own_blocks);
    s.own_blocks = 0;
    leave(s);
}

void Engine::advance(std::int64_t steps) {
    decoding_.advance(steps);
    secured_ = false;
    const std::int64_t more = decoding_.blocks(0) - decode_shared_ - decode_taken_;
    pool_.take(more);   // steps_with_room() saw to it that they are there
    decode_taken_ += more;
}

std::int64_t Engine::steps_to_next_end() {
    while (!ends_.empty()) {
        const Ending& next = ends_.top();
        const bool decodes = next.sequence->place == Sequence::Place::decoding;
        if (decodes && admitted(next.sequence, next.order)) return next.step - decoding_.step();
        ends_.pop();
    }
    return 0;
}

std::int64_t Engine::steps_with_room(std::int64_t most) const {
    return std::max<std::int64_t>(1, decoding_.steps_within(pool_.available() + decode_taken_ + decode_shared_, most));
}

Sequence* Engine::pop_ended() {
    if (decoding_.size() == 0 || steps_to_next_end() > 0) return nullptr;
    Sequence* s = ends_.top().sequence;
    ends_.pop();
    leave_decoding(*s);
    s->place = Sequence::Place::nowhere;
    s->engine = nullptr;
    return s;
}

void Engine::hold_for_sending(Sequence& s) {
    std::erase(prefilling_, &s);
    s.generated += 1;
    s.place = Sequence::Place::sending;
    sending_.push_back(&s);
}

void Engine::release_sent(Sequence& s) {
    std::erase(sending_, &s);
    pool_.give_back(s.own_blocks);
    s.own_blocks = 0;
    leave(s);
    s.place = Sequence::Place::nowhere;
    s.engine = nullptr;
}

std::vector<Sequence*> Engine::drop_all() {
    std::vector<Sequence*> all = sending_;
    waiting_.for_each([&](Sequence& s) { all.push_back(&s); });
    for (const auto& [order, s] : admissions_) {
        if (admitted(s, order)) all.push_back(s);
    }
    for (Sequence* s : all) withdraw(*s);
    std::ranges::sort(all, {}, [](const Sequence* s) { return s->record.id; });
    *this = Engine(limits_);
    return all;
}

}  // namespace moeplan
