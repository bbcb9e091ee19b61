#include "gui/calibration/calibration_dialog.h"

#include <algorithm>

#include <QCheckBox>
#include <QCloseEvent>
#include <QDateTime>
#include <QFileDialog>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTabWidget>
#include <QTextEdit>
#include <QVBoxLayout>

#include "core/report/format.h"
#include "gui/calibration/calibration_setup.h"
#include "gui/calibration/calibration_words.h"
#include "gui/calibration/error_picture.h"
#include "gui/calibration/family_table_model.h"
#include "gui/calibration/named_widget.h"
#include "gui/calibration/probe_table_model.h"
#include "gui/models/text.h"
#include "gui/plots/picture_plot.h"

namespace moeplan {
namespace {

constexpr int kRedrawMs = 150;   // the picture follows the probes at most so often
constexpr int kClockMs = 500;

}  // namespace

CalibrationDialog::CalibrationDialog(QWidget* parent) : CalibrationDialog(builtin_catalog(), {}, parent) {}

CalibrationDialog::CalibrationDialog(const Catalog& catalog, const QString& state_folder, QWidget* parent)
    : QDialog(parent), catalog_(catalog), places_(state_folder), job_(catalog) {
    setObjectName("calibration");
    setWindowTitle("Calibrate a device");
    resize(1000, 760);
    setup_ = new CalibrationSetup(catalog, places_);
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(10);
    layout->addWidget(setup_);
    layout->addWidget(make_actions());
    layout->addWidget(make_notice());
    layout->addWidget(make_pictures(), 3);
    layout->addWidget(make_lists(), 2);
    layout->addWidget(make_profile());
    listen();
    show_phase();
    show_progress();
    show_picture();
}

void CalibrationDialog::listen() {
    redraw_.setSingleShot(true);
    redraw_.setInterval(kRedrawMs);
    clock_.setInterval(kClockMs);
    connect(&redraw_, &QTimer::timeout, this, &CalibrationDialog::show_picture);
    connect(&clock_, &QTimer::timeout, this, &CalibrationDialog::show_time);
    connect(setup_, &CalibrationSetup::changed, this, &CalibrationDialog::show_buttons);
    connect(setup_, &CalibrationSetup::greet_wanted, this, [this] {
        if (const QString missing = setup_->missing(); !missing.isEmpty()) return say(missing);
        job_.greet(setup_->worker().toStdString());
    });
    connect(&job_, &CalibrationJob::begun, this, [this] {
        answers_->clear();
        failures_->clear();
        notes_->clear();
        families_->show_progress({});
        show_picture();
    });
    connect(&job_, &CalibrationJob::phase_changed, this, &CalibrationDialog::show_phase);
    connect(&job_, &CalibrationJob::told, this, &CalibrationDialog::show_progress);
    connect(&job_, &CalibrationJob::answered, this, [this](const std::vector<JournalEntry>& entries) {
        answers_->add(entries);
        failures_->add(entries);
    });
    connect(&job_, &CalibrationJob::saved, this, [this](const QString& file) {
        say(QString("%1 is written. A candidate uses it with profile: %1").arg(file));
        emit profile_saved(file);
        if (use_it_->isChecked()) emit profile_wanted(file, job_.profile_device());
    });
}

void CalibrationDialog::set_study(const QString& file) { setup_->set_study(file); }

void CalibrationDialog::start(bool resume) {
    if (const QString missing = setup_->missing(); !missing.isEmpty()) return say(missing);
    // What is there is never overwritten.
    if (!resume) setup_->set_journal(CalibrationPlaces::unused(text_of(setup_->order().journal)));
    CalibrationOrder order = setup_->order();
    order.resume = resume;
    places_.remember_worker(setup_->worker());
    setup_->list_workers();
    say({});
    job_.start(order);
}

void CalibrationDialog::save() {
    const QString file = profile_->text().trimmed();
    if (file.isEmpty()) return say("Name a file for the profile, such as gpu01.json.");
    say({});
    job_.save(file);
}

void CalibrationDialog::show_buttons() {
    using Phase = CalibrationJob::Phase;
    const bool busy = job_.busy();
    start_->setEnabled(!busy);
    resume_->setEnabled(!busy && setup_->journal_is_there());
    stop_->setEnabled(job_.phase() == Phase::greeting || job_.phase() == Phase::measuring);
    save_->setEnabled(job_.can_save());
}

void CalibrationDialog::show_phase() {
    using Phase = CalibrationJob::Phase;
    const Phase phase = job_.phase();
    const bool busy = job_.busy();
    setup_->set_locked(busy);
    show_buttons();
    busy ? clock_.start() : clock_.stop();
    // Without an end that is known: a worker that starts, a fit.
    const bool endless = busy && phase != Phase::measuring;
    bar_->setRange(0, endless ? 0 : 1000);
    if (phase == Phase::failed) show_problems();
    if (asking_ && phase != Phase::measuring && phase != Phase::greeting) say({});   // nothing to ask any more
    if (!busy) {
        closing_ = false;
        setup_->show_journal_state();
    }
    show_time();
    show_notes();
}

void CalibrationDialog::show_progress() {
    told_at_ = QDateTime::currentMSecsSinceEpoch();
    const CalibrationProgress& progress = job_.progress();
    setup_->show_hello(job_.hello());
    families_->show_progress(progress.groups);
    if (job_.fitted()) families_->show_fit(*job_.fitted());
    lists_->setTabText(0, QString("Pr&obes (%1)").arg(answers_->total()));
    lists_->setTabText(1, QString("Fa&iled attempts (%1)").arg(failures_->total()));
    if (!own_profile_ && job_.hello()) profile_->setText(CalibrationPlaces::profile_of(text_of(job_.hello()->device)));
    show_time();
    if (!redraw_.isActive()) redraw_.start();
}

void CalibrationDialog::show_time() {
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    const double since = job_.phase() == CalibrationJob::Phase::measuring ? static_cast<double>(now - told_at_) / 1000 : 0;
    state_->setText(calibration_state(job_, since));
    const bool begun = job_.progress().budget_s > 0;
    if (bar_->maximum() > 0) bar_->setValue(begun ? static_cast<int>(std::clamp(job_.progress().share(), 0.0, 1.0) * 1000) : 0);
}

void CalibrationDialog::show_picture() {
    const CalibrationProgress& progress = job_.progress();
    plot_->show_picture(error_picture(job_.history(), progress.groups, progress.budget_s, job_.order().target_error));
}

void CalibrationDialog::show_notes() {
    const QStringList notes = calibration_notes(job_);
    notes_->setPlainText(notes.join("\n"));
    lists_->setTabText(2, QString("&Notes (%1)").arg(notes.size()));
}

void CalibrationDialog::show_problems() { say(problems_for_people(job_.problems())); }

void CalibrationDialog::say(const QString& text) {
    asking_ = false;
    notice_text_->setText(text);
    close_anyway_->hide();
    keep_on_->hide();
    notice_->setVisible(!text.isEmpty());
}

void CalibrationDialog::ask_to_close() {
    say("It is still measuring. Everything measured so far is in the journal and can be gone on with.");
    asking_ = true;
    close_anyway_->show();
    keep_on_->show();
    close_anyway_->setFocus();
}

bool CalibrationDialog::may_close() {
    if (!job_.busy() || closing_) return true;
    ask_to_close();
    return false;
}

void CalibrationDialog::closeEvent(QCloseEvent* event) {
    may_close() ? event->accept() : event->ignore();
}

void CalibrationDialog::reject() {
    if (may_close()) hide();
}

}  // namespace moeplan
