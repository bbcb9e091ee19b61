#pragma once
// What the tests of the calibration window share: the worker that answers by formula, and short patience.

#include <string>

#include "gui/calibration/calibration_job.h"
#include "tests/support/scratch.h"

namespace moeplan::test {

inline std::string program(const std::string& name) { return std::string(MOEPLAN_BINARY_DIR) + "/bin/" + name; }

inline std::string fake_worker(const std::string& options = "") { return program("moeplan_fake_worker") + " " + options; }

// Two families, some 100 probes a second, so that there is something to see and a fit takes no time.
inline std::string steady_worker() { return fake_worker("--only gemm --only copy --slow 10"); }

inline CalibrationOrder order_for(const std::string& worker, const std::string& journal, double budget_s = 60) {
    CalibrationOrder order;
    order.worker = worker;
    order.journal = journal;
    order.budget_s = budget_s;
    order.times = {10, 1, 0.5};
    return order;
}

inline QString problems_of(const CalibrationJob& job) {
    std::string text;
    for (const Problem& problem : job.problems()) text += to_text(problem) + "\n";
    return QString::fromStdString(text);
}

}  // namespace moeplan::test
