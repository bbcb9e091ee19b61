#include "gpu/emulate/block.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "gpu/emulate/sanitizer.h"

namespace moeplan::emulate {

namespace {

struct Cancelled {};   // unwinds a thread of a block that is given up

constexpr unsigned kWarp = 32;

const char* name_of(WarpFunction function) {
    switch (function) {
        case WarpFunction::sync: return "__syncwarp";
        case WarpFunction::shuffle: return "a warp shuffle";
        case WarpFunction::ballot: return "a warp vote";
        case WarpFunction::match: return "__match_any_sync";
    }
    return "";
}

bool same_place(const std::source_location& a, const std::source_location& b) {
    return a.line() == b.line() && a.column() == b.column() && std::strcmp(a.file_name(), b.file_name()) == 0;
}

// "0-3, 7": the numbers are ascending.
std::string ranges_text(const std::vector<unsigned>& numbers) {
    std::string out;
    for (std::size_t i = 0; i < numbers.size();) {
        std::size_t j = i;
        while (j + 1 < numbers.size() && numbers[j + 1] == numbers[j] + 1) ++j;
        out += (out.empty() ? "" : ", ") + std::to_string(numbers[i]) + (j > i ? "-" + std::to_string(numbers[j]) : "");
        i = j + 1;
    }
    return out;
}

void fill(SharedArray& array) { std::memset(array.memory.get(), 0xff, array.bytes); }

void resize(SharedArray& array, std::size_t bytes) {
    if (array.memory && array.bytes == bytes) return;
    array.memory.reset(static_cast<unsigned char*>(::operator new(std::max<std::size_t>(bytes, 1), kSharedAlignment)));
    array.bytes = bytes;
}

}  // namespace

std::string place_text(const std::source_location& at) {
    std::string file = at.file_name();
    if (const auto slash = file.rfind('/'); slash != std::string::npos) file = file.substr(slash + 1);
    return file + ":" + std::to_string(at.line()) + ":" + std::to_string(at.column());
}

void Block::set_fault(std::string what) {
    if (!fault_) fault_ = std::move(what);
    cancelling_ = true;
}

// The kernel's code is what ThreadSanitizer watches; all around it is the emulator's.
void Block::thread_body(Thread& thread, const std::function<void()>& body, char* launched, char* ended) {
    order_acquire(launched);
    order_acquire(
        &pool_order_[runs_ % 2]);   // after the blocks before on these fibers, but not after this one's threads
    std::string failed;
    ignore_end();
    try {
        body();
    } catch (const Cancelled&) {
    } catch (const std::exception& e) {
        failed = e.what();
    }
    ignore_begin();
    if (!failed.empty()) set_fault("thread " + std::to_string(thread.linear) + ": " + failed);
    order_release(&pool_order_[(runs_ + 1) % 2]);
    order_release(ended);
    thread.done = true;
    ++ended_;
}

void Block::prepare(const LaunchShape& shape, Dim3 index, const std::function<void()>& body, char* launched,
                    char* ended) {
    size_ = shape.block.x * shape.block.y * shape.block.z;
    arrived_ = ended_ = 0;
    ++runs_;
    cancelling_ = false;
    fault_.reset();
    resize(dynamic_, shape.shared_bytes);
    fill(dynamic_);
    std::for_each(static_.begin(), static_.end(), fill);
    while (threads_.size() < size_) threads_.push_back(std::make_unique<Thread>());
    for (unsigned i = 0; i < size_; ++i) {
        Thread& t = *threads_[i];
        t.place = {{i % shape.block.x, i / shape.block.x % shape.block.y, i / (shape.block.x * shape.block.y)},
                   index,
                   shape.block,
                   shape.grid};
        t.linear = i;
        t.waiting = Waiting::nothing;
        t.done = t.cancelled = false;
        t.meetings = 0;
        t.fiber.start([this, &t, &body, launched, ended] { thread_body(t, body, launched, ended); });
    }
}

// Lets every thread that can run go on once; false when none could.
bool Block::turn(const std::vector<unsigned>& order) {
    bool moved = false;
    for (const unsigned i : order) {
        Thread& t = *threads_[i];
        if (t.done || (t.waiting != Waiting::nothing && !cancelling_)) continue;
        t.cancelled = cancelling_;
        t.waiting = Waiting::nothing;
        current_thread() = &t;
        t.fiber.resume();
        current_thread() = nullptr;
        moved = true;
    }
    return moved;
}

std::optional<std::string> Block::run(const LaunchShape& shape, Dim3 index, const std::function<void()>& body,
                                      Order order, std::mt19937_64& random, char* launched, char* ended) {
    prepare(shape, index, body, launched, ended);
    std::vector<unsigned> turns(size_);
    std::iota(turns.begin(), turns.end(), 0u);
    if (order == Order::reverse) std::reverse(turns.begin(), turns.end());
    while (ended_ < size_) {
        if (order == Order::random) std::shuffle(turns.begin(), turns.end(), random);
        if (!turn(turns) && ended_ < size_) set_fault(who_waits());
    }
    return fault_;
}

std::string Block::who_waits() const {
    std::string out = arrived_ > 0 ? "a barrier that not every thread of the block reaches: "
                                   : "threads wait for each other for ever: ";
    std::vector<std::pair<std::string, std::vector<unsigned>>> groups;
    std::vector<unsigned> gone;
    for (unsigned i = 0; i < size_; ++i) {
        const Thread& t = *threads_[i];
        if (t.done) {
            gone.push_back(i);
            continue;
        }
        std::string text = t.waiting == Waiting::block ? "in __syncthreads" : std::string("in ") + name_of(t.function);
        text += " at " + place_text(t.at);
        if (t.waiting == Waiting::warp) text += " for lanes mask " + std::to_string(t.mask);
        const auto found = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == text; });
        if (found == groups.end()) groups.push_back({text, {i}});
        else found->second.push_back(i);
    }
    std::string list;
    for (const auto& [text, who] : groups)
        list += (list.empty() ? "threads " : "; threads ") + ranges_text(who) + " wait " + text;
    if (!gone.empty()) list += "; threads " + ranges_text(gone) + " have left the kernel";
    return out + list;
}

