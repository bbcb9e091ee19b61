#include "gui/panels/meaning_panel.h"

namespace moeplan {

MeaningPanel::MeaningPanel(Session& session, QWidget* parent) : QWidget(parent), session_(session) {}

}  // namespace moeplan
