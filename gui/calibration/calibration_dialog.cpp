#include "gui/calibration/calibration_dialog.h"

namespace moeplan {

CalibrationDialog::CalibrationDialog(QWidget* parent) : QDialog(parent) {}

}  // namespace moeplan
