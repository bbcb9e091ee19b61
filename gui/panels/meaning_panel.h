#pragma once
// What the answer means: fits or not, times, money, each with interval and provenance; the verdict, its flips, warnings.

#include <QWidget>

namespace moeplan {

class Session;

class MeaningPanel : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit MeaningPanel(Session& session, QWidget* parent = nullptr);

private:
    Session& session_;
};

}  // namespace moeplan
