#pragma once
// The inside of a panel: one column that scrolls up and down, never sideways.

class QVBoxLayout;
class QWidget;

namespace moeplan {

// Fills `panel`, which has no layout yet.
QVBoxLayout* make_scroll_column(QWidget* panel);

}  // namespace moeplan
