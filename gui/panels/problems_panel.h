#pragma once
// What is wrong with the study; choosing one goes to its place.

#include <QWidget>

class QLabel;
class QListView;

namespace moeplan {

class ProblemListModel;
class Session;

class ProblemsPanel : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit ProblemsPanel(Session& session, QWidget* parent = nullptr);

signals:
    void place_chosen(int line);   // of the study's text, from 1

private:
    void show_problems();
    void choose(const QModelIndex& index);

    Session& session_;
    ProblemListModel* model_;
    QListView* list_;
    QLabel* none_;
};

}  // namespace moeplan
