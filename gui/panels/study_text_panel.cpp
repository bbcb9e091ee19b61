#include "gui/panels/study_text_panel.h"

namespace moeplan {

StudyTextPanel::StudyTextPanel(Session& session, QWidget* parent) : QWidget(parent), session_(session) {}

}  // namespace moeplan
