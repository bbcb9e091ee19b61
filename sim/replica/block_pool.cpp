#include "sim/replica/block_pool.h"

namespace moeplan {

BlockPool::BlockPool(std::int64_t total, std::int64_t unit_blocks, bool reuse)
    : total_(total), unit_(unit_blocks), reuse_(reuse && unit_blocks > 0) {}

bool BlockPool::take(std::int64_t blocks) {
    if (blocks > available()) return false;
    used_ += blocks;
    while (used_ + cached_ > total_) {
        entries_.erase(idle_.front());
        idle_.pop_front();
        cached_ -= unit_;
    }
    return true;
}

std::int64_t BlockPool::match(std::span<const std::uint64_t> ids) const {
    if (!reuse_) return 0;
    std::int64_t found = 0;
    for (const std::uint64_t id : ids) {
        if (!entries_.contains(id)) break;
        ++found;
    }
    return found;
}

std::int64_t BlockPool::idle_blocks(std::span<const std::uint64_t> ids, std::int64_t count) const {
    std::int64_t idle = 0;
    for (const std::uint64_t id : ids.first(static_cast<std::size_t>(count))) {
        if (entries_.at(id).references == 0) idle += unit_;
    }
    return idle;
}

void BlockPool::reference(std::span<const std::uint64_t> ids) {
    for (const std::uint64_t id : ids) {
        Entry& entry = entries_.at(id);
        if (entry.references++ > 0) continue;
        idle_.erase(entry.place);
        cached_ -= unit_;
        used_ += unit_;
    }
}

bool BlockPool::share(std::uint64_t id) {
    if (!reuse_) return false;
    const auto [at, is_new] = entries_.try_emplace(id);
    if (is_new) at->second.references = 1;
    return is_new;
}

void BlockPool::release(std::span<const std::uint64_t> ids) {
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
        Entry& entry = entries_.at(*id);
        if (--entry.references > 0) continue;
        entry.place = idle_.insert(idle_.end(), *id);
        used_ -= unit_;
        cached_ += unit_;
    }
}

}  // namespace moeplan
