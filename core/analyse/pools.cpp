#include "core/analyse/pools.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace moeplan {
namespace {

// What is wrong with a layout is wrong with the pool's, where it has one.
Problem at_pool(Problem problem, const Candidate& c, const PoolSpec& pool) {
    const std::string layout = c.spot.path + ".layout";
    if (!pool.layout || pool.spot.path.empty() || !problem.path.starts_with(layout)) return problem;
    problem.where = pool.spot.where();
    problem.path = pool.spot.path + problem.path.substr(c.spot.path.size());
    return problem;
}

Candidate as_candidate(const Candidate& c, const PoolSpec& pool) {
    Candidate one = c;
    if (pool.layout) {
        one.layout = pool.layout;
        if (one.layout != c.layout) one.kv_blocks.reset();   // measured of the candidate's
    }
    if (one.layout) one.count = pool.replicas * one.layout->gpus();
    if (pool.max_sequences) one.max_sequences = pool.max_sequences;
    if (pool.token_budget) one.token_budget = pool.token_budget;
    if (pool.memory_fraction) {
        one.memory_fraction = pool.memory_fraction;
        one.kv_blocks.reset();
    }
    return one;
}

class PoolPreparer {
public:
    PoolPreparer(Scenario& study, const Catalog& catalog) : study_(study), catalog_(catalog) {}

    PoolsFound run() {
        std::vector<Candidate> left;
        for (Candidate& c : study_.candidates) {
            const SimulateSpec& simulate = c.simulate ? *c.simulate : study_.simulate;
            const std::size_t before = found_.problems.size();
            auto pools = simulate.pools ? of(c, *simulate.pools) : std::nullopt;
            if (found_.problems.size() != before) continue;
            if (pools) as_decoding(c, *simulate.pools, *pools);
            left.push_back(std::move(c));
            found_.pools.push_back(std::move(pools));
        }
        study_.candidates = std::move(left);
        return std::move(found_);
    }

private:
    static void as_decoding(Candidate& c, const PoolsSpec& spec, const PreparedPools& pools) {
        const std::int64_t count = c.count;
        c = as_candidate(c, spec.decode);
        const std::int64_t like = pools.alike() ? pools.prefill.replicas + pools.decode.replicas : pools.decode.replicas;
        c.count = spec.own_layouts() ? pools.decode.layout.gpus() * like : count;
    }

    std::optional<PreparedPools> of(const Candidate& c, const PoolsSpec& spec) {
        if (spec.own_layouts() && !known_gpus(c, spec)) return std::nullopt;
        const auto prefill = one(c, spec.prefill);
        if (prefill.second) {   // where nothing but their number differs the other is the same
            PoolSpec twin = spec.decode;
            twin.replicas = spec.prefill.replicas;
            if (as_candidate(c, twin) == prefill.first->candidates.front()) return together(prefill, prefill, spec);
        }
        const auto decode = one(c, spec.decode);
        if (!prefill.second || !decode.second) return std::nullopt;
        return together(prefill, decode, spec);
    }

    using Side = std::pair<std::shared_ptr<const Scenario>, std::optional<Prepared>>;

    Side one(const Candidate& c, const PoolSpec& pool) {
        auto alone = std::make_shared<Scenario>(study_);
        alone->candidates = {as_candidate(c, pool)};
        alone->fleets.clear();
        alone->sweep.clear();
        alone->expect.clear();
        auto prepared = prepare(*alone, catalog_, nullptr);
        if (prepared) return {std::move(alone), std::move(prepared->front())};
        for (const Problem& p : prepared.error()) append_new(found_.problems, {at_pool(p, c, pool)});
        return {std::move(alone), std::nullopt};
    }

    static PreparedPools together(const Side& prefill, const Side& decode, const PoolsSpec& spec) {
        PreparedPools pools{{prefill.first, decode.first}, *prefill.second, *decode.second};
        pools.prefill.replicas = spec.prefill.replicas;
        pools.decode.replicas = spec.decode.replicas;
        return pools;
    }

    bool known_gpus(const Candidate& c, const PoolsSpec& spec) {
        const auto wrong = [&](const char* key, std::string what, std::string hint) {
            const std::string path = c.spot.path.empty() ? key : c.spot.path + "." + key;
            found_.problems.push_back({c.spot.where(), path, std::move(what), std::move(hint), ProblemKind::wrong_input});
        };
        const auto gpus = gpus_of(spec, c.layout);
        if (!gpus) {
            const char* pool = spec.prefill.layout ? "decode" : "prefill";
            wrong("layout", fmt::format("the {} pool has no layout, and neither has the candidate", pool), "give either one: layout: {tp: 8}");
            return false;
        }
        if (*gpus == c.count) return true;
        const auto text = [&](const PoolSpec& pool) {
            return fmt::format("{} x {}", pool.replicas, (pool.layout ? *pool.layout : *c.layout).gpus());
        };
        wrong("count",
              fmt::format("the pools take {} GPUs (prefill {} + decode {}), but the candidate has {}", *gpus, text(spec.prefill),
                          text(spec.decode), c.count),
              fmt::format("count: {} gives as many", *gpus));
        return false;
    }

    Scenario& study_;
    const Catalog& catalog_;
    PoolsFound found_;
};

}  // namespace

PoolsFound prepare_pools(Scenario& study, const Catalog& catalog) { return PoolPreparer(study, catalog).run(); }

void apart_from(Prepared& main, const PreparedPools& pools) {
    if (!pools.alike()) main.other_gpus = pools.prefill.layout.gpus() * pools.prefill.replicas;
}

std::string PoolMemory::misfit() const {
    if (!prefill.fits) return fmt::format("the prefill pool ({}): {}", prefill_layout, prefill.misfit);
    if (!decode.fits) return fmt::format("the decode pool ({}): {}", decode_layout, decode.misfit);
    return {};
}

Result<PoolMemory> memory_of(const PreparedPools& pools, const OperatingPoint& point, const CostSource& source) {
    PoolMemory memory;
    memory.prefill_layout = describe(pools.prefill.layout);
    memory.decode_layout = describe(pools.decode.layout);
    auto decode = evaluate(pools.decode, point, source, false);
    if (!decode) return tl::unexpected(decode.error());
    OperatingPoint prompts = point;
    prompts.request.output = 1;
    auto prefill = evaluate(pools.prefill, prompts, source, false);
    if (!prefill) return tl::unexpected(prefill.error());
    memory.decode = std::move(*decode);
    memory.prefill = std::move(*prefill);
    return memory;
}

std::string describe(const PreparedPools& pools) {
    if (pools.alike()) {
        return fmt::format("{}, {} prefill + {} decode", describe(pools.decode.layout), pools.prefill.replicas, pools.decode.replicas);
    }
    const auto one = [](const Prepared& p) { return fmt::format("{} x {}", p.replicas, describe(p.layout)); };
    return fmt::format("prefill {}, decode {}", one(pools.prefill), one(pools.decode));
}

}  // namespace moeplan
