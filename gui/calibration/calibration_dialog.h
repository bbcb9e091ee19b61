#pragma once
// Measures a device without leaving the window: choose a worker, see probes arrive and the error fall, save the profile.

#include <QDialog>

namespace moeplan {

class CalibrationDialog : public QDialog {
    Q_OBJECT

public:
    explicit CalibrationDialog(QWidget* parent = nullptr);

signals:
    void profile_saved(const QString& file);
};

}  // namespace moeplan
