// Layers in words.
#include <fmt/format.h>

#include "cli/commands/model_sheet.h"
#include "core/base/match.h"
#include "core/report/format.h"

namespace moeplan::cli {
namespace {

std::string whole(std::int64_t value) { return format_count(static_cast<double>(value)); }

std::string attention_text(const SoftmaxAttention& a) {
    std::string text;
    if (a.kv_heads == a.heads) text = fmt::format("MHA {} heads", a.heads);
    else if (a.kv_heads == 1) text = fmt::format("MQA {} heads", a.heads);
    else text = fmt::format("GQA {}/{} heads", a.heads, a.kv_heads);
    text += a.qk_dim == a.v_dim ? fmt::format(" of {}", a.qk_dim)
                                : fmt::format(" of {} (values {})", a.qk_dim, a.v_dim);
    if (a.window) text += fmt::format(", window {}", whole(*a.window));
    return text;
}

std::string state_text(StateKind kind) {
    switch (kind) {
        case StateKind::gated_delta_net:
            return "gated delta net";
        case StateKind::mamba1:
            return "Mamba";
        case StateKind::mamba2:
            return "Mamba-2";
        case StateKind::lightning:
            return "lightning attention";
    }
    return {};
}

std::string mixer_text(const Mixer& mixer) {
    return match(
        mixer, [](const NoMixer&) { return std::string(); },
        [](const SoftmaxAttention& a) { return attention_text(a); },
        [](const LatentAttention& a) {
            std::string text = fmt::format("MLA {} heads, latent {} + {}", a.heads, a.kv_rank, a.rope_dim);
            if (a.indexer) text += fmt::format(", sparse top {}", whole(a.indexer->top_k));
            return text;
        },
        [](const LinearState& s) {
            return fmt::format("{}, state of {} elements", state_text(s.kind),
                               format_count(s.state_elements));
        });
}

std::string ffn_text(const FeedForward& ffn) {
    return match(
        ffn, [](const NoFfn&) { return std::string(); },
        [](const DenseFfn& f) {
            return fmt::format("{} of {}", f.gated ? "gated FFN" : "FFN", whole(f.width));
        },
        [](const MoeFfn& f) {
            std::string text = fmt::format("MoE {} experts top-{} of {}", f.experts, f.top_k, whole(f.width));
            if (f.shared_width > 0) text += fmt::format(" + shared {}", whole(f.shared_width));
            if (f.parallel_width > 0) text += fmt::format(" + dense {}", whole(f.parallel_width));
            if (f.latent > 0) text += fmt::format(" in a latent of {}", whole(f.latent));
            if (f.groups > 1) text += fmt::format(", {} of {} groups", f.top_groups, f.groups);
            return text;
        });
}

std::string line_of(const LayerGroup& group, const std::string& prefix) {
    std::vector<std::string> parts;
    if (auto mixer = mixer_text(group.mixer); !mixer.empty()) parts.push_back(std::move(mixer));
    if (group.cross) parts.push_back("cross " + attention_text(*group.cross));
    if (auto ffn = ffn_text(group.ffn); !ffn.empty()) parts.push_back(std::move(ffn));
    return fmt::format("{}{} × {}", prefix, group.count, fmt::join(parts, " · "));
}

}  // namespace

std::vector<std::string> layer_lines(const ModelSpec& model) {
    std::vector<std::string> lines;
    for (const auto& group : model.encoder) lines.push_back(line_of(group, "encoder "));
    for (const auto& group : model.layers)
        lines.push_back(line_of(group, model.encoder.empty() ? "" : "decoder "));
    return lines;
}

}  // namespace moeplan::cli
