#pragma once
// What becomes of a saved profile: the candidates of its GPU are told to use it.

#include <string>

#include "core/catalog/catalog.h"
#include "core/scenario/scenario.h"

namespace moeplan {

// Sets `profile` of every candidate whose GPU is `gpu`, an id of the catalog; of every candidate when `gpu` is empty. For
// Session::edit() and CalibrationDialog::profile_wanted().
void use_profile(Scenario& scenario, const Catalog& catalog, const std::string& gpu, const std::string& file);

}  // namespace moeplan
