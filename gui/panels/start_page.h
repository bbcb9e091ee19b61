#pragma once
// Starter studies, the claims, recent files: one click each.

#include <QWidget>

namespace moeplan {

class Session;

class StartPage : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit StartPage(Session& session, QWidget* parent = nullptr);

private:
    Session& session_;
};

}  // namespace moeplan
