// The sums of a DecodeSet are those of its sequences, kept one by one.

#include <cmath>

#include "core/routing/rng.h"
#include "sim/replica/decode_set.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

struct Member {
    std::int64_t context = 0, joined = 0;
};

std::int64_t gained(double accepted, std::int64_t step) {
    return static_cast<std::int64_t>(std::floor(static_cast<double>(step) * std::round(accepted * 1000) / 1000 + 1e-9));
}

}  // namespace

TEST_CASE("a decode set counts tokens and blocks as its sequences do one by one") {
    for (const double accepted : {1.0, 1.5, 2.0, 2.4, 3.333}) {
        for (const std::int64_t block : {1, 3, 16}) {
            CAPTURE(accepted, block);
            Rng rng(5);
            DecodeSet set(accepted, block);
            std::vector<Member> members;
            for (int i = 0; i < 2000; ++i) {
                const std::size_t what = rng.below(4);
                if (what == 0 || members.empty()) {
                    const auto context = static_cast<std::int64_t>(1 + rng.below(100));
                    set.join(context);
                    members.push_back({context, set.step()});
                } else if (what == 1) {
                    const std::size_t who = rng.below(members.size());
                    set.leave(members[who].context, members[who].joined);
                    members.erase(members.begin() + static_cast<std::ptrdiff_t>(who));
                } else {
                    set.advance(static_cast<std::int64_t>(rng.below(9)));
                }
                const auto ahead = static_cast<std::int64_t>(rng.below(40));
                std::int64_t context = 0, blocks = 0;
                for (const Member& m : members) {
                    context += m.context + gained(accepted, set.step()) - gained(accepted, m.joined);
                    const std::int64_t later = m.context + gained(accepted, set.step() + ahead) - gained(accepted, m.joined);
                    blocks += (later + block - 1) / block;
                }
                REQUIRE(set.size() == static_cast<std::int64_t>(members.size()));
                REQUIRE(set.context() == context);
                REQUIRE(set.blocks(ahead) == blocks);
            }
        }
    }
}

TEST_CASE("the steps that fit are the most that do") {
    DecodeSet set(1, 4);
    set.join(3);
    set.join(6);
    CHECK(set.blocks(0) == 3);   // 1 + 2
    CHECK(set.blocks(1) == 3);   // 4 and 7 tokens
    CHECK(set.blocks(2) == 4);   // 5 and 8
    CHECK(set.blocks(3) == 5);   // 6 and 9
    CHECK(set.steps_within(3, 100) == 1);
    CHECK(set.steps_within(4, 100) == 2);
    CHECK(set.steps_within(4, 1) == 1);
    CHECK(set.steps_within(2, 100) == 0);
    CHECK(set.steps_within(1000, 100) == 100);
}

TEST_CASE("accepted drafts come in an even pattern, and the step that gives the last token is known") {
    DecodeSet set(2.5, 16);
    set.join(10);
    CHECK(set.step_with(1) == 1);   // 2 tokens
    CHECK(set.step_with(2) == 1);
    CHECK(set.step_with(3) == 2);   // 5
    CHECK(set.step_with(6) == 3);   // 7
    std::int64_t gain = 0;
    CHECK(set.even_steps(10, gain) == 1);   // 2, then 3
    CHECK(gain == 2);
    set.advance(1);
    CHECK(set.even_steps(10, gain) == 1);
    CHECK(gain == 3);
    CHECK(set.step_with(3) == 2);
    DecodeSet whole(3, 16);
    whole.join(1);
    CHECK(whole.even_steps(10, gain) == 10);
    CHECK(gain == 3);
}
