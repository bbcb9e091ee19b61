#pragma once
// Models of a study by name, remembered: panels ask at every change. Links no Widgets. Of the window's thread.

#include <memory>
#include <string>

#include "core/catalog/catalog.h"
#include "core/scenario/scenario.h"

namespace moeplan {

// A catalog id or alias, a path, or a model the study gives by numbers; null when it cannot be read.
std::shared_ptr<const ModelSpec> look_up_model(const Catalog& catalog, const Scenario& scenario, const std::string& model);

// Why it cannot be read, as find_model() says it; empty when it can.
Problems model_problems(const Catalog& catalog, const Scenario& scenario, const std::string& model);

}  // namespace moeplan
