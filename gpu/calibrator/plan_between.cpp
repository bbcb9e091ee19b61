// Shapes between those of well-known models.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "gpu/calibrator/plan_shapes.h"

namespace moeplan {
namespace {

constexpr std::size_t kFewest = 12, kMost = 64;   // shapes of a kind
constexpr std::size_t kTriesEach = 20;            // most draws are of no use where little fits

// Coordinates of point `n` (from 1) in [0, 1): each in a prime base of its own.
class Halton {
public:
    explicit Halton(std::size_t n) : n_(n) {}
    double next() {
        const std::size_t base = kBases.at(dimension_++);
        double value = 0, digit = 1;
        for (std::size_t rest = n_; rest > 0; rest /= base) {
            digit /= static_cast<double>(base);
            value += digit * static_cast<double>(rest % base);
        }
        return value;
    }

private:
    static constexpr std::array<std::size_t, 4> kBases{2, 3, 5, 7};
    std::size_t n_, dimension_ = 0;
};

struct Range {
    std::int64_t low = 0, high = 0;
    void include(std::int64_t value) {
        low = low == 0 ? value : std::min(low, value);
        high = std::max(high, value);
    }
    // At `share` of the way between the ends on a logarithmic scale, in multiples of `step`.
    std::int64_t at(double share, std::int64_t step = 1) const {
        const double value = static_cast<double>(low) * std::pow(static_cast<double>(high) / static_cast<double>(low), share);
        return std::max<std::int64_t>(1, std::llround(value / static_cast<double>(step))) * step;
    }
};

// `draw` makes a shape of a point; at most as many as there are in `known`, none of those.
template <class Shape, class Draw, class Fits>
std::set<Shape> between(const std::set<Shape>& known, std::size_t fitting, const Draw& draw, const Fits& fits) {
    std::set<Shape> drawn;
    if (fitting == 0) return drawn;
    const std::size_t wanted = std::clamp(fitting, kFewest, kMost);
    for (std::size_t n = 1; drawn.size() < wanted && n <= kTriesEach * wanted; ++n) {
        Halton point(n);
        const Shape shape = draw(point);
        if (known.count(shape) == 0 && fits(shape)) drawn.insert(shape);
    }
    return drawn;
}

std::set<std::pair<std::int64_t, std::int64_t>> gemms_between(const PlanShapes& known, const ShapeFits& fits) {
    using Shape = std::pair<std::int64_t, std::int64_t>;
    Range n, k;
    std::size_t fitting = 0;
    for (const Shape& s : known.gemms) {
        if (!fits.gemm(s.first, s.second)) continue;
        n.include(s.first);
        k.include(s.second);
        ++fitting;
    }
    const auto draw = [&](Halton& point) {
        const std::int64_t columns = n.at(point.next(), 64);
        return Shape{columns, k.at(point.next(), 64)};
    };
    return between(known.gemms, fitting, draw, [&](const Shape& s) { return fits.gemm(s.first, s.second); });
}

std::set<ExpertShape> experts_between(const PlanShapes& known, const ShapeFits& fits) {
    Range hidden, width, experts, top_k;
    std::size_t fitting = 0;
    for (const ExpertShape& s : known.experts) {
        if (!fits.experts(s)) continue;
        hidden.include(s.hidden);
        width.include(s.width);
        experts.include(std::max<std::int64_t>(1, s.experts / s.ep));   // of one rank
        top_k.include(s.top_k);
        ++fitting;
    }
    const auto draw = [&](Halton& point) {
        ExpertShape s;
        s.hidden = hidden.at(point.next(), 64);
        s.width = width.at(point.next(), 64);
        s.experts = experts.at(point.next());
        s.top_k = std::min(top_k.at(point.next()), s.experts);
        return s;
    };
    return between(known.experts, fitting, draw, fits.experts);
}

std::set<AttentionShape> attention_between(const PlanShapes& known, const ShapeFits& fits) {
    Range kv_heads, group, size;
    std::size_t fitting = 0;
    for (const AttentionShape& s : known.attention) {
        if (s.qk_dim != s.v_dim || !fits.attention(s)) continue;   // latent heads are of one family of models
        kv_heads.include(s.kv_heads);
        group.include(std::max<std::int64_t>(1, s.heads / s.kv_heads));
        size.include(s.qk_dim);
        ++fitting;
    }
    const auto draw = [&](Halton& point) {
        AttentionShape s;
        s.kv_heads = kv_heads.at(point.next());
        s.heads = s.kv_heads * group.at(point.next());
        s.qk_dim = s.v_dim = size.at(point.next(), 16);
        return s;
    };
    return between(known.attention, fitting, draw, fits.attention);
}

}  // namespace

PlanShapes shapes_between(const PlanShapes& known, const ShapeFits& fits) {
    PlanShapes drawn;
    drawn.gemms = gemms_between(known, fits);
    drawn.experts = experts_between(known, fits);
    drawn.attention = attention_between(known, fits);
    return drawn;
}

}  // namespace moeplan
