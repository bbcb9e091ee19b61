#pragma once
// The KV cache of a replica as counts of blocks, with the prompts' beginnings that are kept for reuse.
//
// total = used + cached + free. Used blocks belong to requests in the replica: a request's own, and those of a prefix it shares
// with others, counted once. Cached blocks belong to nobody and are evicted, least recently used first, when somebody
// needs room.

#include <cstdint>
#include <list>
#include <span>
#include <unordered_map>

namespace moeplan {

class BlockPool {
public:
    // `unit_blocks`: blocks behind one prefix id. Without `reuse` nothing is kept.
    BlockPool(std::int64_t total, std::int64_t unit_blocks, bool reuse);

    std::int64_t total() const { return total_; }
    std::int64_t used() const { return used_; }
    std::int64_t cached() const { return cached_; }
    std::int64_t available() const { return total_ - used_; }   // free, or made so by evicting
    std::int64_t unit_blocks() const { return unit_; }
    bool reuse() const { return reuse_; }

    // False, and nothing taken, when fewer are available. Evicts as needed.
    bool take(std::int64_t blocks);
    void give_back(std::int64_t blocks) { used_ -= blocks; }

    // How many of the leading ids are here.
    std::int64_t match(std::span<const std::uint64_t> ids) const;
    // How many blocks of the leading `count` ids nobody uses now: what referencing them takes from available().
    std::int64_t idle_blocks(std::span<const std::uint64_t> ids, std::int64_t count) const;
    // A request uses these ids, which are here.
    void reference(std::span<const std::uint64_t> ids);
    // The request's own blocks of this id can be shared from now on. False when another's are here already: then they stay
    // its own.
    bool share(std::uint64_t id);
    // A request is done with these ids; those that nobody else uses are cached, the last to be evicted first.
    void release(std::span<const std::uint64_t> ids);

private:
    struct Entry {
        std::int64_t references = 0;
        std::list<std::uint64_t>::iterator place{};   // in idle_ when nobody refers to it
    };

    std::int64_t total_, unit_;
    bool reuse_;
    std::int64_t used_ = 0, cached_ = 0;
    std::unordered_map<std::uint64_t, Entry> entries_;
    std::list<std::uint64_t> idle_;   // least recently used first
};

}  // namespace moeplan
