#pragma once
// What was typed behind a command, checked against its options.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace moeplan::cli {

// A problem of the command line; `where` is the option, word or file to blame, if one is.
Problem wrong(std::string what, std::string hint = {});
Problem wrong_at(std::string where, std::string what, std::string hint = {});

class Arguments {
public:
    // `values` has an entry for every option the command knows, empty when it was not given.
    Arguments(std::vector<std::string> words,
              std::map<std::string, std::vector<std::string>, std::less<>> values)
        : words_(std::move(words)), values_(std::move(values)) {}

    const std::vector<std::string>& words() const { return words_; }

    // Asking for an option the command does not declare is a programmer's mistake.
    bool has(std::string_view option) const { return !all(option).empty(); }
    const std::vector<std::string>& all(std::string_view option) const;
    std::optional<std::string> text(std::string_view option) const;
    std::string text_or(std::string_view option, std::string_view otherwise) const;

    // Numbers within bounds. Nothing when the option was not given; nothing and a problem when it is wrong.
    std::optional<double> number(std::string_view option, double at_least, double at_most,
                                 Problems& problems) const;
    std::optional<std::int64_t> whole(std::string_view option, std::int64_t at_least, std::int64_t at_most,
                                      Problems& problems) const;

private:
    std::vector<std::string> words_;
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

// The same checks for a value from elsewhere; `where` is what to blame ("--count", "mixtral@count").
std::optional<double> read_number(const std::string& where, const std::string& text, double at_least,
                                  double at_most, Problems& problems);
std::optional<std::int64_t> read_whole(const std::string& where, const std::string& text,
                                       std::int64_t at_least, std::int64_t at_most, Problems& problems);

}  // namespace moeplan::cli
