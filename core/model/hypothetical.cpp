#include "core/model/hypothetical.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/model/count.h"

namespace moeplan {
namespace {

constexpr double kBillion = 1e9;
constexpr double kLargestModel = 1e6;  // billions
constexpr std::int64_t kWidest = 1'000'000;
constexpr std::int64_t kDeepest = 4'096;
constexpr double kTolerance = 0.01;
constexpr double kLeastOfUsual = 4;   // a solved hidden size below a quarter of the usual one is refused

struct Shape {
    double size_b;
    double hidden, layers;
};

// config.json of each, sizes counted from it.
constexpr std::array kKnownShapes = {Shape{0.596, 1024, 28}, Shape{1.72, 2048, 28},   Shape{4.02, 2560, 36},
                                     Shape{8.19, 4096, 36},  Shape{14.77, 5120, 40},  Shape{32.8, 5120, 64},
                                     Shape{70.6, 8192, 80},  Shape{405.9, 16384, 126}};

// On log axes; beyond the ends the last slope goes on.
Shape shape_for(double size_b) {
    std::size_t i = 1;
    while (i + 1 < kKnownShapes.size() && kKnownShapes[i].size_b < size_b) ++i;
    const Shape& a = kKnownShapes[i - 1];
    const Shape& b = kKnownShapes[i];
    const double t = std::log(size_b / a.size_b) / std::log(b.size_b / a.size_b);
    const auto between = [t](double x, double y) { return std::exp(std::log(x) + t * std::log(y / x)); };
    return {size_b, std::clamp(128 * std::round(between(a.hidden, b.hidden) / 128), 128.0, 65536.0),
            std::clamp(std::round(between(a.layers, b.layers)), 1.0, 1000.0)};
}

struct Draft {
    std::int64_t hidden = 0, layers = 0, heads = 0, kv_heads = 0, head_dim = 128, vocab = 0;
    double width = 0, shared = 0;
};

class Solver {
public:
    explicit Solver(const HypotheticalModel& wish) : wish_(wish), moe_(wish.experts.has_value()) {}

    Result<ModelSpec> solve() {
        check();
        if (!problems_.empty()) return fail(problems_);
        sketch();
        fit();
        ModelSpec model = build(draft_);
        verify(model);
        if (!problems_.empty()) return fail(problems_);
        model.id = wish_.name;
        model.family = "hypothetical";
        model.source = "sizes given by the user";
        model.notes = notes_;
        return model;
    }

private:
    void problem(std::string path, std::string what) {
        problems_.push_back({wish_.name, std::move(path), std::move(what), ""});
    }

    void check_size(const char* key, const std::optional<std::int64_t>& n, std::int64_t least,
                    std::int64_t most) {
        if (n && (*n < least || *n > most))
            problem(key, fmt::format("found {}, expected {} to {}", *n, least, most));
    }

    void check_billions(const char* key, const std::optional<double>& n) {
        if (n && !(*n > 0.001 && *n <= kLargestModel)) {
            problem(key, fmt::format("found {}, expected 0.001 to {} billion", *n, kLargestModel));
        }
    }

    void check() {
        check_billions("total_b", wish_.total_b);
        check_billions("active_b", wish_.active_b);
        for (const auto& [key, n] : {std::pair{"experts", wish_.experts},
                                     {"top_k", wish_.top_k},
                                     {"hidden", wish_.hidden},
                                     {"heads", wish_.heads},
                                     {"kv_heads", wish_.kv_heads},
                                     {"head_dim", wish_.head_dim},
                                     {"width", wish_.width},
                                     {"vocab", wish_.vocab},
                                     {"window", wish_.window}}) {
            check_size(key, n, 1,
                       key == std::string_view("vocab") || key == std::string_view("window") ? 100'000'000
                                                                                             : kWidest);
        }
        check_size("layers", wish_.layers, 1, kDeepest);
        check_size("shared_width", wish_.shared_width, 0, kWidest);
        check_size("parallel_width", wish_.parallel_width, 0, kWidest);
        if (wish_.experts.has_value() != wish_.top_k.has_value()) {
            problem(wish_.experts ? "top_k" : "experts", "is missing, expected experts and top_k together");
        } else if (moe_ && *wish_.top_k > *wish_.experts) {
            problem("top_k",
                    fmt::format("found {}, expected at most the {} experts", *wish_.top_k, *wish_.experts));
        }
        if (!moe_ && (wish_.shared_width.value_or(0) > 0 || wish_.parallel_width.value_or(0) > 0)) {
            problem("shared_width", "shared and parallel widths need experts beside them");
        }
        if (wish_.total_b && wish_.active_b && *wish_.active_b > *wish_.total_b * (1 + kTolerance)) {
            problem("active_b", fmt::format("found {}, expected at most the total of {}", *wish_.active_b,
                                            *wish_.total_b));
        }
        if (wish_.heads && wish_.kv_heads && *wish_.kv_heads > 0 && *wish_.heads % *wish_.kv_heads != 0) {
            problem("kv_heads", fmt::format("found {}, expected a divisor of the {} heads", *wish_.kv_heads,
                                            *wish_.heads));
        }
        const bool sized = wish_.total_b || wish_.active_b || (wish_.hidden && wish_.layers && wish_.width);
        if (!sized)
            problem("total_b", "is missing, expected total_b or active_b, or hidden, layers and width");
    }

