#pragma once
// One axis of `sweep:` set in a study, for all of its candidates.

#include <string>

#include "core/base/result.h"
#include "core/scenario/scenario.h"

namespace moeplan {

// `name` is one of numeric_axes() or name_axes(), `value` as SweepAxis holds it.
//   batch              a static batch keeps its kind; any other load becomes that many users of a closed loop
//   input, output      the mean, whatever the distribution: its shape is kept
//   gpu_hour, skew, utilisation, accuracy, tokens_per_answer   the study's, and what a candidate has of its own
//   layout: auto       the layout a candidate without `layout:` gets
//   precision          weights; a KV cache's own format stays unless the value is `native`
// Empty when done. Errors: lengths that a trace gives; an accuracy that is not given as a number; no layout.
Problems turn(const std::string& name, const std::string& value, Scenario& scenario);

}  // namespace moeplan
