#pragma once
// The panels around the pictures and where they stand: what a study says on the left, what it means on the right, its text
// and its problems below when they are wanted.

#include <vector>

#include <QString>

class QDockWidget;
class QMainWindow;

namespace moeplan {

class CandidatesPanel;
class Session;
class StudyTextPanel;
class ProblemsPanel;

struct Docks {
    std::vector<QDockWidget*> all;   // in the order of the View menu
    QDockWidget* candidates = nullptr;
    QDockWidget* study_text = nullptr;
    QDockWidget* problems = nullptr;
    CandidatesPanel* candidates_panel = nullptr;
    StudyTextPanel* text_panel = nullptr;
    ProblemsPanel* problems_panel = nullptr;
};

Docks make_docks(QMainWindow& window, Session& session);
// Everything where it stands in a new window.
void arrange_docks(QMainWindow& window, const Docks& docks);
// Shows it, in front of those it shares its place with.
void bring_up(QDockWidget& dock);

}  // namespace moeplan
