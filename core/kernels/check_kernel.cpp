#include <fmt/format.h>

#include "core/kernels/kernel.h"

namespace moeplan {
namespace {

class Checker {
public:
    void size(const char* field, std::int64_t value, std::int64_t least = 1, std::int64_t most = kMostElements) {
        if (value >= least && value <= most) return;
        wrong(field, fmt::format("{} is {}; expected {} to {}", field, value, least, most));
    }
    void wrong(std::string field, std::string what) {
        problems.push_back({"", std::move(field), std::move(what), "", ProblemKind::wrong_input});
    }
    Problems problems;
};

void check(const GemmKernel& k, Checker& c) {
    c.size("m", k.m);
    c.size("n", k.n);
    c.size("k", k.k);
}

void check_loads(const ExpertKernel& k, Checker& c) {
    if (k.loads.empty() || k.held() > kMostExperts) {
        return c.wrong("loads", fmt::format("loads of {} experts; expected 1 to {}", k.held(), kMostExperts));
    }
    std::int64_t pairs = 0;
    for (std::size_t e = 0; e < k.loads.size(); ++e) {
        if (k.loads[e] < 0 || k.loads[e] > k.tokens) {
            return c.wrong(
                fmt::format("loads[{}]", e),
                fmt::format("load of expert {} is {}; a token goes to an expert at most once, so 0 to {} is expected",
                            e, k.loads[e], k.tokens));
        }
        pairs += k.loads[e];
    }
    if (pairs == 0) c.wrong("loads", "all loads are 0; expected at least one token for one expert");
    if (pairs > k.tokens * k.top_k) {
        c.wrong("loads", fmt::format("loads add up to {}; {} tokens with {} experts each make at most {}", pairs,
                                     k.tokens, k.top_k, k.tokens * k.top_k));
    }
}

void check(const ExpertKernel& k, Checker& c) {
    c.size("tokens", k.tokens);
    c.size("hidden", k.hidden);
    c.size("width", k.width);
    c.size("top_k", k.top_k, 1, kMostExperts);
    if (c.problems.empty()) check_loads(k, c);
}

void check(const AttentionKernel& k, Checker& c) {
    c.size("sequences", k.sequences);
    c.size("new_tokens", k.new_tokens);
    c.size("context", k.context, 0);
    c.size("heads", k.heads);
    c.size("kv_heads", k.kv_heads);
    c.size("qk_dim", k.qk_dim);
    c.size("v_dim", k.v_dim);
    c.size("window", k.window, 0);
    if (k.decode && k.new_tokens > 1)
        c.wrong("new_tokens", fmt::format("new_tokens is {}; decode makes 1 a sequence", k.new_tokens));
    if (k.kv_heads > 0 && k.heads > 0 && k.heads % k.kv_heads != 0) {
        c.wrong("heads", fmt::format("{} heads are not a multiple of {} kv_heads", k.heads, k.kv_heads));
    }
}

void check_choice(std::int64_t experts, std::int64_t top_k, Checker& c) {
    c.size("experts", experts, 1, kMostExperts);
    c.size("top_k", top_k);
    if (experts >= 1 && top_k > experts)
        c.wrong("top_k", fmt::format("top_k is {} of only {} experts", top_k, experts));
}

void check(const RouterKernel& k, Checker& c) {
    c.size("tokens", k.tokens);
    check_choice(k.experts, k.top_k, c);
}

void check(const PermuteKernel& k, Checker& c) {
    c.size("tokens", k.tokens);
    c.size("hidden", k.hidden);
    check_choice(k.experts, k.top_k, c);
}

void check(const ActivationKernel& k, Checker& c) {
    c.size("rows", k.rows);
    c.size("width", k.width);
}

void check(const CopyKernel& k, Checker& c) { c.size("bytes", k.bytes, 1, kMostBytes); }
void check(const LaunchKernel& k, Checker& c) { c.size("kernels", k.kernels, 1, kMostLaunches); }

void check(const CollectiveKernel& k, Checker& c) {
    c.size("ranks", k.ranks, 2, 65536);
    c.size("bytes", k.bytes, 1, kMostBytes);
}

}  // namespace

Problems check_kernel(const Kernel& kernel) {
    Checker checker;
    std::visit([&](const auto& k) { check(k, checker); }, kernel);
    return std::move(checker.problems);
}

}  // namespace moeplan
