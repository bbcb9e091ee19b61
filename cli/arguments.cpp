#include "cli/arguments.h"

#include <cmath>

#include <fmt/format.h>

#include "core/base/require.h"
#include "core/base/units_text.h"

namespace moeplan::cli {

Problem wrong(std::string what, std::string hint) { return {{}, {}, std::move(what), std::move(hint)}; }

Problem wrong_at(std::string where, std::string what, std::string hint) {
    return {std::move(where), {}, std::move(what), std::move(hint)};
}

const std::vector<std::string>& Arguments::all(std::string_view option) const {
    const auto found = values_.find(option);
    require(found != values_.end(), "an option is read that its command does not declare");
    return found->second;
}

std::optional<std::string> Arguments::text(std::string_view option) const {
    const auto& given = all(option);
    return given.empty() ? std::nullopt : std::optional(given.front());
}

std::string Arguments::text_or(std::string_view option, std::string_view otherwise) const {
    return text(option).value_or(std::string(otherwise));
}

std::optional<double> Arguments::number(std::string_view option, double at_least, double at_most,
                                        Problems& problems) const {
    const auto given = text(option);
    return given ? read_number(std::string(option), *given, at_least, at_most, problems) : std::nullopt;
}

std::optional<std::int64_t> Arguments::whole(std::string_view option, std::int64_t at_least,
                                             std::int64_t at_most, Problems& problems) const {
    const auto given = text(option);
    return given ? read_whole(std::string(option), *given, at_least, at_most, problems) : std::nullopt;
}

std::optional<double> read_number(const std::string& where, const std::string& text, double at_least,
                                  double at_most, Problems& problems) {
    const auto value = parse_number(text);
    if (value && *value >= at_least && *value <= at_most) return *value;
    problems.push_back({where,
                        {},
                        fmt::format("expected a number from {} to {}, found '{}'", print_number(at_least),
                                    print_number(at_most), text),
                        {}});
    return std::nullopt;
}

std::optional<std::int64_t> read_whole(const std::string& where, const std::string& text,
                                       std::int64_t at_least, std::int64_t at_most, Problems& problems) {
    const auto value = parse_number(text);
    if (value && *value == std::floor(*value) && *value >= static_cast<double>(at_least) &&
        *value <= static_cast<double>(at_most)) {
        return static_cast<std::int64_t>(*value);
    }
    problems.push_back(
        {where,
         {},
         fmt::format("expected a whole number from {} to {}, found '{}'", at_least, at_most, text),
         {}});
    return std::nullopt;
}

}  // namespace moeplan::cli
