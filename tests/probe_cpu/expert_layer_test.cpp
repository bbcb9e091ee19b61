#include "gpu/cpu/expert_layer.h"

#include <numeric>

#include "core/kernels/kernel.h"
#include "tests/probe_cpu/reference.h"

using namespace moeplan;
using namespace moeplan::cpu;

namespace {

struct Weights {
    Buffer up, down;
};

template <class T>
struct Case {
    ExpertLayerShape shape;
    std::int64_t tokens = 0;
    std::vector<std::int64_t> loads;
    std::vector<Weights> weights;   // of each slot
    std::vector<std::int64_t> slots;
    Buffer input;
    std::vector<float> shares;
};

template <class T>
Case<T> random_case(Random& random, NumberFormat format) {
    Case<T> c;
    c.shape = {random.from(1, 90), random.from(1, 90), random.from(0, 1) == 1, format};
    c.tokens = random.from(1, 40);
    c.loads = example_loads(c.tokens, 6, random.from(1, 4), 1, 0.1 * static_cast<double>(random.from(0, 14)));
    const bool whole = format == NumberFormat::int8;
    for (std::uint64_t slot = 0; slot < 8; ++slot) {
        const std::int64_t up = c.shape.width * (c.shape.gated ? 2 : 1);
        c.weights.push_back({random_buffer<T>(z(c.shape.hidden * up), whole ? 1.0F : 0.3F, 10 + slot),
                             random_buffer<T>(z(c.shape.hidden * c.shape.width), whole ? 1.0F : 0.3F, 30 + slot)});
    }
    c.slots = {7, 0, 3, 2, 5, 1};
    c.input = random_buffer<T>(z(c.tokens * c.shape.hidden), 1.0F, 1);
    c.shares.resize(z(std::accumulate(c.loads.begin(), c.loads.end(), std::int64_t{0})));
    fill_random(c.shares.data(), c.shares.size(), 1.0F, 2);
    return c;
}

// The definition, token by token; what is stored between the products is rounded as the format does.
template <class T>
Doubles reference(const Case<T>& c, const PermutePlan& plan, float scale) {
    const std::int64_t hidden = c.shape.hidden, width = c.shape.width, up = width * (c.shape.gated ? 2 : 1);
    const Doubles input = doubles<T>(c.input);
    Doubles out(input.size(), 0.0);
    for (std::int64_t t = 0; t < c.tokens; ++t) {
        for (std::int64_t i = plan.first[z(t)]; i < plan.first[z(t + 1)]; ++i) {
            const std::int64_t pair = plan.pair[z(i)];
            const auto expert = std::upper_bound(plan.begin.begin(), plan.begin.end(), pair) - plan.begin.begin() - 1;
            const Weights& w = c.weights[z(c.slots[z(expert)])];
            const Doubles row(input.begin() + t * hidden, input.begin() + (t + 1) * hidden);
            const Doubles raised = multiply(row, doubles<T>(w.up), 1, up, hidden);
            Doubles active(z(width));
            for (std::int64_t j = 0; j < width; ++j) {
                const double gate = raised[z(c.shape.gated ? width + j : j)] * static_cast<double>(scale);
                const double value =
                    gate / (1 + std::exp(-gate)) * (c.shape.gated ? raised[z(j)] * static_cast<double>(scale) : 1);
                active[z(j)] = static_cast<double>(widen(narrow<T>(static_cast<float>(value))));
            }
            const Doubles lowered = multiply(active, doubles<T>(w.down), 1, hidden, width);
            for (std::int64_t j = 0; j < hidden; ++j)
                out[z(t * hidden + j)] += static_cast<double>(c.shares[z(i)]) * lowered[z(j)];
        }
    }
    return out;
}

template <class T, class Out>
void compare(Random& random, NumberFormat format, double tolerance) {
    Case<T> c = random_case<T>(random, format);
    CAPTURE(c.shape.hidden, c.shape.width, c.shape.gated, c.tokens, std::string(name_of(format)));
    ExpertLayer ffn(c.shape, 8, 3);
    for (std::size_t slot = 0; slot < 8; ++slot)
        ffn.load(static_cast<std::int64_t>(slot), c.weights[slot].up.data(), c.weights[slot].down.data());
    const PermutePlan plan = plan_loads(c.tokens, c.loads);
    ffn.set_plan(plan);
    Buffer output(z(c.tokens * c.shape.hidden) * sizeof(Out));
    ffn.run(c.input.data(), c.shares.data(), c.slots, output.data());
    const float scale = format == NumberFormat::int8 ? ffn.int8_scale() : 1.0F;
    REQUIRE(worst_error(doubles<Out>(output), reference(c, plan, scale)) < tolerance);
}

}  // namespace

TEST_CASE("the expert layer is the definition's with the given loads, gated or not, in every format on offer") {
    Random random(31);
    for (int i = 0; i < 12; ++i) {
        for (const NumberFormat format : matmul_formats()) {
            if (format == NumberFormat::fp32) compare<float, float>(random, format, 1e-3);
            else if (format == NumberFormat::bf16) compare<Bf16, Bf16>(random, format, 0.15);
            else compare<std::int8_t, Bf16>(random, format, 0.15);   // a value half way may round to the other step
        }
    }
}

TEST_CASE("tokens that no held expert gets come out as zero") {
    ExpertLayer ffn({8, 8, true, NumberFormat::fp32}, 1, 1);
    ffn.load_random(1);
    ffn.set_plan(plan_loads(4, {1}));
    const Buffer input = random_buffer<float>(32, 1.0F, 1);
    Buffer output(32 * sizeof(float));
    const float one = 1;
    ffn.run(input.data(), &one, {0}, output.data());
    int rows = 0;
    for (int t = 0; t < 4; ++t) {
        const float* row = output.as<float>() + t * 8;
        rows += std::any_of(row, row + 8, [](float x) { return x != 0; }) ? 1 : 0;
    }
    REQUIRE(rows == 1);
    REQUIRE_THROWS_AS(ffn.load(1, input.data(), input.data()), std::logic_error);
}
