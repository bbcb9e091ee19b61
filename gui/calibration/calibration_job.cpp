#include "gui/calibration/calibration_job.h"

#include <exception>
#include <filesystem>
#include <mutex>
#include <utility>

#include "core/base/write_file.h"
#include "gpu/calibrator/usual_run.h"
#include "gui/models/text.h"
#include "sim/study_ops.h"

namespace moeplan {
namespace {

namespace fs = std::filesystem;

Result<PlanFor> plan_of(const std::string& study, const Catalog& catalog) {
    if (study.empty()) return plan_around_well_known_models(catalog);
    const auto scenario = load_scenario(study);
    if (!scenario) return tl::unexpected(scenario.error());
    auto ops = ops_of_study(*scenario, catalog);
    if (!ops) return tl::unexpected(ops.error());
    return plan_around(std::move(*ops));
}

Problems make_folder_of(const std::string& file) {
    std::error_code error;
    const fs::path folder = fs::path(file).parent_path();
    if (!folder.empty()) fs::create_directories(folder, error);
    if (error) return {{folder.string(), {}, "the folder cannot be made: " + error.message(), "choose another place"}};
    return {};
}

Problems write_named(Profile profile, const std::string& file) {
    if (profile.name.empty()) profile.name = fs::path(file).stem().string();
    if (auto problems = make_folder_of(file); !problems.empty()) return problems;
    const auto text = profile_text(profile, file);
    return text ? write_file_atomically(file, *text) : text.error();
}

CalibrateSettings settings_of(const CalibrationOrder& order, const Catalog& catalog) {
    CalibrateSettings settings;
    settings.worker = order.worker;
    settings.times = order.times;
    settings.journal = order.journal;
    settings.resume = order.resume;
    settings.budget_s = order.budget_s;
    settings.limits = limits_for(order.budget_s);
    settings.target_error = order.target_error;
    if (const DeviceSpec* device = catalog.device(order.device)) settings.device = *device;
    return settings;
}

}  // namespace

// What the measuring thread leaves for the window, which fetches it when it has time.
struct CalibrationJob::Inbox {
    std::mutex mutex;
    CalibrationProgress progress;
    std::optional<WorkerHello> hello;
    std::vector<JournalEntry> answers;
    bool waiting = false;   // the window knows already
};

CalibrationJob::CalibrationJob(const Catalog& catalog, QObject* parent) : QObject(parent), catalog_(catalog) {}

CalibrationJob::~CalibrationJob() {
    cancel_ = true;
    if (thread_.joinable()) thread_.join();
}

bool CalibrationJob::busy() const {
    switch (phase_) {
        case Phase::greeting:
        case Phase::measuring:
        case Phase::stopping:
        case Phase::fitting:
        case Phase::saving: return true;
        default: return false;
    }
}

bool CalibrationJob::can_save() const { return !busy() && calibration_ && !calibration_->set.rows.empty(); }

QString CalibrationJob::profile_device() const {
    if (!fitted_) return {};
    const DeviceSpec* device = catalog_.device(fitted_->profile.device);
    return device ? text_of(device->id) : QString();
}

void CalibrationJob::enter(Phase phase) {
    if (phase_ == phase) return;
    phase_ = phase;
    emit phase_changed();
}

bool CalibrationJob::run(Phase phase, std::function<Ending()> task) {
    if (thread_.joinable()) thread_.join();   // it has ended: busy() was false
    cancel_ = false;
    problems_.clear();
    inbox_ = std::make_shared<Inbox>();
    enter(phase);
    thread_ = std::thread([this, task = std::move(task)] {
        Ending ending;
        try {
            ending = task();
        } catch (const std::exception& error) {
            ending = refused({{{}, {}, std::string("the calibration broke off: ") + error.what(), {}}});
        }
        QMetaObject::invokeMethod(this, [this, ending] {
            take();
            ending();
        }, Qt::QueuedConnection);
    });
    return true;
}

CalibrationJob::Ending CalibrationJob::refused(Problems problems) {
    return [this, problems = std::move(problems)] {
        if (cancel_) return enter(Phase::stopped);   // what goes wrong while being stopped is of no interest
        problems_ = problems;
        enter(Phase::failed);
    };
}

bool CalibrationJob::greet(const std::string& worker, const WorkerTimes& times) {
    if (busy()) return false;
    hello_.reset();
    return run(Phase::greeting, [this, worker, times]() -> Ending {
        ProbeWorker process(worker, times);
        auto hello = process.start(&cancel_);
        if (!hello) return refused(std::move(hello.error()));
        process.stop();
        return [this, hello = std::move(*hello)] {
            hello_ = hello;
            enter(calibration_ ? Phase::finished : Phase::idle);
            emit told();
        };
    });
}

bool CalibrationJob::start(const CalibrationOrder& order) {
    if (busy()) return false;
    order_ = order;
    settings_ = settings_of(order, catalog_);
    hello_.reset();
    progress_ = {};
    progress_.budget_s = order.budget_s;
    progress_.probes = settings_.probes;
    history_.clear();
    calibration_.reset();
    fitted_.reset();
    throttled_ = 0;
    emit begun();
    return run(Phase::greeting, [this, settings = settings_, study = order.study]() -> Ending {
        if (auto problems = make_folder_of(settings.journal); !problems.empty()) return refused(std::move(problems));
        auto plan = plan_of(study, catalog_);
        if (!plan) return refused(std::move(plan.error()));
        return measure(tools_with_catalog(std::move(*plan), catalog_), settings);
    });
}

CalibrationJob::Ending CalibrationJob::measure(const CalibrateTools& tools, const CalibrateSettings& settings) {
    RunControl control;
    control.cancel = &cancel_;
    const auto inbox = inbox_;
    auto measured = calibrate(settings, tools, control, [&](const CalibrationProgress& progress) {
        const std::lock_guard lock(inbox->mutex);
        inbox->progress = progress;
        if (progress.answer) inbox->answers.push_back(*progress.answer);
        if (progress.hello && !inbox->hello) inbox->hello = *progress.hello;
        if (std::exchange(inbox->waiting, true)) return;
        QMetaObject::invokeMethod(this, [this] { take(); }, Qt::QueuedConnection);
    });
    if (!measured) return refused(std::move(measured.error()));
    auto calibration = std::make_shared<const Calibration>(std::move(*measured));
    if (calibration->stop == StopReason::cancelled) {
        return [this, calibration] {
            calibration_ = calibration;
            enter(Phase::stopped);
        };
    }
    QMetaObject::invokeMethod(this, [this] {
        take();
        enter(Phase::fitting);
    }, Qt::QueuedConnection);
    auto fitted = fit_calibration(*calibration, settings, tools, {});
    return [this, calibration, fitted = std::move(fitted)] {
        calibration_ = calibration;
        problems_ = calibration->problems;
        if (fitted) fitted_ = std::make_shared<const FitReport>(*fitted);
        else append(problems_, fitted.error());
        enter(problems_.empty() ? Phase::finished : Phase::failed);
        emit told();
    };
}

bool CalibrationJob::save(const QString& file) {
    if (!can_save()) return false;
    const Phase before = phase_;
    const auto task = [this, before, file, calibration = calibration_, fitted = fitted_, settings = settings_]() -> Ending {
        auto report = fitted;
        if (!report) {
            const CalibrateTools tools = tools_with_catalog({}, catalog_);   // a fit asks for no plan
            auto fit = fit_calibration(*calibration, settings, tools, {});
            if (!fit) return refused(std::move(fit.error()));
            report = std::make_shared<const FitReport>(std::move(*fit));
        }
        auto problems = write_named(report->profile, file.toStdString());
        return [this, before, file, report, problems = std::move(problems)] {
            fitted_ = report;
            problems_ = problems;
            enter(problems.empty() ? before : Phase::failed);
            emit told();
            if (problems.empty()) emit saved(file);
        };
    };
    return run(fitted_ ? Phase::saving : Phase::fitting, task);
}

void CalibrationJob::stop() {
    if (phase_ != Phase::greeting && phase_ != Phase::measuring) return;
    cancel_ = true;
    enter(Phase::stopping);
}

void CalibrationJob::take() {
    std::vector<JournalEntry> answers;
    {
        const std::lock_guard lock(inbox_->mutex);
        if (!std::exchange(inbox_->waiting, false)) return;
        answers.swap(inbox_->answers);
        progress_ = inbox_->progress;
        if (!hello_) hello_ = inbox_->hello;
    }
    progress_.answer = nullptr;
    progress_.hello = nullptr;
    for (const JournalEntry& entry : answers) throttled_ += entry.kind == AnswerKind::ok && entry.reply.throttled ? 1 : 0;
    note_error();
    if (phase_ == Phase::greeting) enter(Phase::measuring);
    if (!answers.empty()) emit answered(answers);
    emit told();
}

void CalibrationJob::note_error() {
    ErrorMoment moment{progress_.seconds, errors_by_family(progress_.groups), progress_.error};
    if (moment.families.empty()) return;
    if (!history_.empty() && history_.back().families == moment.families && history_.back().all == moment.all) return;
    history_.push_back(std::move(moment));
}

}  // namespace moeplan
