#pragma once
// One sentence in place, where something went wrong or was done, with a sign before it; hidden while there is none.

#include <QWidget>

class QLabel;
class QToolButton;

namespace moeplan {

class MessageLine : public QWidget {
    Q_OBJECT

public:
    enum class Kind { wrong, note };
    // Notes can be dismissed.
    explicit MessageLine(Kind kind, QWidget* parent = nullptr);

    void say(const QString& what);   // empty hides it
    QString text() const;

private:
    QLabel* sign_;
    QLabel* words_;
    QToolButton* dismiss_ = nullptr;
};

}  // namespace moeplan
