#include "core/routing/read_trace.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/routing/file_form.h"
#include "core/routing/read_lines.h"

namespace moeplan {
namespace {

constexpr std::int64_t kMostExperts = 65536;
constexpr std::int64_t kMostLayers = 4096;
constexpr std::size_t kMostTokens = 1'000'000;
constexpr std::size_t kMostTopK = 1024;

// Rows as they come; sorted into tokens at the end.
class Collector {
public:
    Collector(std::string name, const TraceQuery& query) : name_(std::move(name)), query_(query), problems_(name_) {}

    void wrong(std::int64_t line, std::string what) { problems_.add(line, std::move(what)); }
    bool full() const { return full_; }
    bool top_k_differs() const { return top_k_differs_; }

    void add(std::int64_t line, std::string_view sequence, std::int64_t token, std::int64_t layer,
             const std::vector<std::int64_t>& experts) {
        if (layer < 0 || layer >= 1'000'000) return wrong(line, fmt::format("layer {}; expected 0 to 999999", layer));
        if (!fits(line, experts)) return;
        const auto id = token_id(sequence, token);
        const auto entries = static_cast<std::int64_t>(routes_.size() + experts.size());
        if (id < 0 || entries > query_.most_entries) {
            full_ = true;
            return;
        }
        rows_.push_back({id, static_cast<std::int32_t>(layer)});
        for (auto e : experts) routes_.push_back(static_cast<std::int32_t>(e));
    }

    Result<RecordedTrace> finish() {
        if (!problems_.empty()) return fail(problems_.take());
        if (rows_.empty()) return fail({name_, "", "holds no routed tokens", "", {}});
        RecordedTrace trace;
        for (const Row& row : rows_) trace.layer_ids.push_back(row.layer);
        std::sort(trace.layer_ids.begin(), trace.layer_ids.end());
        trace.layer_ids.erase(std::unique(trace.layer_ids.begin(), trace.layer_ids.end()), trace.layer_ids.end());
        const std::size_t layers = trace.layer_ids.size();
        if (layers > static_cast<std::size_t>(kMostLayers)) {
            return fail({name_, "", fmt::format("{} layers; at most {}", layers, kMostLayers), "", {}});
        }
        const auto place = row_of_layer(trace);
        const auto order = complete_tokens(layers);
        if (order.empty()) {
            return fail({name_, "", fmt::format("no token has routes in all {} layers", layers), "", {}});
        }
        fill(trace, order, place);
        warn(trace, order.size());
        return trace;
    }

private:
    struct Row { std::int32_t token; std::int32_t layer; };
    struct Token { std::int32_t sequence; std::int64_t index; };

    bool fits(std::int64_t line, const std::vector<std::int64_t>& experts) {
        if (top_k_ == 0) {
            top_k_ = experts.size();
            if (query_.top_k > 0 && static_cast<std::int64_t>(top_k_) != query_.top_k) {
                top_k_differs_ = true;
                problems_.add(line, fmt::format("{} experts per token, the model has top_k {}", top_k_, query_.top_k));
                return false;
            }
        }
        if (experts.size() != top_k_) {
            problems_.add(line, fmt::format("{} experts; expected {} as in the lines before", experts.size(), top_k_));
            return false;
        }
        const std::int64_t limit = query_.experts > 0 ? query_.experts : kMostExperts;
        for (std::size_t i = 0; i < experts.size(); ++i) {
            if (experts[i] < 0 || experts[i] >= limit) {
                problems_.add(line, fmt::format("expert {}; expected 0 to {}", experts[i], limit - 1));
                return false;
            }
            if (std::find(experts.begin(), experts.begin() + static_cast<std::ptrdiff_t>(i), experts[i]) !=
                experts.begin() + static_cast<std::ptrdiff_t>(i)) {
                problems_.add(line, fmt::format("expert {} twice for one token", experts[i]));
                return false;
            }
            highest_ = std::max(highest_, experts[i]);
        }
        return true;
    }

    // The token's number, new ones in order of appearance; -1 when there are too many.
    std::int32_t token_id(std::string_view sequence, std::int64_t index) {
        if (sequence_text_ != sequence || sequences_.empty()) {
            sequence_text_ = sequence.substr(0, 1024);
            sequence_ = sequences_.try_emplace(sequence_text_, static_cast<std::int32_t>(sequences_.size())).first->second;
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

    std::unordered_map<std::int32_t, std::size_t> row_of_layer(const RecordedTrace& trace) const {
        std::unordered_map<std::int32_t, std::size_t> place;
        for (std::size_t i = 0; i < trace.layer_ids.size(); ++i) place[static_cast<std::int32_t>(trace.layer_ids[i])] = i;
        return place;
    }

    // Tokens with a row in every layer, by sequence and then position.
    std::vector<std::size_t> complete_tokens(std::size_t layers) {
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
            return std::pair(tokens_[a].sequence, tokens_[a].index) < std::pair(tokens_[b].sequence, tokens_[b].index);
        });
        return order;
    }

