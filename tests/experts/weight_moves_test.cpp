// Moves worked by hand: tiny-moe has 16 experts of 3 x 256 x 512 = 393,216 parameters in 4 layers, 786,432 bytes in
// bf16.
#include "sim/experts/weight_moves.h"

#include <numeric>

#include "tests/experts/support.h"

using namespace moeplan;

namespace {

using Slots = std::vector<std::vector<std::int32_t>>;  // of each rank

LayerPlacement placed(const Slots& ranks, std::size_t experts) {
    LayerPlacement place;
    place.replicas.assign(experts, 0);
    place.rank_begin.push_back(0);
    for (const auto& slots : ranks) {
        for (const std::int32_t e : slots) {
            place.slot_expert.push_back(e);
            place.slot_replica.push_back(place.replicas[static_cast<std::size_t>(e)]++);
        }
        place.rank_begin.push_back(static_cast<std::int32_t>(place.slot_expert.size()));
    }
    return place;
}

constexpr double kExpert = 3.0 * 256 * 512 * 2;  // bytes
constexpr double kLink = 450e9, kNetwork = 50e9;  // of the perfect H100, whose links reach all of it

Result<WeightMoves> moves(const Prepared& candidate, const Slots& before, const Slots& after) {
    return weight_moves(candidate, {placed(before, 16)}, {placed(after, 16)});
}

// tiny-moe with the first experts spelt out and the rest where they were.
Slots with_rest(Slots first, Slots rest) {
    for (std::size_t r = 0; r < rest.size(); ++r) first[r].insert(first[r].end(), rest[r].begin(), rest[r].end());
    return first;
}

const Slots kRest{{2, 3, 4}, {5, 6, 7}, {8, 9, 10}, {11, 12, 13, 14, 15}};

}  // namespace

TEST_CASE("two experts that change places each cross the link of a rank once in each of four layers") {
    const ExpertStudy study("tiny-moe", attention_parallel(4), UniformRouting{}, {}, "perfect");
    const auto result =
        moves(study.candidate(), with_rest({{0}, {1}, {}, {}}, kRest), with_rest({{1}, {0}, {}, {}}, kRest));
    REQUIRE(result);
    CHECK(result->copies == 2);
    CHECK(result->time.value == Approx(4 * kExpert / kLink));
    CHECK(expert_bytes(study.candidate()).value == kExpert);
}

TEST_CASE("what stays moves nothing, and a second copy on a rank that holds the expert comes from its own memory") {
    const ExpertStudy study("tiny-moe", attention_parallel(4), UniformRouting{}, {}, "perfect");
    const Slots before = with_rest({{0}, {1}, {}, {}}, kRest);
    for (const Slots& after :
         {before, with_rest({{0, 0}, {1}, {}, {}}, kRest), with_rest({{0, 2}, {1}, {}, {}}, kRest)}) {
        const auto result = moves(study.candidate(), before, after);
        REQUIRE(result);
        CHECK(result->copies == 0);
        CHECK(result->time.value == 0);
    }
}

TEST_CASE("replicas of one expert leave the rank that holds it one after the other") {
    const ExpertStudy study("tiny-moe", attention_parallel(4), UniformRouting{}, {}, "perfect");
    const auto result =
        moves(study.candidate(), with_rest({{0}, {1}, {}, {}}, kRest), with_rest({{0}, {1, 0}, {0}, {0}}, kRest));
    REQUIRE(result);
    CHECK(result->copies == 3);
    CHECK(result->time.value == Approx(3 * 4 * kExpert / kLink));
    // Two holders share the sending: three copies are two and one.
    const auto shared =
        moves(study.candidate(), with_rest({{0}, {1, 0}, {}, {}}, kRest), with_rest({{0}, {1}, {0}, {0}}, kRest));
    REQUIRE(shared);
    CHECK(shared->copies == 2);
    CHECK(shared->time.value == Approx(4 * kExpert / kLink));
}

TEST_CASE("between nodes experts travel over the network, beside what travels inside") {
    ExpertStudy study("tiny-moe", attention_parallel(4), UniformRouting{}, {}, "perfect");
    study.prepared[0].gpus_per_node = 2;
    const Slots before = with_rest({{0}, {1}, {}, {}}, kRest);
    // 0 to its neighbour, 1 to the other node.
    const auto result = moves(study.candidate(), before, with_rest({{}, {0}, {1}, {}}, kRest));
    REQUIRE(result);
    CHECK(result->time.value == Approx(4 * kExpert / kNetwork));
    // The nearest holder sends: of 0 on ranks 0 and 2, rank 3 takes it from its own node.
    const auto near =
        moves(study.candidate(), with_rest({{0}, {1}, {0}, {}}, kRest), with_rest({{0}, {1}, {0}, {0}}, kRest));
    REQUIRE(near);
    CHECK(near->time.value == Approx(4 * kExpert / kLink));
    study.prepared[0].network = {0};
    const std::string refused = problems_of(moves(study.candidate(), before, with_rest({{}, {}, {1}, {0}}, kRest)));
    CHECK_THAT(refused, ContainsSubstring("no network rate is known for a perfect H100"));
}

TEST_CASE("stages of a pipeline move their layers side by side, and GPUs that share an expert their parts") {
    const ExpertStudy staged("tiny-moe", {1, 2, 4, 4, 1}, UniformRouting{}, {}, "perfect");
    const ExpertStudy shared("tiny-moe", {2, 1, 4, 4, 2}, UniformRouting{}, {}, "perfect");
    for (const ExpertStudy* study : {&staged, &shared}) {
        const auto result =
            moves(study->candidate(), with_rest({{0}, {1}, {}, {}}, kRest), with_rest({{1}, {0}, {}, {}}, kRest));
        REQUIRE(result);
        CHECK(result->time.value == Approx(2 * kExpert / kLink));
    }
}

TEST_CASE("rows of a routing stand for the model's layers in turn") {
    const ExpertStudy study("tiny-moe", attention_parallel(4), UniformRouting{}, {}, "perfect");
    const LayerPlacement one = placed(with_rest({{0}, {1}, {}, {}}, kRest), 16),
                         other = placed(with_rest({{1}, {0}, {}, {}}, kRest), 16);
    const auto result = weight_moves(study.candidate(), {one, one}, {one, other});
    REQUIRE(result);
    CHECK(result->copies == 1);  // two in one of two rows
    CHECK(result->time.value == Approx(2 * kExpert / kLink));
}

TEST_CASE("without a scale-up link experts move over PCIe, and without that the study is refused") {
    ExpertStudy study("tiny-moe", attention_parallel(4), UniformRouting{}, {}, "perfect");
    DeviceSpec bare = *study.candidate().device;
    bare.link = {0};
    study.prepared[0].device = &bare;
    const Slots before = with_rest({{0}, {1}, {}, {}}, kRest), after = with_rest({{1}, {0}, {}, {}}, kRest);
    auto result = moves(study.candidate(), before, after);
    REQUIRE(result);
    CHECK(result->time.value == Approx(4 * kExpert / 55e9));
    bare.pcie = {0};
    CHECK_THAT(problems_of(moves(study.candidate(), before, after)),
               ContainsSubstring("no published link between GPUs"));
}
