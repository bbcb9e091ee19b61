#include "core/parallel/layout.h"

#include <fmt/format.h>

#include "core/base/match.h"

namespace moeplan {
namespace {

constexpr std::int64_t kMostRanks = 65536;   // products of axes stay far from overflow

// Collects problems that all blame the same place.
class Blame {
public:
    Blame(std::string where, std::string path) : where_(std::move(where)), path_(std::move(path)) {}
    void add(std::string axis, std::string what, std::string hint = {}) {
        problems_.push_back({where_, path_ + "." + axis, std::move(what), std::move(hint), ProblemKind::wrong_input});
    }
    Problems take() { return std::move(problems_); }

private:
    std::string where_, path_;
    Problems problems_;
};

std::string divisors_hint(std::int64_t n) {
    std::string text;
    for (std::int64_t d = 1; d <= n && d <= 64; ++d) {
        if (n % d == 0) text += (text.empty() ? "" : ", ") + std::to_string(d);
    }
    return "it is divided by " + text;
}

void check_heads(Blame& blame, std::int64_t tp, std::int64_t heads, std::int64_t kv_heads) {
    if (heads % tp != 0) {
        blame.add("tp", fmt::format("{} attention heads cannot be split {} ways", heads, tp), divisors_hint(heads));
    } else if (kv_heads % tp != 0 && tp % kv_heads != 0) {
        blame.add("tp", fmt::format("{} key-value heads can be neither split nor replicated over {} ranks", kv_heads, tp));
    }
}

void check_mixer(Blame& blame, std::int64_t tp, const Mixer& mixer) {
    match(
        mixer, [](const NoMixer&) {},
        [&](const SoftmaxAttention& a) { check_heads(blame, tp, a.heads, a.kv_heads); },
        [&](const LatentAttention& a) { check_heads(blame, tp, a.heads, a.heads); },
        [&](const LinearState& s) {
            if (s.out_width % tp != 0) {
                blame.add("tp", fmt::format("a linear mixer {} wide cannot be split {} ways", s.out_width, tp));
            }
        });
}

void check_ffn(Blame& blame, const Layout& layout, const FeedForward& ffn) {
    match(
        ffn, [](const NoFfn&) {},
        [&](const DenseFfn& f) {
            if (f.width % layout.tp != 0) {
                blame.add("tp", fmt::format("a feed-forward network {} wide cannot be split {} ways", f.width, layout.tp));
            }
        },
        [&](const MoeFfn& f) {
            if (layout.ep > f.experts) {
                blame.add("ep", fmt::format("{} ranks for {} experts: some would hold none", layout.ep, f.experts),
                          fmt::format("at most {}", f.experts));
            }
            if (f.width % layout.moe_tp != 0) {
                blame.add("moe_tp", fmt::format("an expert {} wide cannot be split {} ways", f.width, layout.moe_tp));
            }
            // Shared and parallel experts are split as attention is.
            for (const std::int64_t width : {f.shared_width, f.parallel_width}) {
                if (width % layout.tp != 0) {
                    blame.add("tp", fmt::format("a shared expert {} wide cannot be split {} ways", width, layout.tp));
                }
            }
        });
}

}  // namespace

std::string describe(const Layout& layout) {
    std::string text;
    const auto add = [&](const char* name, std::int64_t size) {
        if (size > 1) text += (text.empty() ? "" : " · ") + std::string(name) + " " + std::to_string(size);
    };
    add("tp", layout.tp);
    add("dp", layout.dp);
    add("pp", layout.pp);
    if (layout.ep > 1) {
        add("ep", layout.ep);
        add("moe tp", layout.moe_tp);
    }
    return text.empty() ? "1 GPU" : text;
}

Problems layout_problems(const Layout& layout, const ModelSpec& model, const std::string& where,
                         const std::string& path) {
    Blame blame(where, path);
    for (const auto& [name, size] : {std::pair{"tp", layout.tp}, {"pp", layout.pp}, {"dp", layout.dp},
                                     {"ep", layout.ep}, {"moe_tp", layout.moe_tp}}) {
        if (size < 1) blame.add(name, fmt::format("{} is not a number of ranks; expected at least 1", size));
        if (size > kMostRanks) blame.add(name, fmt::format("{} ranks are more than the {} any layout may have", size, kMostRanks));
    }
    if (auto problems = blame.take(); !problems.empty()) return problems;

    if (model.is_moe() && layout.tp * layout.dp != layout.moe_tp * layout.ep) {
        blame.add("ep", fmt::format("experts are spread over ep*moe_tp = {} GPUs but attention over tp*dp = {}",
                                    layout.ep * layout.moe_tp, layout.tp * layout.dp),
                  "the two products must be equal");
    }
    if (!model.is_moe() && layout.ep > 1) {
        blame.add("ep", fmt::format("'{}' is dense: there are no experts to spread", model.id), "leave ep out");
    }
    if (layout.pp > model.layer_count()) {
        blame.add("pp", fmt::format("{} stages for {} layers", layout.pp, model.layer_count()));
    }
    // Every group is checked, but one message per axis and reason is enough.
    for (const auto* stack : {&model.layers, &model.encoder}) {
        for (const auto& group : *stack) {
            check_mixer(blame, layout.tp, group.mixer);
            if (group.cross) check_mixer(blame, layout.tp, *group.cross);
            check_ffn(blame, layout, group.ffn);
        }
    }
    Problems unique;
    for (auto& p : blame.take()) {
        bool seen = false;
        for (const auto& u : unique) seen = seen || u.what == p.what;
        if (!seen) unique.push_back(std::move(p));
    }
    return unique;
}

std::vector<Layout> valid_layouts(const ModelSpec& model, std::int64_t gpus, std::int64_t gpus_per_node) {
    std::vector<Layout> all;
    for (std::int64_t tp = 1; tp <= gpus; tp *= 2) {
        if (gpus % tp != 0 || tp > gpus_per_node) continue;
        for (std::int64_t pp = 1; pp * tp <= gpus; pp *= 2) {
            if (gpus % (tp * pp) != 0) continue;
            const std::int64_t dp = gpus / (tp * pp);
            if (!model.is_moe()) {
                // A dense replica with dp is just more replicas.
                if (dp == 1) all.push_back({tp, pp, 1, 1, tp});
                continue;
            }
            for (std::int64_t ep = 1; ep <= tp * dp; ep *= 2) {
                if ((tp * dp) % ep == 0) all.push_back({tp, pp, dp, ep, tp * dp / ep});
            }
        }
    }
    std::erase_if(all, [&](const Layout& l) { return !layout_problems(l, model, {}, {}).empty(); });
    return all;
}

}  // namespace moeplan
