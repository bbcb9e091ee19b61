#pragma once
// JSON of any size, value after value (lines, or one after the other), of which only what a reader knows is kept: a result
// of gigabytes of generated text needs the memory of its figures. Private to sim/trace.

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/trace/clean_json.h"

namespace moeplan::trace {

// What becomes of what stands under a key. Objects and lists are always looked into; an object without anything kept
// is left out of the object it is in.
enum class Keep : std::uint8_t {
    nothing,
    value,    // as it is; texts are cut after 200 characters
    gaps,     // as it is, but lists of numbers become a Span: see gaps_of()
    stamps,   // as gaps, of a clock's times: the first of them and the differences after it
    reply,    // a text of what a server sent: see reply.h
};

// Numbers that stood in a list under Keep::gaps or Keep::stamps.
struct Span {
    std::size_t from = 0, count = 0;
    bool odd = false;   // something in it was neither a number nor null
    std::optional<double> first{};   // of stamps
};

class JsonValues {
public:
    using Rule = Keep (*)(std::string_view key);
    static constexpr std::size_t kDeepest = 200, kMostGaps = std::size_t{1} << 29;

    JsonValues(std::streambuf& source, Rule rule) : clean_(source), stream_(&clean_), rule_(rule) {}

    // The next value. False: there is none, or `problem` tells why it cannot be read.
    bool next();
    const nlohmann::json& value() const { return root_; }
    std::size_t line() const { return line_; }   // where the value begins
    const std::string& problem() const { return problem_; }
    // Keys of the value that were left out, for hints; not all of many.
    const std::vector<std::string>& left_out() const { return left_out_; }

    // Whether `value` is a list of numbers under Keep::gaps or stamps, and those numbers.
    static bool is_gaps(const nlohmann::json& value) { return value.is_binary(); }
    Span gaps_of(const nlohmann::json& value) const { return spans_[value.get_binary().subtype()]; }
    const std::vector<float>& gaps() const { return gaps_; }

private:
    friend class Pruner;
    Keep keep(const std::string& key);

    CleanJson clean_;
    std::istream stream_;
    Rule rule_;
    std::unordered_map<std::string, Keep> known_;
    nlohmann::json root_;
    std::vector<Span> spans_;
    std::vector<float> gaps_;
    std::vector<std::string> left_out_;
    std::size_t line_ = 0;
    std::string problem_;
};

}  // namespace moeplan::trace
