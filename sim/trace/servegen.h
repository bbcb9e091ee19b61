#pragma once
// Clients as ServeGen records them: per client a file pair in one folder, rates by window and lengths by window.
//   chunk-N-trace.csv      no header: window start (s), requests a second, CV, "Gamma", "Weibull" or empty, shape, scale
//   chunk-N-dataset.json   {window start: {"input_tokens": "{length: probability, ...}", "output_tokens": "{...}"}}
// A window of the first kind lasts until the next one starts, the last as long as the one before it (a single one: 600 s,
// as published). A window of the second kind holds until the next that has lengths; before the first, the first holds.
// Source: alibaba/ServeGen (arXiv 2505.09999), README and data folder.

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace moeplan {

enum class ServeGenGaps : std::uint8_t { exponential, gamma, weibull };

// Shapes that are read, up to 1e8.
constexpr double kLeastGammaShape = 1e-4, kLeastWeibullShape = 0.02;

struct ServeGenWindow {
    double start_s = 0, end_s = 0;
    double rate = 0;  // requests a second; 0 = silent
    ServeGenGaps gaps = ServeGenGaps::exponential;  // where the distribution is empty
    double shape = 1;  // of gamma and Weibull; the recorded scale gives way to 1 / rate as the mean gap
};

// A length's probability, summed up to and with it; the last is 1.
struct LengthChance {
    std::int32_t tokens = 1;
    float up_to = 1;
};

struct ServeGenLengths {
    double start_s = 0;
    std::vector<LengthChance> input, output;  // never empty
};

struct ServeGenClient {
    std::int64_t number = 0;  // N of its files
    std::vector<ServeGenWindow> windows;  // in order, without gaps between them
    std::vector<ServeGenLengths> lengths;  // in order; not empty where a window has a rate
};

// All of a folder, by number. Other files in it are left alone.
// Errors, with file and line or window: no folder, no such files in it, a file without its partner, a row or a text that
// is malformed, windows out of order, a client that sends but has no lengths.
// Bounds: 100,000 clients, 100,000 windows each, a JSON file of 256 MiB, 100 million lengths in all.
Result<std::vector<ServeGenClient>> read_servegen(const std::string& folder);

// The single files; `name` is for messages.
Result<std::vector<ServeGenWindow>> parse_servegen_windows(std::istream& stream, const std::string& name);
Result<std::vector<ServeGenLengths>> parse_servegen_lengths(std::istream& stream, const std::string& name);

}  // namespace moeplan
