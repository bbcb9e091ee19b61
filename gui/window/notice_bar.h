#pragma once
// A strip above the pictures that says something needs a decision, and offers it. Never in the way of the rest.

#include <functional>
#include <utility>
#include <vector>

#include <QFrame>

class QHBoxLayout;
class QLabel;

namespace moeplan {

class NoticeBar : public QFrame {
    Q_OBJECT

public:
    // `name` is its object name. Hidden until it shows something.
    explicit NoticeBar(const QString& name, QWidget* parent = nullptr);

    struct Offer { QString text; std::function<void()> chosen; };
    void show_notice(const QString& message, const std::vector<Offer>& offers);

private:
    QLabel* icon_;
    QLabel* message_;
    QHBoxLayout* offers_;
};

}  // namespace moeplan
