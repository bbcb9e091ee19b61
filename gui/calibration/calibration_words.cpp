#include "gui/calibration/calibration_words.h"

#include <algorithm>

#include "core/report/format.h"
#include "gui/models/text.h"

namespace moeplan {
namespace {

QString shown(double value, std::string_view unit) { return text_of(format_value(value, unit)); }

QString probes(const CalibrationProgress& progress) {
    QString text = QString("%1 probes").arg(progress.done);
    if (progress.failed > 0) text += QString(", %1 failed").arg(progress.failed);
    if (progress.error) text += ", error " + shown(*progress.error, "fraction");
    return text;
}

}  // namespace

QString calibration_state(const CalibrationJob& job, double since) {
    using Phase = CalibrationJob::Phase;
    const CalibrationProgress& progress = job.progress();
    switch (job.phase()) {
        case Phase::idle: return "Ready";
        case Phase::greeting: return "Waiting for the worker's greeting";
        case Phase::stopping: return "Stopping after this probe";
        case Phase::fitting: return QString("Fitting %1").arg(probes(progress));
        case Phase::saving: return "Saving";
        case Phase::stopped: return job.calibration() ? QString("Stopped after %1").arg(probes(progress)) : "Stopped";
        case Phase::finished: return QString("Done: %1").arg(probes(progress));
        case Phase::failed: return progress.done > 0 ? QString("Ended after %1").arg(probes(progress)) : "Failed";
        case Phase::measuring: break;
    }
    const double left = std::max(0.0, progress.budget_s - progress.seconds - since);
    return QString("%1; %2 left").arg(probes(progress), shown(left, "s"));
}

QStringList calibration_notes(const CalibrationJob& job) {
    QStringList notes;
    if (job.throttled() > 0) notes += QString("The device lowered its clock during %1 probes.").arg(job.throttled());
    if (const auto& run = job.calibration()) {
        notes += "It ended because " + text_of(name_of(run->stop)) + ".";
        for (const auto& [kind, count] : run->statistics.failures)
            notes += QString("Attempts that failed, %1: %2").arg(text_of(name_of(kind)).replace(u'_', u' ')).arg(count);
        if (run->reused > 0) notes += QString("%1 probes were answered by the journal.").arg(run->reused);
        for (const std::string& note : run->notes) notes += text_of(note);
        for (const std::string& reason : run->left_out) notes += "Not measured: " + text_of(reason);
    }
    if (job.fitted()) {
        for (const std::string& reason : job.fitted()->left_out) notes += "Not fitted: " + text_of(reason);
    }
    return notes;
}

QString problems_for_people(const Problems& problems) {
    QStringList lines;
    for (Problem problem : problems) {
        if (problem.hint.find("--") != std::string::npos) problem.hint.clear();
        lines += text_of(to_text(problem));
    }
    return lines.join("\n");
}

}  // namespace moeplan
