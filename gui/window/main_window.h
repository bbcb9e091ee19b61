#pragma once
// The one window: docks of what a study says on the left, pictures in the middle, their meaning on the right.

#include <QMainWindow>

#include "core/catalog/catalog.h"

namespace moeplan {

class Session;

class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    explicit MainWindow(const Catalog& catalog, QWidget* parent = nullptr);

    Session& session() { return *session_; }
    void open_study(const QString& file);

private:
    Session* session_;
};

}  // namespace moeplan
