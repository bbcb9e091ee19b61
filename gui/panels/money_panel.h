#pragma once
// Price, utilisation, ownership, energy.

#include <QWidget>

class QLabel;

namespace moeplan {

class Session;

class MoneyPanel : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit MoneyPanel(Session& session, QWidget* parent = nullptr);

    QSize sizeHint() const override;

private:
    void follow();

    Session& session_;
    QLabel* own_;   // candidates with a price of their own
};

}  // namespace moeplan
