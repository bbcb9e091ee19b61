#pragma once
// The study's YAML, editable, with problems at their lines.

#include <QWidget>

namespace moeplan {

class Session;

class StudyTextPanel : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit StudyTextPanel(Session& session, QWidget* parent = nullptr);

private:
    Session& session_;
};

}  // namespace moeplan
