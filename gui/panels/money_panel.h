#pragma once
// Price, utilisation, ownership, energy.

#include <QWidget>

namespace moeplan {

class Session;

class MoneyPanel : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit MoneyPanel(Session& session, QWidget* parent = nullptr);

private:
    Session& session_;
};

}  // namespace moeplan
