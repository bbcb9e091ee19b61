// ServeGen's two files as one text, parted by a line of '#': what is accepted is in order, and clients made of it send in
// order of time.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "sim/arrivals/recorded_sources.h"

namespace {

void check(const std::vector<moeplan::LengthChance>& chances) {
    if (chances.empty() || chances.back().up_to != 1) std::abort();
    for (const auto& chance : chances) {
        if (chance.tokens < 1 || !(chance.up_to >= 0 && chance.up_to <= 1)) std::abort();
    }
}

void send(std::vector<moeplan::ServeGenClient> clients) {
    auto source = moeplan::make_servegen(std::move(clients), {}, {}, moeplan::Traits({}, 1), 1);
    if (!source) return;
    moeplan::Ticks last = 0;
    for (int i = 0; i < 200; ++i) {
        const auto arrival = (*source)->next();
        if (!arrival) break;
        if (arrival->at < last || arrival->input < 1 || arrival->output < 1) std::abort();
        last = arrival->at;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t part = std::min(text.find("#\n"), text.size());
    std::istringstream csv(text.substr(0, part)), json(text.substr(std::min(part + 2, text.size())));
    auto windows = moeplan::parse_servegen_windows(csv, "fuzz.csv");
    auto lengths = moeplan::parse_servegen_lengths(json, "fuzz.json");
    if (windows) {
        for (const auto& window : *windows) {
            if (!(window.end_s > window.start_s) || !(window.rate >= 0)) std::abort();
        }
    }
    if (lengths) {
        for (const auto& entry : *lengths) {
            check(entry.input);
            check(entry.output);
        }
    }
    if (windows && lengths && !lengths->empty()) send({{0, std::move(*windows), std::move(*lengths)}});
    return 0;
}
