#include "core/routing/trace_collector.h"

#include <algorithm>

#include <fmt/format.h>

namespace moeplan {
namespace {

constexpr std::int64_t kMostExperts = 65536;
constexpr std::int64_t kMostLayers = 4096;
constexpr std::int64_t kMostCells = 8'000'000;
constexpr std::size_t kMostTokens = 1'000'000;

}  // namespace

TraceCollector::TraceCollector(std::string name, const TraceQuery& query)
    : name_(std::move(name)), query_(query), problems_(name_) {}

void TraceCollector::add(std::int64_t line, std::string_view sequence, std::int64_t token, std::int64_t layer,
                         const std::vector<std::int64_t>& experts) {
    if (layer < 0 || layer >= 1'000'000)
        return wrong(line, fmt::format("layer {}; expected 0 to 999999", layer));
    if (!fits(line, experts)) return;
    const auto id = token_id(sequence, token);
    if (id < 0 || static_cast<std::int64_t>(routes_.size() + experts.size()) > query_.most_entries) {
        full_ = true;
        return;
    }
    rows_.push_back({id, static_cast<std::int32_t>(layer)});
    for (auto e : experts) routes_.push_back(static_cast<std::int32_t>(e));
}

bool TraceCollector::starts_with_top_k(std::int64_t line, std::size_t found) {
    if (top_k_ != 0) return true;
    top_k_ = found;
    top_k_differs_ = query_.top_k > 0 && static_cast<std::int64_t>(found) != query_.top_k;
    if (top_k_differs_) {
        wrong(line, fmt::format("{} experts per token, the model has top_k {}", found, query_.top_k));
    }
    return !top_k_differs_;
}

bool TraceCollector::fits(std::int64_t line, const std::vector<std::int64_t>& experts) {
    if (!starts_with_top_k(line, experts.size())) return false;
    if (experts.size() != top_k_) {
        wrong(line, fmt::format("{} experts; expected {} as in the lines before", experts.size(), top_k_));
        return false;
    }
    const std::int64_t limit = query_.experts > 0 ? query_.experts : kMostExperts;
    for (auto e = experts.begin(); e != experts.end(); ++e) {
        if (*e < 0 || *e >= limit) {
            wrong(line, fmt::format("expert {}; expected 0 to {}", *e, limit - 1));
            return false;
        }
        if (std::find(experts.begin(), e, *e) != e) {
            wrong(line, fmt::format("expert {} twice for one token", *e));
            return false;
        }
        highest_ = std::max(highest_, *e);
    }
    return true;
}

// The token's number, new ones in order of appearance; -1 when there are too many.
std::int32_t TraceCollector::token_id(std::string_view sequence, std::int64_t index) {
    if (sequence_text_ != sequence || sequences_.empty()) {
        sequence_text_ = sequence.substr(0, 1024);
        const auto next = static_cast<std::int32_t>(sequences_.size());
        sequence_ = sequences_.try_emplace(sequence_text_, next).first->second;
    } else if (!tokens_.empty() && last_.index == index) {
        return last_id_;
    }
    auto& of_sequence = ids_.try_emplace(sequence_).first->second;
    const auto [at, is_new] = of_sequence.try_emplace(index, static_cast<std::int32_t>(tokens_.size()));
    if (is_new && tokens_.size() >= kMostTokens) return -1;
    if (is_new) tokens_.push_back({sequence_, index});
    last_ = {sequence_, index};
    return last_id_ = at->second;
}

std::vector<std::int64_t> TraceCollector::layers_seen() const {
    std::vector<std::int64_t> layers;
    for (const Row& row : rows_) layers.push_back(row.layer);
    std::sort(layers.begin(), layers.end());
    layers.erase(std::unique(layers.begin(), layers.end()), layers.end());
    return layers;
}

Result<RecordedTrace> TraceCollector::finish() {
    if (!problems_.empty()) return fail(problems_.take());
    if (rows_.empty()) return fail({name_, "", "holds no routed tokens", "", {}});
    RecordedTrace trace;
    trace.layer_ids = layers_seen();
    const std::size_t layers = trace.layer_ids.size();
    trace.routes.experts = query_.experts > 0 ? query_.experts : highest_ + 1;
    trace.routes.top_k = static_cast<std::int64_t>(top_k_);
    trace.routes.layers = static_cast<std::int64_t>(layers);
    if (trace.routes.layers > kMostLayers || trace.routes.experts * trace.routes.layers > kMostCells) {
        return fail({name_,
                     "",
                     fmt::format("{} layers of {} experts; at most {} layers and {} in all", layers,
                                 trace.routes.experts, kMostLayers, kMostCells),
                     "",
                     {}});
    }
    const auto order = complete_tokens(layers);
    if (order.empty())
        return fail({name_, "", fmt::format("no token has routes in all {} layers", layers), "", {}});
    fill(trace, order);
    warn(trace, order.size());
    return trace;
}

// Tokens with a row in every layer, by sequence and then position.
std::vector<std::size_t> TraceCollector::complete_tokens(std::size_t layers) {
    std::vector<std::vector<std::int32_t>> seen(tokens_.size());
    for (const Row& row : rows_) seen[static_cast<std::size_t>(row.token)].push_back(row.layer);
    std::vector<std::size_t> order;
    for (std::size_t t = 0; t < tokens_.size(); ++t) {
        std::sort(seen[t].begin(), seen[t].end());
        const auto last = std::unique(seen[t].begin(), seen[t].end());
        repeated_ += seen[t].end() - last;
        if (static_cast<std::size_t>(last - seen[t].begin()) == layers) order.push_back(t);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(tokens_[a].sequence, tokens_[a].index) <
               std::pair(tokens_[b].sequence, tokens_[b].index);
    });
    return order;
}

