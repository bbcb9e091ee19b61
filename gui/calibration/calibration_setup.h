#pragma once
// What to measure, with which worker, for how long, into which journal.

#include <memory>
#include <optional>

#include <QWidget>

#include "gui/calibration/calibration_job.h"
#include "gui/calibration/calibration_places.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace moeplan {

class CalibrationSetup : public QWidget {
    Q_OBJECT

public:
    CalibrationSetup(const Catalog& catalog, CalibrationPlaces& places, QWidget* parent = nullptr);

    // As the fields say; `resume` is the caller's. Without a worker, journal or study where one is needed: why not.
    CalibrationOrder order() const;
    QString missing() const;
    QString worker() const;
    bool journal_is_there() const;      // and can be resumed, as far as one sees from outside
    void set_journal(const QString& file);
    void set_study(const QString& file);
    // The worker's device and what it offers; nothing = not asked yet.
    void show_hello(const std::optional<WorkerHello>& hello);
    void set_locked(bool locked);       // while a calibration is under way
    void show_journal_state();          // again, after the file may have come to be
    void list_workers();                // again, after one was used

signals:
    void changed();
    void greet_wanted();

private:
    QWidget* make_worker();
    QWidget* make_what();
    QWidget* make_limits();
    QWidget* make_journal();
    void worker_changed();
    void show_journal();

    const Catalog& catalog_;
    CalibrationPlaces& places_;
    QComboBox* worker_;
    QPushButton* greet_;
    QLabel* hello_;
    QComboBox* what_;
    QLineEdit* study_;
    QPushButton* browse_study_;
    QDoubleSpinBox* minutes_;
    QDoubleSpinBox* target_;
    QComboBox* device_;
    QLineEdit* journal_;
    QPushButton* browse_journal_;
    QLabel* journal_state_;
    bool own_journal_ = false;          // named by the user: a change of worker leaves it
};

}  // namespace moeplan
