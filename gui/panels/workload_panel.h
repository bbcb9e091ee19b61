#pragma once
// Lengths, load or trace, objectives, how it is answered.

#include <QWidget>

namespace moeplan {

class Session;

class WorkloadPanel : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit WorkloadPanel(Session& session, QWidget* parent = nullptr);

private:
    Session& session_;
};

}  // namespace moeplan
