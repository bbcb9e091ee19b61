#pragma once
// Layouts a candidate may choose from. Links no Widgets.

#include <cstddef>
#include <vector>

#include "core/catalog/catalog.h"
#include "core/parallel/layout.h"
#include "core/scenario/scenario.h"

namespace moeplan {

// Valid for the candidate's model and its count of GPUs: one replica over all of them first, smaller replicas after.
// Empty when the model or the GPU is not known.
std::vector<Layout> candidate_layouts(const Scenario& scenario, const Catalog& catalog, std::size_t index);

}  // namespace moeplan
