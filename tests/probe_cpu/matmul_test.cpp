#include "gpu/cpu/matmul.h"

#include "tests/probe_cpu/reference.h"

using namespace moeplan;
using namespace moeplan::cpu;

namespace {

template <class T, class Out>
double product_error(Random& random, NumberFormat format, bool fp32_result) {
    const std::int64_t n = random.from(1, 150), k = random.from(1, 200), typical = random.from(1, 40);
    Matmul matmul(n, k, format, typical, fp32_result);
    const Buffer weights = random_buffer<T>(z(n * k), 1.0F, 1);
    Buffer packed(matmul.packed_bytes());
    matmul.pack(weights.data(), packed.data());
    double worst = 0;
    // The one layout serves any number of rows.
    for (const std::int64_t m : {typical, random.from(1, 60)}) {
        CAPTURE(m, n, k, typical, std::string(name_of(format)));
        const Buffer a = random_buffer<T>(z(m * k), 1.0F, 2);
        Buffer c(z(m * n) * sizeof(Out));
        matmul.prepare(m);
        matmul.run(m, a.data(), packed.data(), c.data());
        worst = std::max(worst, worst_error(doubles<Out>(c), multiply(doubles<T>(a), doubles<T>(weights), m, n, k)));
        REQUIRE(worst < kTolerance<Out>);
    }
    return worst;
}

bool offered(NumberFormat format) {
    const auto& all = matmul_formats();
    return std::find(all.begin(), all.end(), format) != all.end();
}

}  // namespace

TEST_CASE("a product of fp32 is the product in double up to its rounding") {
    Random random(1);
    REQUIRE(offered(NumberFormat::fp32));
    for (int i = 0; i < 12; ++i) product_error<float, float>(random, NumberFormat::fp32, false);
}

TEST_CASE("a product of bf16 is the product in double up to its rounding, in bf16 and in fp32") {
    if (!offered(NumberFormat::bf16)) return;
    Random random(2);
    for (int i = 0; i < 8; ++i) product_error<Bf16, Bf16>(random, NumberFormat::bf16, false);
    for (int i = 0; i < 4; ++i) product_error<Bf16, float>(random, NumberFormat::bf16, true);
}

TEST_CASE("a product of int8 is exact") {
    if (!offered(NumberFormat::int8)) return;
    Random random(3);
    // Sums of 200 products of 127^2 are whole numbers that fp32 holds.
    for (int i = 0; i < 8; ++i) REQUIRE(product_error<std::int8_t, float>(random, NumberFormat::int8, false) == 0);
}

TEST_CASE("formats that the library lacks are refused by name") {
    REQUIRE_FALSE(offered(NumberFormat::fp8));
    REQUIRE_THROWS_AS(Matmul(8, 8, NumberFormat::fp8, 8), std::runtime_error);
}
