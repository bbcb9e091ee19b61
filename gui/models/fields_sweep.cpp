// Section "workload": the batches that pictures against batch are drawn over. Other axes of a sweep are left as they are.
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "gui/models/field_tables.h"

namespace moeplan::fields {
namespace {

constexpr std::size_t kMostPoints = 1000;   // of what the window makes; a study file takes more

const SweepAxis* batch_of(const Scenario& s) {
    const auto axis = std::ranges::find(s.sweep, "batch", &SweepAxis::name);
    return axis == s.sweep.end() || axis->values.empty() ? nullptr : &*axis;
}

void set_values(Scenario& s, std::vector<std::string> values) {
    const auto axis = std::ranges::find(s.sweep, "batch", &SweepAxis::name);
    if (axis != s.sweep.end()) axis->values = std::move(values);
    else s.sweep.push_back({"batch", std::move(values), {}});
}

double value_of(const std::string& text) { return parse_number(text).value_or(1); }

struct Range {
    double from = 1, to = 256, points = 9;
};

std::optional<Range> range_of(const Scenario& s) {
    const SweepAxis* axis = batch_of(s);
    if (!axis) return std::nullopt;
    return Range{value_of(axis->values.front()), value_of(axis->values.back()), static_cast<double>(axis->values.size())};
}

// `points` different whole numbers from `from` to `to`, as nearly evenly by factors as whole numbers allow. What was asked
// for last wins: there is room for the points, or fewer of them.
void set_range(Scenario& s, Range range) {
    const auto points = static_cast<std::size_t>(range.points);
    std::vector<std::string> values;
    double last = 0;
    for (std::size_t i = 0; i < points; ++i) {
        const double left = static_cast<double>(points - 1 - i);
        const double share = points > 1 ? static_cast<double>(i) / static_cast<double>(points - 1) : 0;
        double value = std::round(range.from * std::pow(range.to / range.from, share));
        if (i == 0) value = range.from;
        else if (left == 0) value = range.to;
        else value = std::clamp(std::max(value, std::floor(last) + 1), range.from, range.to - left);
        values.push_back(print_number(value));
        last = value;
    }
    set_values(s, std::move(values));
}

void set_from(Scenario& s, std::size_t, double value) {
    auto range = range_of(s);
    if (!range) return;
    range->from = value;
    // The last batch a study file takes ends the room.
    if (value >= kMostSequences) return set_values(s, {print_number(value)});
    range->to = std::min(std::max(range->to, value + range->points), kMostSequences);
    range->points = std::max(1.0, std::min(range->points, std::floor(range->to - value)));
    set_range(s, *range);
}

void set_to(Scenario& s, std::size_t, double value) {
    auto range = range_of(s);
    if (!range) return;
    if (value <= range->from) return set_values(s, {print_number(value)});
    range->to = value;
    range->points = std::max(2.0, std::min(range->points, std::floor(value - range->from) + 1));
    set_range(s, *range);
}

void set_points(Scenario& s, std::size_t, double value) {
    auto range = range_of(s);
    if (!range) return;
    range->points = value;
    range->to = std::max(range->to, range->from + value);
    if (range->to > kMostSequences) {
        range->to = kMostSequences;
        range->from = std::min(range->from, std::max(1.0, kMostSequences - value - 1));
    }
    set_range(s, *range);
}

void add_numbers(FieldTable& table) {
    const auto read = [](double Range::* member) {
        return [member](const Scenario& s, std::size_t) -> std::optional<double> {
            const auto range = range_of(s);
            return range ? std::optional((*range).*member) : std::nullopt;
        };
    };
    table.numbers.push_back({.id = "workload.sweep_from",
                             .label = "smallest batch",
                             .help = "Where pictures against batch begin.",
                             .least = 1,
                             .most = 256,
                             .logarithmic = true,
                             .whole = true,
                             .lowest = 1,
                             .highest = kMostSequences,
                             .get = read(&Range::from),
                             .set = set_from});
    table.numbers.push_back({.id = "workload.sweep_to",
                             .label = "largest batch",
                             .help = "Where pictures against batch end.",
                             .least = 2,
                             .most = 4096,
                             .logarithmic = true,
                             .whole = true,
                             .lowest = 1,
                             .highest = kMostSequences,
                             .get = read(&Range::to),
                             .set = set_to});
    table.numbers.push_back({.id = "workload.sweep_points",
                             .label = "points",
                             .unit = "points",
                             .help = "How many batches are worked out, evenly by factors.",
                             .least = 2,
                             .most = 128,
                             .whole = true,
                             .lowest = 2,
                             .highest = static_cast<double>(kMostPoints),
                             .integer = true,
                             .get = read(&Range::points),
                             .set = set_points});
}

std::vector<double> typed_values(const std::string& text, std::string& wrong) {
    std::vector<double> values;
    std::string item;
    std::set<double> seen;
    for (const char c : text + ",") {
        const bool part = c == ',' || c == ' ' || c == ';' || c == '[' || c == ']';
        if (!part) {
            item += c;
            continue;
        }
        if (item.empty()) continue;
        const auto value = parse_number(item);
        if (!value || *value < 1 || *value > kMostSequences) wrong = "expected batches from 1 to 10,000,000 such as '1, 4, 16, 64'";
        else if (seen.insert(*value).second) values.push_back(*value);
        item.clear();
    }
    if (values.empty() && wrong.empty()) wrong = "expected batches such as '1, 4, 16, 64'";
    if (values.size() > kMostPoints) wrong = fmt::format("expected at most {} batches, found {}", kMostPoints, values.size());
    std::ranges::sort(values);
    return values;
}

void add_list(FieldTable& table) {
    table.texts.push_back({.id = "workload.sweep_values",
                           .label = "batches",
                           .help = "The batches themselves, parted by commas.",
                           .example = "1, 4, 16, 64",
                           .get = [](const Scenario& s, std::size_t) -> std::optional<std::string> {
                               const SweepAxis* axis = batch_of(s);
                               return axis ? std::optional(fmt::format("{}", fmt::join(axis->values, ", "))) : std::nullopt;
                           },
                           .set =
                               [](Scenario& s, std::size_t, const std::string& text) {
                                   std::string wrong;
                                   std::vector<std::string> values;
                                   for (const double value : typed_values(text, wrong)) values.push_back(print_number(value));
                                   if (wrong.empty()) set_values(s, std::move(values));
                               },
                           .wrong = [](const Scenario&, std::size_t, const std::string& text) -> std::optional<std::string> {
                               std::string wrong;
                               (void)typed_values(text, wrong);
                               return wrong.empty() ? std::nullopt : std::optional(wrong);
                           }});
}

}  // namespace

void add_sweep_fields(FieldTable& table) {
    table.choices.push_back(
        {.id = "workload.sweep",
         .label = "pictures against batch",
         .help = "Works the candidates out for several batches beside the study's own load, for pictures and crossovers.",
         .options = always({{"none", "not drawn"}, {"batch", "drawn over the batches below"}}),
         .get = [](const Scenario& s, std::size_t) { return std::optional<std::string>(batch_of(s) ? "batch" : "none"); },
         .set =
             [](Scenario& s, const Catalog&, std::size_t, const std::string& value) {
                 if (value == "none") std::erase_if(s.sweep, [](const SweepAxis& axis) { return axis.name == "batch"; });
                 else if (!batch_of(s)) set_values(s, {"1", "2", "4", "8", "16", "32", "64", "128", "256"});
             }});
    add_numbers(table);
    add_list(table);
}

}  // namespace moeplan::fields
