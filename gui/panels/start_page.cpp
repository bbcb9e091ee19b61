#include "gui/panels/start_page.h"

namespace moeplan {

StartPage::StartPage(Session& session, QWidget* parent) : QWidget(parent), session_(session) {}

}  // namespace moeplan
