#include "core/scenario/sections.h"

namespace moeplan::scenario {

void read_models(const YamlNode& node, Scenario&) { node.problem("models given in the study are not read yet"); }
void add_models(Document::Map&, const Scenario&) {}

}  // namespace moeplan::scenario