void TraceCollector::fill(RecordedTrace& trace, const std::vector<std::size_t>& order) const {
    TokenRoutes& routes = trace.routes;
    RowOfLayer place;
    for (std::size_t i = 0; i < trace.layer_ids.size(); ++i) {
        place[static_cast<std::int32_t>(trace.layer_ids[i])] = i;
    }
    routes.route.resize(order.size() * trace.layer_ids.size() * top_k_);
    std::vector<std::int64_t> position(tokens_.size(), -1);
    for (std::size_t i = 0; i < order.size(); ++i) {
        position[order[i]] = static_cast<std::int64_t>(i);
        routes.sequence.push_back(tokens_[order[i]].sequence);
    }
    for (std::size_t r = 0; r < rows_.size(); ++r) {
        const std::int64_t token = position[static_cast<std::size_t>(rows_[r].token)];
        if (token < 0) continue;
        const std::size_t row =
            static_cast<std::size_t>(token) * trace.layer_ids.size() + place.at(rows_[r].layer);
        std::copy_n(routes_.begin() + static_cast<std::ptrdiff_t>(r * top_k_), top_k_,
                    routes.route.begin() + static_cast<std::ptrdiff_t>(row * top_k_));
    }
}

void TraceCollector::warn(RecordedTrace& trace, std::size_t kept) const {
    const auto say = [&](std::string what) { trace.warnings.push_back(name_ + ": " + std::move(what)); };
    if (full_) say(fmt::format("more tokens than are kept in memory; the first {} are used", kept));
    if (kept < tokens_.size()) {
        say(fmt::format("{} tokens without all {} layers left out", tokens_.size() - kept,
                        trace.layer_ids.size()));
    }
    if (repeated_ > 0)
        say(fmt::format("{} rows repeat a token and layer; the last of each counts", repeated_));
    if (query_.experts > 0 && 2 * (highest_ + 1) <= query_.experts) {
        say(fmt::format("only experts 0 to {} of {} ever occur; is it another model's?", highest_,
                        query_.experts));
    }
}

}  // namespace moeplan
