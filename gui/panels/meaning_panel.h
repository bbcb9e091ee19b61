#pragma once
// What the answer means: fits or not, times, money, each with interval and provenance; the verdict, its flips, warnings.

#include <QTimer>
#include <QWidget>

class QLabel;
class QToolButton;
class QVBoxLayout;

namespace moeplan {

class FiguresTable;
class MetricTableModel;
class Session;

class MeaningPanel : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit MeaningPanel(Session& session, QWidget* parent = nullptr);

private:
    void build(QVBoxLayout& column);
    void show_answer();
    void show_verdict();
    void show_state();

    Session& session_;
    MetricTableModel* key_;
    MetricTableModel* all_;
    QLabel* state_;
    QLabel* decided_;
    QLabel* verdict_;
    QLabel* flips_;
    QLabel* warnings_;
    QLabel* expectations_;
    FiguresTable* key_table_;
    FiguresTable* all_table_;
    QToolButton* more_;
    QTimer late_;
};

}  // namespace moeplan
