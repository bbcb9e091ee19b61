#pragma once
// What a calibration says about itself, in sentences.

#include <QString>
#include <QStringList>

#include "gui/calibration/calibration_job.h"

namespace moeplan {

// One line: what it does, how far it is, the time left. `since`: seconds since its last progress.
QString calibration_state(const CalibrationJob& job, double since);
// What to know about the result: throttling, what was left out, why it ended.
QStringList calibration_notes(const CalibrationJob& job);
// Each on a line, without advice that names options of the command line.
QString problems_for_people(const Problems& problems);

}  // namespace moeplan
