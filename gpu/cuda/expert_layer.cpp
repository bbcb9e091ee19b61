#include "gpu/cuda/expert_layer.h"

#include <numeric>

#include "gpu/cuda/sampler.h"

namespace moeplan::cuda {

namespace {

double d(std::int64_t value) { return static_cast<double>(value); }

std::int64_t rows_of(const ExpertKernel& k) { return std::accumulate(k.loads.begin(), k.loads.end(), std::int64_t{0}); }

std::int64_t up_width(const ExpertKernel& k) { return (k.gated ? 2 : 1) * k.width; }

}  // namespace

double bytes_of_set(const ExpertKernel& k) {
    const double weights = d(k.held()) * d(k.hidden) * (d(up_width(k)) + d(k.width));
    return weights * d(bytes_of(input_element(k.format))) + d(k.tokens) * d(k.hidden) * 2;
}

double bytes_shared(const ExpertKernel& k) {
    const double rows = d(rows_of(k));
    const double per_row = 2 * d(k.hidden) + 2 * d(up_width(k)) + 2 * d(k.width) + 2 * d(k.hidden);
    return rows * per_row + d(k.tokens) * (4 * d(k.hidden) + 8 * d(k.top_k));
}

ExpertLayer::ExpertLayer(Session& session, const ExpertKernel& kernel, int sets)
    : session_(session),
      kernel_(kernel),
      pairs_(spread_pairs(kernel)),
      rows_(rows_of(kernel)),
      up_width_(up_width(kernel)),
      up_(session, kernel.loads, up_width_, kernel.hidden, kernel.format),
      down_(session, kernel.loads, kernel.hidden, kernel.width, kernel.format) {
    allocate();
    for (int s = 0; s < sets; ++s) {
        sets_.emplace_back();
        fill(sets_.back(), static_cast<std::uint64_t>(s) + 1);
    }
    for (int s = 0; s < sets; ++s) {
        const Set& one = sets_[static_cast<std::size_t>(s)];
        if (s == 0) {
            up_.choose(gathered_.get(), one.up.get(), raised_.get());
            down_.choose(activated_.get(), one.down.get(), lowered_.get());
        }
        up_.add_operands(gathered_.get(), one.up.get(), raised_.get());
        down_.add_operands(activated_.get(), one.down.get(), lowered_.get());
    }
}

void ExpertLayer::allocate() {
    const std::int64_t in = bytes_of(input_element(kernel_.format)), tokens = kernel_.tokens, hidden = kernel_.hidden;
    pair_of_row_ = DeviceBuffer::of(pairs_.pair_of_row);
    row_of_pair_ = DeviceBuffer::of(pairs_.row_of_pair);
    row_count_ = DeviceBuffer::of(std::vector<int>{static_cast<int>(rows_)});
    weight_of_ = DeviceBuffer(tokens * kernel_.top_k * 4);
    run_fill_random_float(weight_of_.as<float>(), tokens * kernel_.top_k, 1.0f, 77, session_.stream());
    if (in == 1) converted_ = DeviceBuffer(tokens * hidden);
    gathered_ = DeviceBuffer(rows_ * hidden * in);
    raised_ = DeviceBuffer(rows_ * up_width_ * 2);
    activated_ = DeviceBuffer(rows_ * kernel_.width * in);
    lowered_ = DeviceBuffer(rows_ * hidden * 2);
    output_ = DeviceBuffer(tokens * hidden * 2);
    // The algorithms are tried on numbers, not on what happens to lie in memory.
    run_fill_random(gathered_.get(), rows_ * hidden, input_element(kernel_.format), 1.0f, 5, session_.stream());
    run_fill_random(activated_.get(), rows_ * kernel_.width, input_element(kernel_.format), 1.0f, 6, session_.stream());
}

void ExpertLayer::fill(Set& set, std::uint64_t seed) const {
    const Element in = input_element(kernel_.format);
    const std::int64_t held = kernel_.held(), hidden = kernel_.hidden, width = kernel_.width;
    set.input = DeviceBuffer(kernel_.tokens * hidden * 2);
    set.up = DeviceBuffer(held * up_width_ * hidden * bytes_of(in));
    set.down = DeviceBuffer(held * hidden * width * bytes_of(in));
    run_fill_random(set.input.get(), kernel_.tokens * hidden, result_element(kernel_.format), 1.0f, seed,
                    session_.stream());
    run_fill_random(set.up.get(), held * up_width_ * hidden, in, weight_range(kernel_.format, hidden), seed + 1000,
                    session_.stream());
    run_fill_random(set.down.get(), held * hidden * width, in, weight_range(kernel_.format, width), seed + 2000,
                    session_.stream());
}

void ExpertLayer::enqueue(int set_index) const {
    const Set& set = sets_[static_cast<std::size_t>(set_index)];
    const cudaStream_t stream = session_.stream();
    const Element in = input_element(kernel_.format), between = result_element(kernel_.format);
    const void* input = set.input.get();
    if (in == Element::fp8) {
        run_quantise(input, between, converted_.get(), kernel_.tokens * kernel_.hidden, 1.0f, stream);
        input = converted_.get();
    }
    run_gather({input, pair_of_row_.as<int>(), row_count_.as<int>(), gathered_.get(), rows_, kernel_.top_k,
                kernel_.hidden * bytes_of(in)},
               stream);
    up_.enqueue(set_index);
    run_activation({raised_.get(), activated_.get(), rows_, kernel_.width, kernel_.gated, between, in, 1.0f}, stream);
    down_.enqueue(set_index);
    run_combine({lowered_.get(), row_of_pair_.as<int>(), weight_of_.as<float>(), output_.get(), kernel_.tokens,
                 kernel_.hidden, kernel_.top_k, between},
                stream);
}

std::string ExpertLayer::text() const { return "gather, " + up_.text() + ", SwiGLU, " + down_.text() + ", combine"; }

}  // namespace moeplan::cuda
