#pragma once
// What the planner is doing, at the foot of the window: progress that can be stopped, how long the last answer took, and
// where its times come from.

#include <QStatusBar>
#include <QTimer>

class QLabel;
class QProgressBar;
class QToolButton;

namespace moeplan {

class Session;

class StatusLine : public QStatusBar {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit StatusLine(Session& session, QWidget* parent = nullptr);

private:
    void show_state();

    Session& session_;
    QLabel* state_;
    QLabel* source_;
    QProgressBar* progress_;
    QToolButton* cancel_;
    QTimer late_;   // an answer that takes longer than this is said to be under way
};

}  // namespace moeplan
