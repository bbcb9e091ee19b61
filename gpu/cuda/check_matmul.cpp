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

// Weights as the product sees them: of sums of k.
std::vector<float> fetch_weights(const DeviceBuffer& from, std::int64_t count, NumberFormat format, std::int64_t k) {
    std::vector<float> out = fetch(from, count, input_element(format));
    for (float& w : out) w *= weight_scale(format, k);
    return out;
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
    const std::vector<float> up = fetch_weights(set.up, k.held() * up_size, k.format, k.hidden),
                             down = fetch_weights(set.down, k.held() * down_size, k.format, k.width);
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

// What every chip and library that offers the format takes: rows as they come, the other sizes in whole blocks (of 16 bytes,
// or of 128 numbers). One in three has long sums and few rows, as in decoding.
MatmulShape draw_product(CheckRandom& random, NumberFormat format) {
    const std::int64_t step = format == NumberFormat::fp8_block ? 128 : 16;
    if (draw(random, 0, 2) > 0) return {draw(random, 1, 100), step * draw(random, 1, 4), step * draw(random, 1, 6), format};
    return {draw(random, 1, 8), step * draw(random, 1, 2), step * draw(random, 4096 / step, 16384 / step), format};
}

// Results have a standard deviation of 2/3 for every k, so they stay below about 4. Half a step of the stored format is
// then 2^-7 (bf16) or 2^-10 (fp16), 2^-6 and 2^-9 beyond 4; long sums may be split and their parts rounded to the stored
// format before they are added, which doubles it. fp8: Hopper's matrix units keep about 14 bits of a sum (DeepSeek-V3,
// arXiv 2412.19437, section 3.3.2) and cut what is below, once every 32 products: 2^-11 each at most while sums are below 8.
double allowed_difference(const MatmulShape& p) {
    const double longer = p.k >= 4096 ? 2 : 1, cuts = static_cast<double>(p.k) / 32;
    if (input_element(p.format) == Element::fp8) return 0.06 + cuts / 2048;
    return longer * (p.format == NumberFormat::fp16 ? 0.005 : 0.02);
}

Comparison compare_product(Session& session, const MatmulShape& p, const std::string& text, CheckRandom& random) {
    const Element in = input_element(p.format), out = result_element(p.format);
    const std::int64_t rows = stored_rows(p.format, p.m);
    const DeviceBuffer a(rows * p.k * bytes_of(in)), w(p.n * p.k * bytes_of(in)), c(rows * p.n * 2);
    run_fill_random(a.get(), rows * p.k, in, 1.0f, random(), session.stream());
    run_fill_random(w.get(), p.n * p.k, in, weight_range(p.format, p.k), random(), session.stream());
    Matmul matmul(session, p);
    matmul.choose(a.get(), w.get(), c.get());
    matmul.enqueue(a.get(), w.get(), c.get());
    Comparison found{text, 0, allowed_difference(p), {}};
    const std::vector<float> want =
        gemm_reference(fetch(a, p.m * p.k, in), fetch_weights(w, p.n * p.k, p.format, p.k), p.m, p.n, p.k);
    found.worst = worst_difference(fetch(c, p.m * p.n, out), want);
    return found;
}

}  // namespace

Comparison check_matmul(Session& session, NumberFormat format, CheckRandom& random) {
    const MatmulShape p = draw_product(random, format);
    const std::string text = "m " + std::to_string(p.m) + " n " + std::to_string(p.n) + " k " + std::to_string(p.k);
    try {
        return compare_product(session, p, text, random);
    } catch (const DeviceError& error) {
        throw DeviceError(error.kind, text + ": " + error.what());
    }
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
