#pragma once
// What a user may ask of the simulations of a run, beside what the study says.

#include <string>

namespace moeplan {

struct SimulationOptions {
    bool check = false;       // every invariant, all the time
    bool skip = true;         // false: decode steps one by one (slow, and the same result)
    double most_bad = 0.01;   // share of a trace's rows that may be malformed; beyond it the trace is refused
    bool intervals = true;    // also with optimistic and pessimistic step times
    // Files of the central run, written whole or not at all. With several candidates each has its own: its name is put
    // before the file's extension. Empty = none.
    std::string requests_file;   // a line per request; .jsonl = JSON lines, else CSV
    std::string timeline_file;   // Chrome trace, for Perfetto
};

}  // namespace moeplan