    // The size one token passes through, as good as it is known before solving.
    double guessed_active() const {
        if (wish_.active_b) return *wish_.active_b;
        if (!moe_ || !wish_.total_b) return wish_.total_b.value_or(1);
        const double share = static_cast<double>(*wish_.top_k) / static_cast<double>(*wish_.experts);
        return *wish_.total_b * std::max(share, 0.02) *
               (2 - share);  // about as much again around the experts
    }

    void sketch() {
        const Shape shape = shape_for(guessed_active());
        draft_.hidden = wish_.hidden.value_or(static_cast<std::int64_t>(shape.hidden));
        draft_.layers = wish_.layers.value_or(static_cast<std::int64_t>(shape.layers));
        draft_.head_dim = wish_.head_dim.value_or(128);
        const std::int64_t kv = wish_.kv_heads.value_or(8);
        // A whole number of groups, as wide as the hidden state.
        const std::int64_t heads = std::max<std::int64_t>(kv, draft_.hidden / draft_.head_dim / kv * kv);
        draft_.heads = wish_.heads.value_or(heads);
        draft_.kv_heads = wish_.kv_heads.value_or(draft_.heads % 8 == 0 ? 8 : draft_.heads);
        draft_.vocab = wish_.vocab.value_or(128'256);
        draft_.width = static_cast<double>(wish_.width.value_or(0));
        draft_.shared = static_cast<double>(wish_.shared_width.value_or(0));
        if (!wish_.hidden)
            notes_.push_back(fmt::format("hidden starts at {} from public dense models of this active size",
                                         draft_.hidden));
        if (!wish_.layers)
            notes_.push_back(
                fmt::format("layers ({}) from public dense models of this active size", draft_.layers));
        if (!wish_.heads)
            notes_.push_back(fmt::format("{} heads of {}, {} key-value heads", draft_.heads, draft_.head_dim,
                                         draft_.kv_heads));
        if (!wish_.vocab) notes_.push_back("vocabulary of Llama 3 (128,256)");
    }

    ModelSpec build(const Draft& d) const {
        ModelSpec m;
        m.hidden = d.hidden;
        m.vocab = d.vocab;
        m.tied_embeddings = wish_.tied_embeddings;
        m.position_parameters = static_cast<double>(d.hidden);
        LayerGroup g;
        g.count = d.layers;
        SoftmaxAttention a;
        a.heads = d.heads;
        a.kv_heads = d.kv_heads;
        a.qk_dim = a.v_dim = d.head_dim;
        a.window = wish_.window;
        g.mixer = a;
        g.norm_parameters = 2 * static_cast<double>(d.hidden);
        const auto width = static_cast<std::int64_t>(std::llround(d.width));
        if (moe_) {
            MoeFfn f;
            f.experts = *wish_.experts;
            f.top_k = *wish_.top_k;
            f.width = width;
            f.gated = wish_.gated;
            f.shared_width = static_cast<std::int64_t>(std::llround(d.shared));
            f.parallel_width = wish_.parallel_width.value_or(0);
            g.ffn = f;
        } else {
            g.ffn = DenseFfn{width, wish_.gated, false};
        }
        m.layers = {g};
        return m;
    }

    // Parameters one unit of width adds to `copies` feed-forwards of every layer.
    double per_width(const Draft& d, double copies) const {
        return (wish_.gated ? 3.0 : 2.0) * static_cast<double>(d.hidden) * static_cast<double>(d.layers) *
               copies;
    }

    // Sets the widths that are open for these outer sizes; returns what is left of the size that decides:
    // negative when attention and embeddings alone are too large.
    double set_widths(Draft& d) const {
        const double experts = moe_ ? static_cast<double>(*wish_.experts) : 1;
        const double top_k = moe_ ? static_cast<double>(*wish_.top_k) : 1;
        Draft bare = d;
        if (!wish_.width) bare.width = 0;
        if (!wish_.shared_width) bare.shared = 0;
        const ParameterCount base = count_parameters(build(bare));
        const bool both = moe_ && wish_.total_b && wish_.active_b && experts > top_k;
        if (both) {
            const double total = *wish_.total_b * kBillion, active = *wish_.active_b * kBillion;
            if (!wish_.width) d.width = (total - active) / per_width(d, experts - top_k);
            const double routed = wish_.width ? 0 : d.width * per_width(d, top_k);
            const double left = active - base.active_all - routed;
            if (!wish_.shared_width) d.shared = std::max(0.0, left) / per_width(d, 1);
            return left;
        }
        const bool by_total = wish_.total_b.has_value();
        if (!by_total && !wish_.active_b) return 0;
        const double target = (by_total ? *wish_.total_b : *wish_.active_b) * kBillion;
        const double left = target - (by_total ? base.total : base.active_all);
        if (!wish_.width) d.width = std::max(0.0, left) / per_width(d, by_total ? experts : top_k);
        return left;
    }

    // One of hidden or layers, whichever is open, so that nothing is left over (or as little as fits).
    void bisect(std::int64_t Draft::*size, std::int64_t step, std::int64_t most) {
        std::int64_t low = 1, high = most / step;
        while (low < high) {
            const std::int64_t middle = (low + high + 1) / 2;
            Draft d = draft_;
            d.*size = middle * step;
            if (set_widths(d) >= 0) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        draft_.*size = low * step;
    }

    // Experts that take all of the active size leave a hidden state of a few numbers: no such model is meant.
    void refuse_a_sliver() {
        if (wish_.hidden) return;
        const double usual = shape_for(guessed_active()).hidden;
        if (static_cast<double>(draft_.hidden) >= usual / kLeastOfUsual) return;
        problem(wish_.active_b ? "active_b" : "total_b",
                fmt::format("the experts leave nothing for attention and embeddings: hidden would be {}, "
                            "where models of this size have about {:.0f}; expected more experts, a smaller "
                            "top_k or a larger active size",
                            draft_.hidden, usual));
    }

    // A solved width is rounded so that tensor parallelism can cut it, by at most one part in 256.
    static double splittable(double width, bool given) {
        if (given || width < 128) return width;
        double step = 64;
        while (step > width / 128) step /= 2;
        return step * std::round(width / step);
    }

    void fit() {
        const double left = set_widths(draft_);
        const bool both = moe_ && wish_.total_b && wish_.active_b;
        const bool slack_has_a_place = both ? !wish_.shared_width : !wish_.width;
        const bool enough = left >= 0 && draft_.width >= 0.5;
        if (!(slack_has_a_place && enough)) {
            // The outer size has to give: smaller when too much is used, otherwise so that nothing is left.
            if (!wish_.hidden) {
                bisect(&Draft::hidden, 8, 131'072);
            } else if (!wish_.layers) {
                bisect(&Draft::layers, 1, kDeepest);
            }
            set_widths(draft_);
            refuse_a_sliver();
        }
        draft_.width = splittable(draft_.width, wish_.width.has_value());
        draft_.shared = splittable(draft_.shared, wish_.shared_width.has_value());
        notes_.push_back(fmt::format("solved: hidden {}, {} layers, width {:.0f}, shared width {:.0f}",
                                     draft_.hidden, draft_.layers, draft_.width, draft_.shared));
    }

    void verify(const ModelSpec& model) {
        const ParameterCount c = count_parameters(model);
        if (std::llround(draft_.width) < 1) {
            problem("width",
                    "no parameters are left for the feed-forward, expected larger counts or smaller sizes");
        }
        const auto agree = [&](const char* key, const std::optional<double>& given, double counted) {
            if (!given || std::abs(counted / kBillion - *given) <= kTolerance * *given) return;
            problem(key,
                    fmt::format(
                        "found {}, but the given sizes make it {:.4g}; they agree to no better than {:.1f} %",
                        *given, counted / kBillion, 100 * std::abs(counted / kBillion / *given - 1)));
        };
        agree("total_b", wish_.total_b, c.total);
        agree("active_b", wish_.active_b, c.active_all);
    }

    HypotheticalModel wish_;
    bool moe_;
    Draft draft_;
    std::vector<std::string> notes_;
    Problems problems_;
};

}  // namespace

Result<ModelSpec> make_hypothetical(const HypotheticalModel& wish) { return Solver(wish).solve(); }

}  // namespace moeplan
