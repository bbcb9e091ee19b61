#pragma once
// How right the answers are.

#include <QWidget>

namespace moeplan {

class Session;

class QualityPanel : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit QualityPanel(Session& session, QWidget* parent = nullptr);

private:
    Session& session_;
};

}  // namespace moeplan
