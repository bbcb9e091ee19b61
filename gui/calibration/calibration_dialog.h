#pragma once
// Measures a device without leaving the window: choose a worker, see probes arrive and the error fall, save the profile.
// Not modal. Closing it while it measures asks in the window itself; the journal stays, so that it can be gone on with.

#include <QDialog>
#include <QTimer>

#include "core/catalog/catalog.h"
#include "gui/calibration/calibration_job.h"
#include "gui/calibration/calibration_places.h"

class QCheckBox;
class QFrame;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QTabWidget;
class QTextEdit;

namespace moeplan {

class CalibrationSetup;
class FamilyTableModel;
class PicturePlot;
class ProbeTableModel;

class CalibrationDialog : public QDialog {
    Q_OBJECT

public:
    // The built-in catalog, the desktop's own places.
    explicit CalibrationDialog(QWidget* parent = nullptr);
    // `catalog` outlives it. `state_folder`: see CalibrationPlaces.
    explicit CalibrationDialog(const Catalog& catalog, const QString& state_folder = {}, QWidget* parent = nullptr);

    // Offers to measure what this study does.
    void set_study(const QString& file);
    CalibrationJob& job() { return job_; }

signals:
    void profile_saved(const QString& file);
    // The user wants the profile in every candidate of this GPU; `gpu` is an id of the catalog, empty when the catalog does not
    // know the device: then in every candidate.
    void profile_wanted(const QString& file, const QString& gpu);

protected:
    void closeEvent(QCloseEvent* event) override;
    void reject() override;   // Escape

private:
    QWidget* make_actions();
    QFrame* make_notice();
    QWidget* make_pictures();
    QTabWidget* make_lists();
    QWidget* make_profile();
    void listen();
    void start(bool resume);
    void save();
    void show_buttons();
    void show_phase();
    void show_progress();
    void show_time();
    void show_picture();
    void show_notes();
    void show_problems();
    void say(const QString& text);          // in the notice; empty hides it
    void ask_to_close();
    bool may_close();

    const Catalog& catalog_;
    CalibrationPlaces places_;
    CalibrationJob job_;
    CalibrationSetup* setup_;
    QPushButton *start_, *resume_, *stop_;
    QProgressBar* bar_;
    QLabel* state_;
    QFrame* notice_;
    QLabel* notice_text_;
    QPushButton *close_anyway_, *keep_on_;
    FamilyTableModel* families_;
    ProbeTableModel *answers_, *failures_;
    QTabWidget* lists_;
    QTextEdit* notes_;
    PicturePlot* plot_;
    QLineEdit* profile_;
    QCheckBox* use_it_;
    QPushButton* save_;
    QTimer redraw_, clock_;
    bool own_profile_ = false;              // named by the user
    bool asking_ = false;                   // whether to close: the notice has its buttons
    bool closing_ = false;                  // told to close: the worker is stopping behind the hidden window
    qint64 told_at_ = 0;                    // ms, of the last progress
};

}  // namespace moeplan
