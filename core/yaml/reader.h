#pragma once
// The only user of yaml-cpp. A YamlNode knows its file, line and path; reading a value of the wrong type,
// out of range or without its unit records a problem and goes on, so that all problems are reported at once.

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/document.h"
#include "core/base/estimate.h"
#include "core/base/result.h"
#include "core/base/units.h"
#include "core/base/units_text.h"

namespace moeplan {

// Limits that keep hostile files from hurting: bytes, bytes of a line, nesting depth, nodes after anchors are
// expanded. At the largest file and the worst content found, reading takes two seconds and 150 MB.
struct YamlLimits {
    std::size_t bytes = 4u << 20;
    std::size_t line_bytes = 256u << 10;
    int depth = 64;
    std::size_t nodes = 200'000;
};

// Reading never throws. A reader of a scalar records a problem and returns nothing when the value is missing
// or is not what is asked for; ask exists(), or use find(), where a key may be left out.
class YamlNode {
public:
    bool exists() const;
    bool is_null() const;             // "key:" with nothing behind it
    bool is_map() const;
    bool is_list() const;
    bool is_scalar() const;
    std::size_t size() const;
    int line() const;                 // 1-based
    const std::string& path() const { return path_; }
    std::string where() const;        // "file:line"

    // A key of a map. Absent keys give a node with exists() == false. Marks the key as known.
    YamlNode operator[](std::string_view key) const;
    // The same as an optional: `if (const auto tp = layout.find("tp")) …` reads a key that may be left out.
    std::optional<YamlNode> find(std::string_view key) const;
    // An element of a list; exists() == false beyond its end.
    YamlNode at(std::size_t index) const;
    // All elements of a list; empty for anything else.
    std::vector<YamlNode> items() const;
    std::vector<std::string> keys() const;
    // All keys of a map with their values, in order, every key marked as known; empty for anything else.
    std::vector<std::pair<std::string, YamlNode>> entries() const;

    // False with a problem ("expected a map such as 'EXAMPLE', found …") when it is something else or missing.
    bool expect_map(std::string_view example) const;
    bool expect_list(std::string_view example) const;
    // What stands here, for messages: "the number 5", "the text 'fast'", "a list", "nothing".
    std::string found() const;

    // Scalars. Each records a problem and returns nothing when the value is not what is asked for.
    // Text that is not empty. A bare number, true or false is a problem ("put it in quotes").
    std::optional<std::string> text() const;
    // Any scalar as it is written, numbers too.
    std::optional<std::string> raw() const;
    std::optional<bool> boolean() const;
    std::optional<double> number(double at_least = -std::numeric_limits<double>::infinity(),
                                 double at_most = std::numeric_limits<double>::infinity()) const;   // finite
    std::optional<std::int64_t> integer(
        std::int64_t at_least, std::int64_t at_most = std::numeric_limits<std::int64_t>::max()) const;
    std::optional<double> fraction() const;            // 0..1, or "35 %"
    // Quantities need their unit: "80 GiB", "3.35 TB/s", "2.5 ms", "4/s", "2.50 USD", "700 W". A bare number
    // is a problem, and so is a negative one.
    std::optional<double> quantity(const UnitSet& units) const;   // in the set's base unit
    std::optional<Bytes> bytes() const;
    std::optional<BytesPerSecond> bytes_per_second() const;
    std::optional<FlopsPerSecond> flops_per_second() const;
    std::optional<Seconds> seconds() const;
    std::optional<PerSecond> per_second() const;
    std::optional<Dollars> dollars() const;
    std::optional<DollarsPerHour> dollars_per_hour() const;
    std::optional<Watts> watts() const;
    // value, or {value:, low:, high:} with low <= value <= high.
    std::optional<Estimate> estimate() const;
    // One of the names; "did you mean" otherwise. Returns the index.
    std::optional<std::size_t> choice(const std::vector<std::string>& names) const;

    // What other programs call a key, and how the same is said here.
    struct OtherName {
        std::string_view name, here;
        std::string_view of = {};   // where else it stands, "of a candidate"; empty = in this map
    };
    // Unknown keys of this map (never asked for with operator[]) become problems with the nearest known name, or with what is
    // said here for another program's (hyphens and underscores alike), if that may stand in this map. Call after everything was read.
    void reject_unknown_keys(std::span<const OtherName> others = {}) const;
    // Records a problem at this node.
    void problem(std::string what, std::string hint = {}) const;

    struct Impl;   // node + shared state; defined in core/yaml/state.h

private:
    friend class YamlFile;
    YamlNode at_key(std::string_view key, int line, bool overridden) const;
    YamlNode(std::shared_ptr<Impl> impl, std::string path) : impl_(std::move(impl)), path_(std::move(path)) {}
    std::shared_ptr<Impl> impl_;
    std::string path_;
};

// A parsed document and the problems found while reading it.
class YamlFile {
public:
    // Errors: unreadable, too large, too deep, not YAML (with line), empty, several documents, a lone scalar.
    // Duplicate keys do not stop the reading: they are in problems() from the start.
    static Result<YamlFile> load(const std::string& file, const YamlLimits& limits = {});
    static Result<YamlFile> parse(std::string_view text, const std::string& name,
                                  const YamlLimits& limits = {});

    YamlNode root() const;
    // Sets a value before reading: "candidates[0].count=4". In a list of maps an element is also found by its
    // `name`: "candidates.mixtral.count=4". Missing keys are added (reject_unknown_keys() catches wrong ones).
    // Errors: no such place, not YAML.
    Problems set(const std::string& assignment);
    const std::string& name() const;    // the file, as given
    const Problems& problems() const;   // in order of line; at most a few hundred

    struct State;   // defined in core/yaml/state.h

private:
    std::shared_ptr<State> state_;
};

// Document -> YAML text, keys in order, shortest round-trip numbers; short lists and maps on one line.
// Text that would read back as something else is quoted.
std::string to_yaml(const Document& document);

}  // namespace moeplan
