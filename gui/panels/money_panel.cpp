#include "gui/panels/money_panel.h"

namespace moeplan {

MoneyPanel::MoneyPanel(Session& session, QWidget* parent) : QWidget(parent), session_(session) {}

}  // namespace moeplan
