#pragma once
// Internal to routing: what kind of routing file a text is, told by its first lines.

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace moeplan {

enum class RoutingFileForm { popularity_json, counts_csv, trace_csv, trace_jsonl, eplb_log, unknown };

// `line` is the first line that is not blank.
RoutingFileForm routing_form(std::string_view line);

// The header's fields in lower case.
std::vector<std::string> header_of(std::string_view line);

// What to say of a file of another form than the one that was asked for ("counts" or "trace"). `rest` of an
// EPLB log gives the imbalance it reports.
Problem wrong_form(RoutingFileForm form, std::string_view line, const std::string& file,
                   const std::string& asked);

// vLLM's "EPLB step: N for model M: avg_tokens=…, max_tokens=…, balancedness=…".
struct EplbLogLine {
    double avg_tokens = 0, max_tokens = 0, balancedness = 0;
};
bool parse_eplb_line(std::string_view line, EplbLogLine& into);

}  // namespace moeplan
