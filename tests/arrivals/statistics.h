#pragma once
// Moments of what sources give, and requests to give.

#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "sim/arrivals/processes.h"

namespace moeplan {

inline std::vector<Arrival> all_of(RequestSource& source, std::size_t most = 10'000'000) {
    std::vector<Arrival> arrivals;
    while (arrivals.size() < most) {
        auto arrival = source.next();
        if (!arrival) break;
        arrivals.push_back(std::move(*arrival));
    }
    return arrivals;
}

inline RequestMaker plain_requests(std::uint64_t seed = 1) {
    return {make_lengths(FixedLengths{100, 10}), Traits({}, seed)};
}

struct Moments {
    double n = 0, mean = 0, cv = 0;
    double standard_error() const { return mean * cv / std::sqrt(n); }   // of the mean
};

inline Moments moments_of(const std::vector<double>& values) {
    Moments m;
    double square = 0;
    for (const double v : values) {
        m.n += 1;
        const double delta = v - m.mean;
        m.mean += delta / m.n;
        square += delta * (v - m.mean);
    }
    m.cv = std::sqrt(square / (m.n - 1)) / m.mean;
    return m;
}

inline std::vector<double> gaps_of(const std::vector<Arrival>& arrivals) {
    std::vector<double> gaps;
    for (std::size_t i = 1; i < arrivals.size(); ++i) gaps.push_back(to_seconds(arrivals[i].at - arrivals[i - 1].at));
    return gaps;
}

}  // namespace moeplan
