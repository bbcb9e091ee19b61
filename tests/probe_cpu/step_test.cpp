// The small transformer's step: its kernels, its data, and how it is measured.

#include "gpu/cpu/transformer_step.h"

#include "gpu/cpu/measure_step.h"
#include "gpu/cpu/parallel.h"
#include "tests/probe_cpu/reference.h"

using namespace moeplan;
using namespace moeplan::cpu;

namespace {

const char* kSmall =
    "layers=2,hidden=48,heads=4,kv_heads=2,head_dim=12,experts=6,top_k=2,width=40,sequences=5,context=30,vocabulary=70,"
    "format=fp32";

StepShape small(const std::string& more = "") {
    const auto shape = parse_step(std::string(kSmall) + "," + more);
    REQUIRE(shape.has_value());
    return *shape;
}

std::string problems(const std::string& text) {
    const auto shape = parse_step(text);
    REQUIRE_FALSE(shape.has_value());
    std::string all;
    for (const Problem& problem : shape.error()) all += to_text(problem) + "\n";
    return all;
}

}  // namespace

TEST_CASE("sizes of a step read back as they are written") {
    for (const char* more : {"", "alpha=0.6,exchange=1", "layers=9,format=fp32"}) {
        const StepShape shape = small(more);
        REQUIRE(to_text(*parse_step(to_text(shape))) == to_text(shape));
    }
    REQUIRE(parse_step("")->layers == StepShape{}.layers);
}

TEST_CASE("mistakes in a step's sizes are all named") {
    const std::string text = problems("layer=3,hidden=x,heads,experts=0,format=fp8");
    REQUIRE_THAT(text, ContainsSubstring("did you mean 'layers'?"));
    REQUIRE_THAT(text, ContainsSubstring("hidden is 'x'; expected a whole number"));
    REQUIRE_THAT(text, ContainsSubstring("'heads' has no value"));
    REQUIRE_THAT(text, ContainsSubstring("'fp8' cannot be run here"));
    REQUIRE_THAT(problems("experts=0"), ContainsSubstring("experts is 0"));
    REQUIRE_THAT(problems("heads=6,kv_heads=4"), ContainsSubstring("not a multiple"));
    REQUIRE_THAT(problems("top_k=30"), ContainsSubstring("top_k is 30 of only 16"));
    REQUIRE_THAT(problems("alpha=nan"), ContainsSubstring("alpha"));
    REQUIRE_THAT(problems("exchange=2"), ContainsSubstring("expected 0 or 1"));
    REQUIRE_THAT(problems("layers=99999999999999999999"), ContainsSubstring("expected a whole number"));
}

TEST_CASE("a step's kernels can all be run and cover what it reads") {
    for (const char* more : {"exchange=0", "exchange=1"}) {
        const StepShape shape = small(more);
        std::int64_t gemms = 0, experts = 0;
        for (const StepKernel& one : step_kernels(shape)) {
            CAPTURE(one.part);
            REQUIRE(check_kernel(one.kernel).empty());
            REQUIRE(one.repeat >= 1);
            gemms += std::holds_alternative<GemmKernel>(one.kernel) ? one.repeat : 0;
            experts += std::holds_alternative<ExpertKernel>(one.kernel) ? one.repeat : 0;
        }
        REQUIRE(gemms == 3 * 2 + 1);   // qkv, output and router of each layer, and the head
        REQUIRE(experts == 2);
    }
    // Twice the layers read twice as much, but for the head.
    const double one = streamed_bytes(small("layers=1")).value, two = streamed_bytes(small("layers=2")).value;
    const double four = streamed_bytes(small("layers=4")).value;
    REQUIRE(four - two == Approx(2 * (two - one)));
}

TEST_CASE("a step computes the same with dispatch and combine apart as in the expert layer") {
    const auto together = make_step(small("exchange=0,alpha=0.5")), apart = make_step(small("exchange=1,alpha=0.5"));
    together->run();
    apart->run();
    const auto widened = [](const std::vector<float>& from) { return Doubles(from.begin(), from.end()); };
    REQUIRE(worst_error(widened(apart->logits()), widened(together->logits())) < 1e-3);
    REQUIRE(worst_error(widened(apart->stream()), widened(together->stream())) < 1e-3);
}

TEST_CASE("a step gives the same numbers every time and every value is finite") {
    const auto step = make_step(small());
    step->run();
    const auto logits = step->logits();
    step->run();
    REQUIRE(step->logits() == logits);
    double squares = 0;
    for (const float x : logits) {
        REQUIRE(std::isfinite(x));
        squares += static_cast<double>(x) * static_cast<double>(x);
    }
    REQUIRE(squares / static_cast<double>(logits.size()) > 0.1);   // neither vanished nor blown up
    REQUIRE(squares / static_cast<double>(logits.size()) < 10);
}

TEST_CASE("a measured step lists its kernels, their times alone, and reads back") {
    const auto measured = measure_step(small(), 0.3, true);
    REQUIRE(measured.has_value());
    REQUIRE(measured->median_us > 0);
    REQUIRE(sum_alone_us(*measured).has_value());
    REQUIRE(*sum_alone_us(*measured) > 0);
    double in_step = 0;
    for (const StepKernel& one : measured->kernels) in_step += static_cast<double>(one.repeat) * one.in_step_us.value();
    REQUIRE(in_step == Approx(measured->quiet_us.value()));
    const auto read = read_step(write_step(*measured));
    REQUIRE(read.has_value());
    REQUIRE(*read == *measured);
    REQUIRE_FALSE(sum_alone_us(*measure_step(small(), 0.05, false)).has_value());
}

TEST_CASE("a step's laps name every kernel as often as it is repeated") {
    for (const char* more : {"exchange=0", "exchange=1"}) {
        const StepShape shape = small(more);
        const auto kernels = step_kernels(shape);
        std::vector<std::int64_t> laps(kernels.size(), 0);
        make_step(shape)->run([&](std::size_t kernel) { ++laps.at(kernel); });
        for (std::size_t i = 0; i < kernels.size(); ++i) REQUIRE(laps[i] == kernels[i].repeat);
    }
}

TEST_CASE("kernels alone add up to the step they make up, within what a busy machine allows") {
    const int before = threads();
    set_threads(1);
    // 80 MB of weights a layer: more than the caches of most processors hold.
    const auto shape =
        parse_step("layers=2,hidden=1024,width=1536,experts=8,sequences=8,context=512,vocabulary=4096,format=fp32");
    const auto measured = measure_step(*shape, 1.5, true);
    set_threads(before);
    REQUIRE(measured.has_value());
    const double ratio = *sum_alone_us(*measured) / *measured->quiet_us;
    CAPTURE(ratio);
    REQUIRE(ratio > 0.5);
    REQUIRE(ratio < 2);
}

TEST_CASE("a step that does not fit into memory is refused before it is tried") {
    const auto measured = measure_step(small("layers=1000,hidden=1000000,width=1000000"), 1, false);
    REQUIRE_FALSE(measured.has_value());
    REQUIRE(measured.error().front().kind == ProblemKind::infeasible);
    REQUIRE_THAT(measured.error().front().what, ContainsSubstring("GiB can be had"));
}