    void fill(RecordedTrace& trace, const std::vector<std::size_t>& order,
              const std::unordered_map<std::int32_t, std::size_t>& place) const {
        TokenRoutes& routes = trace.routes;
        routes.experts = query_.experts > 0 ? query_.experts : highest_ + 1;
        routes.top_k = static_cast<std::int64_t>(top_k_);
        routes.layers = static_cast<std::int64_t>(trace.layer_ids.size());
        routes.route.resize(order.size() * trace.layer_ids.size() * top_k_);
        std::vector<std::int64_t> position(tokens_.size(), -1);
        for (std::size_t i = 0; i < order.size(); ++i) {
            position[order[i]] = static_cast<std::int64_t>(i);
            routes.sequence.push_back(tokens_[order[i]].sequence);
        }
        for (std::size_t r = 0; r < rows_.size(); ++r) {
            const std::int64_t token = position[static_cast<std::size_t>(rows_[r].token)];
            if (token < 0) continue;
            const std::size_t to = (static_cast<std::size_t>(token) * trace.layer_ids.size() + place.at(rows_[r].layer)) * top_k_;
            std::copy_n(routes_.begin() + static_cast<std::ptrdiff_t>(r * top_k_), top_k_,
                        routes.route.begin() + static_cast<std::ptrdiff_t>(to));
        }
    }

    void warn(RecordedTrace& trace, std::size_t kept) const {
        if (full_) {
            trace.warnings.push_back(fmt::format("{}: more tokens than are kept in memory; the first {} are used", name_, kept));
        }
        if (kept < tokens_.size()) {
            trace.warnings.push_back(fmt::format("{}: {} tokens without all {} layers left out", name_, tokens_.size() - kept,
                                                 trace.layer_ids.size()));
        }
        if (repeated_ > 0) {
            trace.warnings.push_back(fmt::format("{}: {} rows repeat a token and layer; the last of each counts", name_, repeated_));
        }
        if (query_.experts > 0 && 2 * (highest_ + 1) <= query_.experts) {
            trace.warnings.push_back(fmt::format("{}: only experts 0 to {} of {} ever occur; is it another model's?", name_,
                                                 highest_, query_.experts));
        }
    }

    std::string name_;
    TraceQuery query_;
    lines::LineProblems problems_;
    std::vector<Row> rows_;
    std::vector<std::int32_t> routes_;
    std::vector<Token> tokens_;
    std::unordered_map<std::string, std::int32_t> sequences_;
    std::unordered_map<std::int32_t, std::unordered_map<std::int64_t, std::int32_t>> ids_;
    std::string sequence_text_;
    std::int32_t sequence_ = 0, last_id_ = 0;
    Token last_{0, 0};
    std::size_t top_k_ = 0;
    std::int64_t highest_ = 0, repeated_ = 0;
    bool full_ = false, top_k_differs_ = false;
};

class TraceCsv {
public:
    TraceCsv(const std::vector<std::string>& header, Collector& collector) : collector_(collector) {
        layer_ = *lines::column(header, {"layer", "layer_id"});
        token_ = lines::column(header, {"gen_token_idx", "token_idx", "abs_token", "token"});
        for (const char* name : {"sample", "dataset", "category", "variant", "sequence", "req_id"}) {
            if (auto at = lines::column(header, {name})) sequence_.push_back(*at);
        }
        while (experts_at_.size() < kMostTopK) {
            const std::string name = fmt::format("e{}", experts_at_.size());
            const auto at = lines::column(header, {name.c_str()});
            if (!at) break;
            experts_at_.push_back(*at);
        }
        need_ = layer_;
        for (auto at : experts_at_) need_ = std::max(need_, at);
        if (token_) need_ = std::max(need_, *token_);
        for (auto at : sequence_) need_ = std::max(need_, at);
        ++need_;
    }
    bool has_token() const { return token_.has_value(); }

    void add(std::string_view line, std::int64_t number) {
        lines::split(line, fields_);
        if (fields_.size() < need_) {
            return collector_.wrong(number, fmt::format("{} fields; expected at least {}", fields_.size(), need_));
        }
        const auto layer = lines::to_integer(fields_[layer_]);
        const auto token = lines::to_integer(fields_[*token_]);
        if (!layer) return not_whole(number, "layer", layer_);
        if (!token) return not_whole(number, "token index", *token_);
        experts_.clear();
        for (std::size_t at : experts_at_) {
            const auto expert = lines::to_integer(fields_[at]);
            if (!expert) return not_whole(number, "expert", at);
            experts_.push_back(*expert);
        }
        sequence_text_.clear();
        for (std::size_t at : sequence_) sequence_text_.append(fields_[at].substr(0, 256)).push_back('\x1f');
        collector_.add(number, sequence_text_, *token, *layer, experts_);
    }

private:
    void not_whole(std::int64_t number, const char* what, std::size_t at) {
        collector_.wrong(number, fmt::format("{} {}; expected a whole number", what, lines::quoted(fields_[at])));
    }

