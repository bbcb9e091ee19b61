#pragma once
// What is wrong with the study; choosing one goes to its place.

#include <QWidget>

namespace moeplan {

class Session;

class ProblemsPanel : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit ProblemsPanel(Session& session, QWidget* parent = nullptr);

private:
    Session& session_;
};

}  // namespace moeplan
