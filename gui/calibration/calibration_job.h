#pragma once
// One calibration at a time, in a thread of its own: greeting a worker, measuring, fitting, saving. The measuring itself is
// gpu/calibrator's. Lives in the window's thread, which it never blocks except in its destructor, for as long as a fit takes.
// Links no Widgets.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <QObject>
#include <QString>

#include "core/catalog/catalog.h"
#include "gpu/calibrator/calibrate.h"

namespace moeplan {

// What to measure with which worker.
struct CalibrationOrder {
    std::string worker;                   // command line
    double budget_s = 300;                // what a resumed journal holds already is counted
    std::optional<double> target_error;   // share; stop when every family has it
    std::string study;                    // file; empty = well-known models
    std::string device;                   // id in the catalog; empty = as the driver names it
    std::string journal;                  // file; its folder is made
    bool resume = false;
    WorkerTimes times{60, 20, 0.5};       // a person who stops it does not want to wait
};

// The held-out errors at a moment of the run.
struct ErrorMoment {
    double seconds = 0;                          // of the budget
    std::map<KernelFamily, double> families;     // errors_by_family()
    std::optional<double> all;                   // CalibrationProgress::error
};

class CalibrationJob : public QObject {
    Q_OBJECT

public:
    enum class Phase : std::uint8_t {
        idle,        // nothing yet, or a worker was only greeted
        greeting,    // a worker is starting
        measuring,
        stopping,    // as soon as the probe being measured is over
        fitting,
        saving,
        stopped,     // by the user; the journal can be resumed
        finished,    // measured and fitted
        failed,      // problems() says why; what was measured is in the journal
    };
    Q_ENUM(Phase)

    // `catalog` outlives it.
    explicit CalibrationJob(const Catalog& catalog, QObject* parent = nullptr);
    ~CalibrationJob() override;

    // Each is refused (false) while another is under way.
    bool greet(const std::string& worker, const WorkerTimes& times = {30, 20, 0.5});
    bool start(const CalibrationOrder& order);
    // Writes the profile, whole or not at all; fits first where that was not done. Its name is the file's stem; folders are
    // made. Needs can_save().
    bool save(const QString& file);
    void stop();

    Phase phase() const { return phase_; }
    bool busy() const;
    bool can_save() const;                                // something was measured
    const CalibrationOrder& order() const { return order_; }
    const std::optional<WorkerHello>& hello() const { return hello_; }
    const CalibrationProgress& progress() const { return progress_; }   // answer and hello are null
    const std::vector<ErrorMoment>& history() const { return history_; }
    const std::shared_ptr<const Calibration>& calibration() const { return calibration_; }   // null until a run ended
    const std::shared_ptr<const FitReport>& fitted() const { return fitted_; }               // null until fitted
    const Problems& problems() const { return problems_; }   // of the last greet, start or save
    std::int64_t throttled() const { return throttled_; }    // answers during which the device lowered its clock
    // Catalog id of the device the profile is of; empty when the catalog does not know it.
    QString profile_device() const;

signals:
    void phase_changed();
    void begun();                                             // start() was accepted: what was told before is void
    void told();                                              // progress(), hello() or history() is new
    void answered(const std::vector<moeplan::JournalEntry>& entries);   // in order, failed attempts included
    void saved(const QString& file);

private:
    struct Inbox;
    using Ending = std::function<void()>;                     // run in the window's thread
    bool run(Phase phase, std::function<Ending()> task);
    Ending measure(const CalibrateTools& tools, const CalibrateSettings& settings);
    Ending refused(Problems problems);
    void take();
    void note_error();
    void enter(Phase phase);

    const Catalog& catalog_;
    Phase phase_ = Phase::idle;
    CalibrationOrder order_;
    CalibrateSettings settings_;
    std::optional<WorkerHello> hello_;
    CalibrationProgress progress_;
    std::vector<ErrorMoment> history_;
    std::shared_ptr<const Calibration> calibration_;
    std::shared_ptr<const FitReport> fitted_;
    Problems problems_;
    std::int64_t throttled_ = 0;
    std::atomic<bool> cancel_ = false;
    std::shared_ptr<Inbox> inbox_;
    std::thread thread_;
};

}  // namespace moeplan
