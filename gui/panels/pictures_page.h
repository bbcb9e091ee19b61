#pragma once
// The pictures by tabs.

#include <QWidget>

namespace moeplan {

class Session;

class PicturesPage : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit PicturesPage(Session& session, QWidget* parent = nullptr);

private:
    Session& session_;
};

}  // namespace moeplan
