#include "core/routing/read_counts.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/routing/file_form.h"
#include "core/routing/read_lines.h"
#include "core/routing/read_popularity.h"

namespace moeplan {
namespace {

constexpr std::int64_t kMostExperts = 65536;
constexpr std::int64_t kMostLayers = 4096;
constexpr std::size_t kMostCells = 8'000'000;
constexpr std::size_t kMostGroups = 1000;
constexpr std::size_t kLargestJson = 16 << 20;

// One set of counts in a collection.
struct Group {
    std::string model, dataset, selection;
    auto operator<=>(const Group&) const = default;
    std::string text() const {
        std::string result = model;
        for (const auto* part : {&dataset, &selection}) {
            if (!part->empty()) result += (result.empty() ? "" : part == &dataset ? ", " : "/") + *part;
        }
        return result;
    }
};

using Layers = std::map<std::int64_t, std::vector<double>>;

struct Columns {
    std::size_t layer = 0, expert = 0, count = 0, fields = 0;
    std::optional<std::size_t> model, dataset, selection;
};

Columns columns_of(const std::vector<std::string>& header) {
    Columns c;
    c.layer = *lines::column(header, {"layer", "layer_id"});
    c.expert = *lines::column(header, {"expert", "expert_id"});
    c.count = *lines::column(header, {"count"});
    c.fields = std::max({c.layer, c.expert, c.count}) + 1;
    c.model = lines::column(header, {"model"});
    c.dataset = lines::column(header, {"dataset", "domain"});
    c.selection = lines::column(header, {"selection"});
    return c;
}

class CountsCsv {
public:
    CountsCsv(std::string name, const CountsQuery& query, Columns columns)
        : name_(std::move(name)), query_(query), columns_(columns), problems_(name_) {}

    void add(std::string_view line, std::int64_t number) {
        lines::split(line, fields_);
        if (fields_.size() < columns_.fields) {
            return problems_.add(
                number, fmt::format("{} fields; expected at least {}", fields_.size(), columns_.fields));
        }
        const auto layer = lines::to_integer(fields_[columns_.layer]);
        const auto expert = lines::to_integer(fields_[columns_.expert]);
        const auto count = lines::to_number(fields_[columns_.count]);
        if (!layer || *layer < 0) return wrong(number, "layer", columns_.layer, "a whole number from 0");
        if (!expert || *expert < 0) return wrong(number, "expert", columns_.expert, "a whole number from 0");
        if (!count || !std::isfinite(*count) || *count < 0) {
            return wrong(number, "count", columns_.count, "a number from 0");
        }
        if (!belongs()) return;
        const std::int64_t experts = query_.experts > 0 ? query_.experts : kMostExperts;
        if (*expert >= experts) {
            return problems_.add(number, fmt::format("expert {}; expected 0 to {}", *expert, experts - 1));
        }
        auto& row = (*group_)[*layer];
        if (static_cast<std::size_t>(*expert) >= row.size()) {
            const std::size_t grown = static_cast<std::size_t>(*expert) + 1;
            cells_ += grown - row.size();
            if (cells_ > kMostCells || group_->size() > static_cast<std::size_t>(kMostLayers)) {
                full_ = true;
                return;
            }
            row.resize(grown, 0.0);
        }
        row[static_cast<std::size_t>(*expert)] += *count;
    }

    bool full() const { return full_; }
    void too_long(std::int64_t number) { problems_.add(number, "line longer than 1 MiB"); }

    Result<ExpertCounts> finish() {
        if (full_) {
            return fail({name_,
                         "",
                         fmt::format("more than {} layers or {} counts in one set", kMostLayers, kMostCells),
                         "",
                         {}});
        }
        if (!problems_.empty()) return fail(problems_.take());
        prefer_selection();
        if (groups_.empty()) return fail(nothing_chosen());
        if (groups_.size() > 1) return fail(several());
        ExpertCounts counts;
        counts.label = groups_.begin()->first.text();
        for (auto& [layer, row] : groups_.begin()->second) {
            counts.layer_ids.push_back(layer);
            counts.layers.push_back(std::move(row));
        }
        return counts;
    }

private:
    void wrong(std::int64_t number, const char* what, std::size_t at, const char* expected) {
        problems_.add(number, fmt::format("{} {}; expected {}", what, lines::quoted(fields_[at]), expected));
    }

