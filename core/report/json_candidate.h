#pragma once
// A candidate in the JSON report. Internal to core/report; docs/cli.md, "The JSON report", has the form.

#include "core/report/json_tree.h"

namespace moeplan {

Json candidate_json(const CandidateReport& candidate);

class JsonNode;
CandidateReport read_candidate(const JsonNode& json);

}  // namespace moeplan
