#pragma once
// What `moeplan calibrate` can be told first: each a file of its own, one line in calibrate.cpp.

#include <string>
#include <vector>

#include "cli/command.h"
#include "core/catalog/catalog.h"
#include "gpu/calibrator/usual_run.h"

namespace moeplan::cli {

struct CalibrateWord {
    std::string name;                  // "run"
    std::string doc;                   // half a sentence for --help
    std::size_t least_files = 0, most_files = 0;   // words behind it
    std::vector<Option> options;       // an option several words share: the same text in each
    ExitCode (*run)(const Arguments& arguments, Console& console);   // words()[0] is the name if one was typed
};

CalibrateWord calibrate_run_word();
CalibrateWord calibrate_fit_word();
CalibrateWord calibrate_sample_word();
CalibrateWord calibrate_evaluate_word();
CalibrateWord calibrate_import_word();
CalibrateWord calibrate_report_word();
CalibrateWord calibrate_verify_word();

Option worker_option();

}  // namespace moeplan::cli