    Collector& collector_;
    std::size_t layer_ = 0, need_ = 0;
    std::optional<std::size_t> token_;
    std::vector<std::size_t> sequence_, experts_at_;
    std::vector<std::string_view> fields_;
    std::vector<std::int64_t> experts_;
    std::string sequence_text_;
};

std::optional<std::int64_t> whole(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_integer()) return std::nullopt;
    if (found->is_number_unsigned() && found->get<std::uint64_t>() > (1ULL << 62)) return std::nullopt;
    return found->get<std::int64_t>();
}

void add_route(const nlohmann::json& route, std::int64_t number, Collector& collector) {
    const auto token = whole(route, "token_idx");
    const auto layer = whole(route, "layer");
    const auto ids = route.find("topk_ids");
    const auto request = route.find("req_id");
    if (!token || !layer) return collector.wrong(number, "expected whole numbers 'token_idx' and 'layer'");
    if (request == route.end() || !(request->is_string() || request->is_number_integer())) {
        return collector.wrong(number, "expected 'req_id', a text or whole number");
    }
    if (ids == route.end() || !ids->is_array() || ids->empty() || ids->size() > kMostTopK) {
        return collector.wrong(number, "expected 'topk_ids', a list of experts");
    }
    std::vector<std::int64_t> experts;
    for (const auto& id : *ids) {
        if (!id.is_number_integer() || (id.is_number_unsigned() && id.get<std::uint64_t>() > (1ULL << 62))) {
            return collector.wrong(number, "expected whole numbers in 'topk_ids'");
        }
        experts.push_back(id.get<std::int64_t>());
    }
    const std::string sequence = request->is_string() ? request->get<std::string>() : request->dump();
    collector.add(number, sequence, *token, *layer, experts);
}

void add_json_line(std::string_view line, std::int64_t number, Collector& collector) {
    // Nested past what the form has: refused before the parser allocates for it.
    if (std::count(line.begin(), line.end(), '[') + std::count(line.begin(), line.end(), '{') > 10000) {
        return collector.wrong(number, "nests too deep for a routing log");
    }
    const auto value = nlohmann::json::parse(line, nullptr, false);
    if (value.is_discarded()) return collector.wrong(number, fmt::format("not valid JSON: {}", lines::quoted(line)));
    if (!value.is_object()) return collector.wrong(number, "expected a JSON object");
    const auto type = value.find("type");
    if (type == value.end() || !type->is_string()) return collector.wrong(number, "expected a text 'type'");
    if (*type == "route") add_route(value, number, collector);
}

Result<RecordedTrace> read(std::istream& in, const std::string& name, const TraceQuery& query) {
    lines::Reader reader(in);
    std::string_view line;
    bool any = false;
    while (!any && reader.next(line)) any = !lines::trim(line).empty();
    const auto form = any ? routing_form(line) : RoutingFileForm::unknown;
    Collector collector(name, query);
    const auto more = [&] { return !collector.full() && !collector.top_k_differs() && reader.next(line); };
    const auto usable = [&] {
        if (reader.too_long()) collector.wrong(reader.number(), "line longer than 1 MiB");
        return !reader.too_long() && !lines::trim(line).empty();
    };
    if (form == RoutingFileForm::trace_jsonl) {
        do {
            if (usable()) add_json_line(line, reader.number(), collector);
        } while (more());
    } else if (form == RoutingFileForm::trace_csv) {
        TraceCsv csv(header_of(line), collector);
        if (!csv.has_token()) {
            return fail({fmt::format("{}:{}", name, reader.number()), "",
                         "no column says which token a row is; expected gen_token_idx, token_idx or abs_token", "", {}});
        }
        while (more()) {
            if (usable()) csv.add(line, reader.number());
        }
    } else {
        return fail(wrong_form(form, any ? line : std::string_view(), name, "trace"));
    }
    return collector.finish();
}

}  // namespace

Result<RecordedTrace> read_trace_file(const std::string& path, const TraceQuery& query) {
    auto in = lines::open(path);
    if (!in) return fail(std::move(in.error()));
    return read(*in, path, query);
}

Result<RecordedTrace> read_trace_text(std::string_view text, const std::string& name, const TraceQuery& query) {
    lines::ViewStream in(text);
    return read(in, name, query);
}

std::vector<std::vector<double>> marginals(const TokenRoutes& routes) {
    const auto layers = static_cast<std::size_t>(routes.layers);
    std::vector<std::vector<double>> p(layers, std::vector<double>(static_cast<std::size_t>(routes.experts), 0.0));
    const auto k = static_cast<std::size_t>(routes.top_k);
    std::vector<std::vector<std::int64_t>> counts(layers, std::vector<std::int64_t>(static_cast<std::size_t>(routes.experts)));
    for (std::size_t i = 0; i < routes.route.size(); ++i) {
        ++counts[i / k % layers][static_cast<std::size_t>(routes.route[i])];
    }
    for (std::size_t layer = 0; layer < layers; ++layer) {
        for (std::size_t e = 0; e < p[layer].size(); ++e) {
            p[layer][e] = static_cast<double>(counts[layer][e]) / static_cast<double>(routes.tokens());
        }
    }
    return p;
}

}  // namespace moeplan
