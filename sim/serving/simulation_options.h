#pragma once
// What a user may ask of the simulations of a run, beside what the study says.

#include <functional>
#include <string>

#include "core/report/simulation_report.h"

namespace moeplan {

struct SimulationOptions {
    bool check = false;       // every invariant, all the time
    bool skip = true;         // false: decode steps one by one (slow, and the same result)
    double most_bad = 0.01;   // share of a trace's rows that may be malformed; beyond it the trace is refused
    bool intervals = true;    // also with optimistic and pessimistic step times
    // Told now and then (by the amount simulated, not by the clock: many times a second) what is known so far of a candidate's
    // central run: counts, rates, TTFT, TPOT and E2E of requests finished so far, series, sample. From another thread, never
    // two at once. Returning soon is the receiver's part; what it does changes nothing of the answer.
    std::function<void(const std::string& candidate, const SimulationReport& so_far)> so_far;
    // Files of the central run, written whole or not at all. With several candidates each has its own: its name is put
    // before the file's extension. Empty = none.
    std::string requests_file;   // a line per request; .jsonl = JSON lines, else CSV
    std::string timeline_file;   // Chrome trace, for Perfetto
};

}  // namespace moeplan