    std::string field(std::optional<std::size_t> at) const {
        return at && *at < fields_.size() ? std::string(fields_[*at].substr(0, 256)) : std::string();
    }

    static bool same(const std::string& a, const std::string& b) {
        return lines::lower(a) == lines::lower(b);
    }

    bool chosen(const Group& g) const {
        return (query_.model.empty() || same(query_.model, g.model)) &&
               (query_.dataset.empty() || same(query_.dataset, g.dataset) ||
                same(query_.dataset, g.dataset + "/" + g.selection));
    }

    // Points group_ at the row's set of counts, or returns false where it is not asked for.
    bool belongs() {
        Group now{field(columns_.model), field(columns_.dataset), field(columns_.selection)};
        if (!seen_any_ || now != last_) {
            seen_any_ = true;
            last_ = std::move(now);
            if (chosen(last_) && (groups_.size() < kMostGroups || groups_.contains(last_))) {
                group_ = &groups_[last_];
            } else {
                group_ = nullptr;
                if (passed_over_.size() < kMostGroups) passed_over_.insert(last_);
            }
        }
        return group_ != nullptr;
    }

    // OLMoE's tool counts first choices and all choices apart: of several selections the one that is named
    // after the model's top_k is meant.
    void prefer_selection() {
        if (groups_.size() < 2 || query_.top_k < 1) return;
        const std::string wanted = fmt::to_string(query_.top_k);
        const Group* match = nullptr;
        for (const auto& [g, layers] : groups_) {
            const Group& first = groups_.begin()->first;
            if (g.model != first.model || g.dataset != first.dataset) return;
            std::string digits;
            for (char c : g.selection) {
                if (c >= '0' && c <= '9') digits += c;
            }
            if (digits == wanted) {
                if (match) return;
                match = &g;
            }
        }
        if (!match) return;
        const Group keep = *match;
        std::erase_if(groups_, [&](const auto& entry) { return entry.first != keep; });
    }

    static std::vector<std::string> names(const std::set<Group>& groups) {
        std::vector<std::string> result;
        for (const Group& g : groups) result.push_back(g.text());
        return result;
    }

    Problem nothing_chosen() const {
        if (passed_over_.empty()) return {name_, "", "has a header but no counts", "", {}};
        const auto found = names(passed_over_);
        const std::string asked = Group{query_.model, query_.dataset, ""}.text();
        return {name_,
                "",
                fmt::format("has no counts for '{}'; it has {}", asked, one_of(found, 24)),
                did_you_mean(asked, found),
                {}};
    }

    Problem several() const {
        std::set<Group> groups;
        for (const auto& [g, layers] : groups_) groups.insert(g);
        return {name_,
                "",
                fmt::format("holds {} sets of counts, and which one is meant isn't said: {}", groups.size(),
                            one_of(names(groups), 24)),
                "name a model and a dataset beside the file",
                {}};
    }

