#include "gui/panels/candidates_panel.h"

namespace moeplan {

CandidatesPanel::CandidatesPanel(Session& session, QWidget* parent) : QWidget(parent), session_(session) {}

}  // namespace moeplan
