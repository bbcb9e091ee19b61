#pragma once
// A heading that folds what is under it.

#include <QWidget>

class QToolButton;
class QVBoxLayout;

namespace moeplan {

class Fold : public QWidget {
    Q_OBJECT

public:
    Fold(const QString& title, const QString& name, bool open, QWidget* parent = nullptr);

    QVBoxLayout* body() const { return body_; }
    bool is_open() const;
    void set_open(bool open);

signals:
    void toggled(bool open);

private:
    QToolButton* heading_;
    QWidget* inside_;
    QVBoxLayout* body_;
};

}  // namespace moeplan
