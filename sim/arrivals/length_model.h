#pragma once
// How long requests are, drawn one after the other.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/scenario/scenario.h"

namespace moeplan {

struct RequestLengths {
    std::int64_t input = 1, output = 1;    // tokens, >= 1
    std::vector<std::uint64_t> prefix;     // one id per block_tokens() prompt tokens; empty = none
};

class LengthModel {
public:
    virtual ~LengthModel() = default;
    virtual void draw(RequestLengths& into) = 0;   // reuses the memory of `into`
    virtual std::int64_t block_tokens() const { return 0; }
    // What went wrong since it was opened (a file that turned out unreadable); lengths go on with the last good ones.
    virtual Problems problems() const { return {}; }
    // What was skipped in a file, counted.
    virtual std::vector<std::string> remarks() const { return {}; }
};

// `seed`: draws differ with it and with nothing else. Lengths are rounded to whole tokens, at least 1 and at most 1e9.
std::unique_ptr<LengthModel> make_lengths(const FixedLengths& lengths);
// Whole numbers from low to high, both included, each as likely.
std::unique_ptr<LengthModel> make_lengths(const UniformLengths& lengths, std::uint64_t seed);
// Mean and cv are those of the distribution before rounding.
std::unique_ptr<LengthModel> make_lengths(const LogNormalLengths& lengths, std::uint64_t seed);
// A trace's requests in order, from the start again after the last. Prefix ids come along, other ones in every round.
// `most_bad`: the share of malformed rows that is tolerated.
Result<std::unique_ptr<LengthModel>> make_trace_lengths(const std::string& file, double most_bad);

// Any of them; `study_file` is what a trace's path is relative to.
Result<std::unique_ptr<LengthModel>> make_lengths(const Lengths& lengths, const std::string& study_file,
                                                  std::uint64_t seed, double most_bad);

// A path in a study, from its folder.
std::string beside_study(const std::string& study_file, const std::string& file);

}  // namespace moeplan
