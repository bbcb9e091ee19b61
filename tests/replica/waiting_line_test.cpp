#include <string>
#include <vector>

#include "sim/replica/waiting_line.h"
#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("the more urgent stand before the others, and of equals who came first") {
    std::vector<Sequence> all(6);
    WaitingLine line;
    const auto order = [&] {
        std::string text;
        line.for_each([&](const Sequence& s) { text += static_cast<char>('0' + (&s - all.data())); });
        return text;
    };
    CHECK(line.first() == nullptr);
    const std::vector<std::int32_t> priorities{1, 0, 1, -2, 0, 1};
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].arrival.priority = priorities[i];
        line.push_back(all[i]);
    }
    CHECK(order() == "314025");
    CHECK(line.size() == 6);
    line.remove(all[3]);   // the only one of its kind
    line.remove(all[2]);   // from the middle
    CHECK(order() == "1405");
    line.push_front(all[2]);
    CHECK(order() == "14205");
    line.remove(all[5]);   // the last
    line.push_back(all[5]);
    line.remove(all[1]);   // the first
    CHECK(order() == "4205");
    for (const std::size_t i : std::vector<std::size_t>{4, 2, 0, 5}) line.remove(all[i]);
    CHECK(line.empty());
    CHECK(line.size() == 0);
    line.push_front(all[0]);
    CHECK(order() == "0");
}
