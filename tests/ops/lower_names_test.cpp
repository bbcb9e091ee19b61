// What ops are called.

#include <map>
#include <variant>

#include "core/ops/lower_names.h"
#include "tests/support/catch.h"
#include "tests/support/lowering.h"

using namespace moeplan;

TEST_CASE("named ops are the ops of the step, in their order") {
    for (const ModelSpec& m : models::all()) {
        for (const Layout& layout : {Layout{}, Layout{4, 1, 2, 8, 1}}) {
            const Lowered lowered(m, layout);
            for (const StepShape& step : {decode_step(8, 100), prefill_step(2, 64), StepShape{{1, 64, 0}, {8, 1, 100}}, StepShape{}}) {
                const auto ops = lowered.ops(step);
                const auto named = lower_named(lowered.context, step);
                REQUIRE(named.size() == ops.size());
                for (std::size_t i = 0; i < ops.size(); ++i) {
                    CHECK_FALSE(named[i].name.empty());
                    CHECK(named[i].op.part == ops[i].part);
                    CHECK(named[i].op.repeat == ops[i].repeat);
                    CHECK(named[i].op.kind.index() == ops[i].kind.index());
                    CHECK(work_of(named[i].op.kind).flops.value == work_of(ops[i].kind).flops.value);
                }
            }
        }
    }
}

TEST_CASE("one name is one part and one kind of op") {
    std::map<std::string_view, std::pair<Part, std::size_t>> known;
    for (const ModelSpec& m : models::all()) {
        for (const StepShape& step : {decode_step(8, 100), prefill_step(2, 64)}) {
            for (const NamedOp& named : lower_named(Lowered(m, {2, 1, 2, 4, 1}).context, step)) {
                const std::pair what{named.op.part, named.op.kind.index()};
                INFO(named.name);
                CHECK(known.emplace(named.name, what).first->second == what);
            }
        }
    }
    CHECK(known.contains("attention output projection"));
    CHECK(known.contains("routed experts"));
    CHECK(known.contains("send tokens to their experts"));
}
