#pragma once

#include "core/scenario/scenario.h"

namespace moeplan {

// What a new window plans until it is changed: a mixture of experts against a dense model on the same two GPUs, from one
// user to 256. Every picture of a closed form has something to show.
Scenario new_study();

}  // namespace moeplan
