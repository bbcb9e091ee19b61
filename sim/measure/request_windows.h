#pragma once
// Consecutive requests from the middle of a run whose length nobody knows beforehand: windows of 200 are kept at equal
// distances, and every other one is given up when there are too many (at most 64, a megabyte).

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/report/simulation_report.h"
#include "sim/request/request.h"

namespace moeplan {

class RequestWindows {
public:
    static constexpr std::size_t kWindow = 200;
    static constexpr std::size_t kMost = 64;

    // Each request once, in any order.
    void add(const RequestRecord& record) {
        const std::uint64_t window = record.id / kWindow;
        if ((window & (stride_ - 1)) == 0) keep(record, window);
    }

    // Up to kWindow consecutive ones (of those added) about the middle of ids first … last - 1; of a long run the kept window
    // nearest to it, off by a 64th of the run at most.
    std::vector<SimulatedRequest> middle(std::uint64_t first, std::uint64_t last) const;

private:
    void keep(const RequestRecord& record, std::uint64_t window);
    void collect(std::uint64_t from, std::uint64_t to, std::vector<SimulatedRequest>& out) const;

    std::uint64_t stride_ = 1;                         // a power of two: the windows that are kept
    std::vector<std::vector<RequestRecord>> windows_;  // by window / stride, each in order of ending
};

}  // namespace moeplan
