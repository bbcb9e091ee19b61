#include "gui/panels/quality_panel.h"

namespace moeplan {

QualityPanel::QualityPanel(Session& session, QWidget* parent) : QWidget(parent), session_(session) {}

}  // namespace moeplan
