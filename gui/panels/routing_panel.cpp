#include "gui/panels/routing_panel.h"

namespace moeplan {

RoutingPanel::RoutingPanel(Session& session, QWidget* parent) : QWidget(parent), session_(session) {}

}  // namespace moeplan