// Back to the scheduler until what this thread waits for has happened.
void Block::suspend(Thread& thread) {
    thread.fiber.pause();
    if (thread.cancelled) {
        ignore_end();
        throw Cancelled{};
    }
}

void Block::meet_block(std::source_location at) {
    for (unsigned i = 0; i < size_; ++i) {
        if (!same_place(threads_[i]->at, at)) return set_fault(who_waits());
    }
    for (unsigned i = 0; i < size_; ++i) threads_[i]->waiting = Waiting::nothing;
    arrived_ = 0;
    ++generation_;
}

void Block::wait_block(std::source_location at) {
    ignore_begin();
    Thread& self = *current_thread();
    char* const order = &barrier_order_[generation_ % 2];
    self.waiting = Waiting::block;
    self.at = at;
    order_release(order);
    if (++arrived_ == size_) meet_block(at);
    if (self.waiting != Waiting::nothing || cancelling_) suspend(self);
    order_acquire(order);
    ignore_end();
}

// The last lane of a warp function has come: everyone gets its result.
void Block::meet_warp(Thread& last) {
    const unsigned first = last.linear / kWarp * kWarp;
    unsigned votes = 0;
    for (unsigned l = 0; l < kWarp; ++l) {
        if ((last.mask >> l & 1u) && threads_[first + l]->value != 0) votes |= 1u << l;
    }
    for (unsigned l = 0; l < kWarp; ++l) {
        if (!(last.mask >> l & 1u)) continue;
        Thread& t = *threads_[first + l];
        t.result = 0;
        if (t.function == WarpFunction::shuffle) {
            if (!(t.mask >> t.source & 1u)) {
                return set_fault("thread " + std::to_string(t.linear) + " reads lane " + std::to_string(t.source) +
                                 ", which is not in its mask, at " + place_text(t.at));
            }
            t.result = threads_[first + t.source]->value;
        } else if (t.function == WarpFunction::ballot) {
            t.result = votes;
        } else if (t.function == WarpFunction::match) {
            for (unsigned o = 0; o < kWarp; ++o) {
                if ((t.mask >> o & 1u) && threads_[first + o]->value == t.value) t.result |= 1u << o;
            }
        }
    }
    for (unsigned l = 0; l < kWarp; ++l) {
        if (last.mask >> l & 1u) threads_[first + l]->waiting = Waiting::nothing;
    }
}

std::uint64_t Block::wait_warp(WarpFunction function, unsigned mask, std::uint64_t value, unsigned source,
                               std::source_location at) {
    ignore_begin();
    Thread& self = *current_thread();
    const unsigned warp = self.linear / kWarp, first = warp * kWarp, lane = self.linear % kWarp;
    self.waiting = Waiting::warp;
    self.at = at;
    self.function = function;
    self.mask = mask;
    self.value = value;
    self.source = source;
    // Only __syncwarp orders memory; shuffles and votes do not.
    char* const order = &warp_order_[self.meetings % 2][warp];
    if (function == WarpFunction::sync) {
        ++self.meetings;
        order_release(order);
    }
    if (!(mask >> lane & 1u))
        set_fault("thread " + std::to_string(self.linear) + " is not in the mask it gives at " + place_text(at));
    bool all = !cancelling_;
    for (unsigned l = 0; all && l < kWarp; ++l) {
        if (!(mask >> l & 1u)) continue;
        const Thread* other = first + l < size_ ? threads_[first + l].get() : nullptr;
        all = other && !other->done && other->waiting == Waiting::warp && other->mask == mask &&
              other->function == function && same_place(other->at, at);
    }
    if (all) meet_warp(self);
    if (self.waiting != Waiting::nothing || cancelling_) suspend(self);
    if (function == WarpFunction::sync) order_acquire(order);
    const std::uint64_t result = self.result;
    ignore_end();
    return result;
}

void* Block::static_shared(std::size_t bytes, std::source_location at) {
    ignore_begin();
    const std::string where = std::string(at.file_name()) + ":" + std::to_string(at.line()) + ":" +
                              std::to_string(at.column()) + at.function_name();
    auto found = std::find_if(static_.begin(), static_.end(),
                              [&](const SharedArray& a) { return a.where == where && a.bytes == bytes; });
    if (found == static_.end()) {
        static_.push_back({where, 0, nullptr});
        found = std::prev(static_.end());
        resize(*found, bytes);
        fill(*found);
    }
    void* const memory = found->memory.get();
    ignore_end();
    return memory;
}

}  // namespace moeplan::emulate
