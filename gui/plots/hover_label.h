#pragma once
// The read-out that follows the mouse over a picture, and the ring around what it speaks of. Internal to gui/plots.

#include <QFrame>
#include <QLabel>

namespace moeplan {

class HoverLabel : public QLabel {
public:
    explicit HoverLabel(QWidget* over);
    // Beside `at`, inside the widget it lies over.
    void say(const QString& words, QPoint at);
};

class HoverRing : public QWidget {
public:
    explicit HoverRing(QWidget* over);
    void surround(QPoint at);

protected:
    void paintEvent(QPaintEvent* event) override;
};

}  // namespace moeplan
