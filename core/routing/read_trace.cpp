#include "core/routing/read_trace.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/routing/file_form.h"
#include "core/routing/read_lines.h"
#include "core/routing/trace_collector.h"

namespace moeplan {
namespace {

constexpr std::size_t kMostTopK = 1024;

class TraceCsv {
public:
    TraceCsv(const std::vector<std::string>& header, TraceCollector& collector) : collector_(collector) {
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
            return collector_.wrong(number,
                                    fmt::format("{} fields; expected at least {}", fields_.size(), need_));
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
        collector_.wrong(number,
                         fmt::format("{} {}; expected a whole number", what, lines::quoted(fields_[at])));
    }

    TraceCollector& collector_;
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

void add_route(const nlohmann::json& route, std::int64_t number, TraceCollector& collector) {
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

void add_json_line(std::string_view line, std::int64_t number, TraceCollector& collector) {
    // Nested past what the form has: refused before the parser allocates for it.
    if (std::count(line.begin(), line.end(), '[') + std::count(line.begin(), line.end(), '{') > 10000) {
        return collector.wrong(number, "nests too deep for a routing log");
    }
    const auto value = nlohmann::json::parse(line, nullptr, false);
    if (value.is_discarded())
        return collector.wrong(number, fmt::format("not valid JSON: {}", lines::quoted(line)));
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
    TraceCollector collector(name, query);
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
            return fail(
                {fmt::format("{}:{}", name, reader.number()),
                 "",
                 "no column says which token a row is; expected gen_token_idx, token_idx or abs_token",
                 "",
                 {}});
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

Result<RecordedTrace> read_trace_text(std::string_view text, const std::string& name,
                                      const TraceQuery& query) {
    lines::ViewStream in(text);
    return read(in, name, query);
}

std::vector<std::vector<double>> marginals(const TokenRoutes& routes) {
    const auto layers = static_cast<std::size_t>(routes.layers);
    std::vector<std::vector<double>> p(layers,
                                       std::vector<double>(static_cast<std::size_t>(routes.experts), 0.0));
    const auto k = static_cast<std::size_t>(routes.top_k);
    std::vector<std::vector<std::int64_t>> counts(
        layers, std::vector<std::int64_t>(static_cast<std::size_t>(routes.experts)));
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
