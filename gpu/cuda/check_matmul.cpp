#include <algorithm>
#include <cmath>

#include "gpu/cuda/check/numbers.h"
#include "gpu/cuda/check/references.h"
#include "gpu/cuda/expert_layer.h"
#include "gpu/cuda/self_test.h"

namespace moeplan::cuda {

namespace {

std::vector<float> fetch(const DeviceBuffer& from, std::int64_t count, Element element) {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count * bytes_of(element)));
    copy_to_host(bytes.data(), from.get(), bytes.size());
    return decode(bytes, element);
}

std::vector<float> slice(const std::vector<float>& all, std::int64_t first, std::int64_t count) {
    return {all.begin() + first, all.begin() + first + count};
}

// Rows of one expert through up, activation and down, each stored as the device stores it.
std::vector<float> expert_reference(const ExpertKernel& k, const std::vector<float>& rows, const std::vector<float>& up,
                                    const std::vector<float>& down) {
    const auto count = static_cast<std::int64_t>(rows.size()) / k.hidden;
    const Element between = result_element(k.format), in = input_element(k.format);
    const std::vector<float> raised =
        rounded(gemm_reference(rows, up, count, (k.gated ? 2 : 1) * k.width, k.hidden), between);
    const std::vector<float> active = rounded(activation_reference(raised, count, k.width, k.gated), in);
    return rounded(gemm_reference(active, down, count, k.hidden, k.width), between);
}

ExpertKernel draw_layer(CheckRandom& random, NumberFormat format) {
    ExpertKernel k;
    k.format = format;
    k.tokens = draw(random, 1, 60);
    k.hidden = 64 * draw(random, 1, 3);
    k.width = 32 * draw(random, 1, 4);
    k.gated = draw(random, 0, 3) > 0;
    k.top_k = draw(random, 1, 4);
    std::int64_t left = k.tokens * k.top_k;
    for (std::int64_t e = draw(random, 4, 10); e > 0; --e) {
        const std::int64_t load = draw(random, 0, 2) == 0 ? 0 : draw(random, 0, std::min(k.tokens, left));
        k.loads.push_back(load);
        left -= load;
    }
    if (left == k.tokens * k.top_k) k.loads.back() = 1;
    return k;
}

std::vector<float> layer_reference(const ExpertKernel& k, const ExpertLayer& layer) {
    const Element in = input_element(k.format);
    const auto& set = layer.set(0);
    const std::int64_t up_size = (k.gated ? 2 : 1) * k.width * k.hidden, down_size = k.width * k.hidden;
    const std::vector<float> input = rounded(fetch(set.input, k.tokens * k.hidden, result_element(k.format)), in);
    const std::vector<float> up = fetch(set.up, k.held() * up_size, in),
                             down = fetch(set.down, k.held() * down_size, in);
    std::vector<float> rows_out;
    std::int64_t row = 0;
    for (std::int64_t e = 0; e < k.held(); ++e) {
        std::vector<float> rows;
        for (std::int64_t i = 0; i < k.loads[static_cast<std::size_t>(e)]; ++i, ++row) {
            const std::vector<float> one =
                slice(input, layer.pairs().pair_of_row[static_cast<std::size_t>(row)] / k.top_k * k.hidden, k.hidden);
            rows.insert(rows.end(), one.begin(), one.end());
        }
        const std::vector<float> made =
            expert_reference(k, rows, slice(up, e * up_size, up_size), slice(down, e * down_size, down_size));
        rows_out.insert(rows_out.end(), made.begin(), made.end());
    }
    std::vector<float> weights(static_cast<std::size_t>(k.tokens * k.top_k));
    copy_to_host(weights.data(), layer.weight_of().get(), weights.size() * sizeof(float));
    return combine_reference(rows_out, layer.pairs().row_of_pair, weights, k.tokens, k.hidden, k.top_k);
}

}  // namespace

Comparison check_matmul(Session& session, NumberFormat format, CheckRandom& random) {
    const Element in = input_element(format), out = result_element(format);
    const std::int64_t step = format == NumberFormat::fp8_block ? 128 : 16;
    const std::int64_t m = draw(random, 1, 100), n = step * draw(random, 1, 4), k = step * draw(random, 1, 6);
    const DeviceBuffer a(m * k * bytes_of(in)), w(n * k * bytes_of(in)), c(m * n * 2);
    run_fill_random(a.get(), m * k, in, 1.0f, random(), session.stream());
    run_fill_random(w.get(), n * k, in, static_cast<float>(2.0 / std::sqrt(static_cast<double>(k))), random(),
                    session.stream());
    Matmul matmul(session, {m, n, k, format});
    matmul.choose(a.get(), w.get(), c.get());
    matmul.enqueue(a.get(), w.get(), c.get());
    // Results below about 4, stored with 8 bits (11 for fp16); sums of fp8 are kept in fewer bits on some chips.
    Comparison found{"m " + std::to_string(m) + " n " + std::to_string(n) + " k " + std::to_string(k), 0, 0, {}};
    found.allowed = in == Element::fp8 ? 0.06 : format == NumberFormat::fp16 ? 0.005 : 0.02;
    const std::vector<float> want = gemm_reference(fetch(a, m * k, in), fetch(w, n * k, in), m, n, k);
    found.worst = worst_difference(fetch(c, m * n, out), want);
    return found;
}

Comparison check_expert_layer(Session& session, NumberFormat format, CheckRandom& random) {
    const ExpertKernel kernel = draw_layer(random, format);
    const ExpertLayer layer(session, kernel, 1);
    layer.enqueue(0);
    Comparison found{to_text(kernel), 0, 0, {}};
    const std::vector<float> want = layer_reference(kernel, layer);
    // Rounding differs where a sum falls on the other side of a step: a step of the stored format, of the largest result.
    double largest = 0.1;
    for (const float f : want) largest = std::max(largest, std::fabs(static_cast<double>(f)));
    found.allowed = largest * (input_element(format) == Element::fp8 ? 0.05
                               : format == NumberFormat::fp16        ? 0.005
                                                                     : 0.03);
    found.worst = worst_difference(fetch(layer.output(), kernel.tokens * kernel.hidden, result_element(format)), want);
    return found;
}

}  // namespace moeplan::cuda
