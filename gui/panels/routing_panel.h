#pragma once
// Routing skew with a live picture of the expert loads it means; placement.

#include <QWidget>

namespace moeplan {

class Session;

class RoutingPanel : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit RoutingPanel(Session& session, QWidget* parent = nullptr);

private:
    Session& session_;
};

}  // namespace moeplan
