#include "gpu/cpu/expert_layer.h"

#include <cmath>
#include <cstring>

#include "core/base/require.h"
#include "gpu/cpu/activation.h"
#include "gpu/cpu/parallel.h"

namespace moeplan::cpu {
namespace {

std::size_t z(std::int64_t value) { return static_cast<std::size_t>(value); }

// Slots start on a cache line.
std::size_t padded(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

template <class T>
void load_first(ExpertLayer& ffn, const ExpertLayerShape& s, std::uint64_t seed) {
    const std::int64_t up_width = s.width * (s.gated ? 2 : 1);
    // Uniform in [-a, a] has variance a^2 / 3.
    const bool whole = s.format == NumberFormat::int8;
    const float up_scale = whole ? 1.0F : std::sqrt(3.0F / static_cast<float>(s.hidden));
    const float down_scale = whole ? 1.0F : std::sqrt(3.0F / static_cast<float>(s.width));
    const Buffer up = random_buffer<T>(z(s.hidden * up_width), up_scale, seed);
    const Buffer down = random_buffer<T>(z(s.width * s.hidden), down_scale, seed + 1);
    ffn.load(0, up.data(), down.data());
}

}  // namespace

ExpertLayer::ExpertLayer(const ExpertLayerShape& shape, std::int64_t slots, std::int64_t typical_rows)
    : shape_(shape),
      slots_(slots),
      up_width_(shape.width * (shape.gated ? 2 : 1)),
      up_(up_width_, shape.hidden, shape.format, typical_rows),
      down_(shape.hidden, shape.width, shape.format, typical_rows),
      up_bytes_(padded(up_.packed_bytes())),
      down_bytes_(padded(down_.packed_bytes())),
      up_weights_(z(slots) * up_bytes_),
      down_weights_(z(slots) * down_bytes_) {}

void ExpertLayer::load(std::int64_t slot, const void* up_gate, const void* down) {
    require(slot >= 0 && slot < slots_, "ExpertLayer: no such slot");
    up_.pack(up_gate, up_weights_.data() + z(slot) * up_bytes_);
    down_.pack(down, down_weights_.data() + z(slot) * down_bytes_);
}

void ExpertLayer::load_random(std::uint64_t seed) {
    if (shape_.format == NumberFormat::fp32) load_first<float>(*this, shape_, seed);
    else if (shape_.format == NumberFormat::bf16) load_first<Bf16>(*this, shape_, seed);
    else load_first<std::int8_t>(*this, shape_, seed);
    // The same numbers in every slot take as long to multiply by as different ones.
    parallel_for(slots_ - 1, [this](std::int64_t begin, std::int64_t end) {
        for (std::int64_t slot = begin + 1; slot <= end; ++slot) {
            std::memcpy(up_weights_.data() + z(slot) * up_bytes_, up_weights_.data(), up_.packed_bytes());
            std::memcpy(down_weights_.data() + z(slot) * down_bytes_, down_weights_.data(), down_.packed_bytes());
        }
    });
}

std::size_t ExpertLayer::element() const {
    return shape_.format == NumberFormat::fp32 ? 4 : shape_.format == NumberFormat::bf16 ? 2 : 1;
}

std::size_t ExpertLayer::result_element() const { return shape_.format == NumberFormat::bf16 ? 2 : 4; }

void ExpertLayer::set_plan(PermutePlan plan) {
    plan_ = std::move(plan);
    const std::size_t pairs = plan_.token.size();
    rows_ = Buffer(pairs * z(shape_.hidden) * element());
    raised_ = Buffer(pairs * z(up_width_) * result_element());
    active_ = Buffer(pairs * z(shape_.width) * element());
    lowered_ = Buffer(pairs * z(shape_.hidden) * result_element());
    for (std::size_t e = 0; e + 1 < plan_.begin.size(); ++e) {
        const std::int64_t rows = plan_.begin[e + 1] - plan_.begin[e];
        if (rows == 0) continue;
        up_.prepare(rows);
        down_.prepare(rows);
    }
}

float ExpertLayer::int8_scale() const {
    // A sum of `hidden` products of two uniform numbers of +-127 has this standard deviation.
    return 3.0F / (127.0F * 127.0F * std::sqrt(static_cast<float>(shape_.hidden)));
}

void ExpertLayer::activate_rows(std::int64_t first, std::int64_t rows) {
    const ActivationShape shape{rows, shape_.width, shape_.gated};
    const std::byte* from = raised_.data() + z(first * up_width_) * result_element();
    std::byte* to = active_.data() + z(first * shape_.width) * element();
    if (shape_.format == NumberFormat::fp32)
        activate(shape, reinterpret_cast<const float*>(from), reinterpret_cast<float*>(to));
    else if (shape_.format == NumberFormat::bf16)
        activate(shape, reinterpret_cast<const Bf16*>(from), reinterpret_cast<Bf16*>(to));
    else activate(shape, reinterpret_cast<const float*>(from), int8_scale(), reinterpret_cast<std::int8_t*>(to));
}

void ExpertLayer::run(const void* input, const float* weights, const std::vector<std::int64_t>& slots, void* output) {
    gather_rows(plan_, shape_.hidden * static_cast<std::int64_t>(element()), input, rows_.data());
    for (std::size_t e = 0; e + 1 < plan_.begin.size(); ++e) {
        const std::int64_t first = plan_.begin[e], rows = plan_.begin[e + 1] - first;
        if (rows == 0) continue;
        const std::size_t slot = z(slots[e]);
        up_.run(rows, rows_.data() + z(first * shape_.hidden) * element(), up_weights_.data() + slot * up_bytes_,
                raised_.data() + z(first * up_width_) * result_element());
        activate_rows(first, rows);
        down_.run(rows, active_.data() + z(first * shape_.width) * element(), down_weights_.data() + slot * down_bytes_,
                  lowered_.data() + z(first * shape_.hidden) * result_element());
    }
    if (shape_.format == NumberFormat::fp32) {
        combine_rows(plan_, shape_.hidden, weights, lowered_.as<float>(), static_cast<float*>(output));
    } else if (shape_.format == NumberFormat::bf16) {
        combine_rows(plan_, shape_.hidden, weights, lowered_.as<Bf16>(), static_cast<Bf16*>(output));
    } else {
        combine_rows(plan_, shape_.hidden, weights, lowered_.as<float>(), static_cast<Bf16*>(output));
    }
}

std::string ExpertLayer::implementation() const { return up_.implementation(); }

}  // namespace moeplan::cpu
