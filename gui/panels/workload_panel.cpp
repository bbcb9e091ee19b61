#include "gui/panels/workload_panel.h"

namespace moeplan {

WorkloadPanel::WorkloadPanel(Session& session, QWidget* parent) : QWidget(parent), session_(session) {}

}  // namespace moeplan
