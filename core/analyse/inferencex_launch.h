#pragma once
// How InferenceX starts the servers it measures: what its tables of results leave out, and what decides their first tokens.
// Source: github:SemiAnalysisAI/InferenceX, benchmarks/ (Apache-2.0), files and commits in inferencex_launch.cpp.

#include "core/analyse/measured_serving.h"

namespace moeplan {

// For a row of it that is not in separate pools (inferencex_pools.h): sets what is known of its launch, leaves the rest.
// `input` and `output` are nominal lengths, `users` the load.
void set_as_launched(MeasuredServing& row, double input, double output, double users);

}  // namespace moeplan