    std::string name_;
    CountsQuery query_;
    Columns columns_;
    lines::LineProblems problems_;
    std::vector<std::string_view> fields_;
    std::map<Group, Layers> groups_;
    std::set<Group> passed_over_;
    Group last_;
    Layers* group_ = nullptr;
    std::size_t cells_ = 0;
    bool seen_any_ = false, full_ = false;
};

// What only shows when all layers are there.
Result<ExpertCounts> checked(Result<ExpertCounts> counts, const std::string& name, const CountsQuery& query,
                             bool sparse) {
    if (!counts) return counts;
    std::size_t experts = 0;
    for (const auto& row : counts->layers) experts = std::max(experts, row.size());
    if (counts->layers.empty()) return fail({name, "", "holds no layers", "", {}});
    if (query.experts > 0 && experts != static_cast<std::size_t>(query.experts)) {
        return fail({name,
                     "",
                     fmt::format("counts {} experts, the model has {}", experts, query.experts),
                     experts < static_cast<std::size_t>(query.experts) && sparse
                         ? "list experts without tokens with a count of 0"
                         : "",
                     {}});
    }
    if (experts * counts->layers.size() > kMostCells) {
        return fail({name,
                     "",
                     fmt::format("{} layers of {} experts; at most {} counts", counts->layers.size(), experts,
                                 kMostCells),
                     "",
                     {}});
    }
    Problems found;
    std::int64_t more = 0;
    const auto add = [&](std::size_t layer, std::string what) {
        if (found.size() < 20)
            found.push_back(
                {name, fmt::format("layer {}", counts->layer_ids[layer]), std::move(what), "", {}});
        else ++more;
    };
    for (std::size_t layer = 0; layer < counts->layers.size(); ++layer) {
        auto& row = counts->layers[layer];
        if (!sparse && row.size() != experts) {
            add(layer, fmt::format("{} experts; other layers have {}", row.size(), experts));
            continue;
        }
        row.resize(experts, 0.0);
        const auto used = std::count_if(row.begin(), row.end(), [](double c) { return c > 0; });
        double total = 0;
        for (double c : row) total += c;
        if (used == 0) add(layer, "no tokens at all");
        else if (!std::isfinite(total)) add(layer, "counts too large to add up");
        else if (used < query.top_k) {
            add(layer, fmt::format("only {} experts have tokens; top_k is {}", used, query.top_k));
        } else if (query.top_k > 1 &&
                   *std::max_element(row.begin(), row.end()) * static_cast<double>(query.top_k) >
                       total * (1 + 1e-9)) {
            counts->warnings.push_back(
                fmt::format("{}, layer {}: one expert has more than 1/{} of the counts, which top_k {} "
                            "cannot give; held at every token",
                            name, counts->layer_ids[layer], query.top_k, query.top_k));
        }
    }
    if (more > 0) found.push_back({name, "", fmt::format("{} more layers have problems", more), "", {}});
    if (!found.empty()) return fail(std::move(found));
    return counts;
}

std::string eplb_summary(lines::Reader& reader, std::string_view line) {
    double ratio = 0;
    std::int64_t steps = 0;
    EplbLogLine step;
    do {
        if (parse_eplb_line(line, step) && step.avg_tokens > 0 && std::isfinite(step.max_tokens)) {
            ratio += step.max_tokens / step.avg_tokens;
            ++steps;
        }
    } while (reader.next(line));
    return steps == 0 ? ""
                      : fmt::format(" ({} steps, mean max/avg tokens {:.2f})", steps,
                                    ratio / static_cast<double>(steps));
}

Result<std::string> slurp(lines::Reader& reader, std::string_view line, const std::string& name) {
    std::string text(static_cast<std::size_t>(reader.number() - 1), '\n');  // keeps line numbers
    do {
        if (text.size() + line.size() > kLargestJson || reader.too_long()) {
            return fail({name, "", "JSON counts larger than 16 MiB, or with a line beyond 1 MiB", "", {}});
        }
        text.append(line).push_back('\n');
    } while (reader.next(line));
    return text;
}

Result<ExpertCounts> read(std::istream& in, const std::string& name, const CountsQuery& query) {
    lines::Reader reader(in);
    std::string_view line;
    bool any = false;
    while (!any && reader.next(line)) any = !lines::trim(line).empty();
    const auto form = any ? routing_form(line) : RoutingFileForm::unknown;
    if (form == RoutingFileForm::popularity_json) {
        auto text = slurp(reader, line, name);
        if (!text) return fail(std::move(text.error()));
        return checked(read_popularity(*text, name), name, query, false);
    }
    if (form != RoutingFileForm::counts_csv) {
        Problem problem = wrong_form(form, any ? line : std::string_view(), name, "counts");
        if (form == RoutingFileForm::eplb_log) problem.what += eplb_summary(reader, line);
        return fail(std::move(problem));
    }
    CountsCsv csv(name, query, columns_of(header_of(line)));
    while (!csv.full() && reader.next(line)) {
        if (reader.too_long()) csv.too_long(reader.number());
        else if (!lines::trim(line).empty()) csv.add(line, reader.number());
    }
    return checked(csv.finish(), name, query, true);
}

}  // namespace

Result<ExpertCounts> read_counts_file(const std::string& path, const CountsQuery& query) {
    auto in = lines::open(path);
    if (!in) return fail(std::move(in.error()));
    return read(*in, path, query);
}

Result<ExpertCounts> read_counts_text(std::string_view text, const std::string& name,
                                      const CountsQuery& query) {
    lines::ViewStream in(text);
    return read(in, name, query);
}

}  // namespace moeplan
