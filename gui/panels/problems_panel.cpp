#include "gui/panels/problems_panel.h"

namespace moeplan {

ProblemsPanel::ProblemsPanel(Session& session, QWidget* parent) : QWidget(parent), session_(session) {}

}  // namespace moeplan
