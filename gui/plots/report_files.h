#pragma once
// A report's pictures as files in a folder, with a list of them that others read: what moeplan-plot does.

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace moeplan {

// As typed; empty = not wanted.
struct PlotRequest {
    std::string report;                  // REPORT.json
    std::string folder;                  // made when it is not there
    std::string format = "svg";          // svg, png, pdf, csv
    std::string look = "both";           // light, dark, both
    std::string size = "800x480", scale = "2";
    std::vector<std::string> pictures;   // ids; empty = all
    std::string pdf_report;              // FILE.pdf
    bool titles = true;                  // title and meaning in the pictures; a page around them may have its own
};

// Writes FOLDER/ID-light.FORMAT and ID-dark.FORMAT (numbers have no look: ID.csv), then FOLDER/pictures.json:
//   [{"id", "title", "meaning", "page", "files": {"light": "ID-light.svg", "dark": "ID-dark.svg"}} or with "nothing" in place of "files"]
// Every file is whole or not there, and the list comes last. `reports`: how many files were named, for the message.
// Errors: all that is wrong with the request at once; then what is wrong with the report; then what could not be written.
Problems plot_report(const PlotRequest& request, std::size_t reports = 1);

}  // namespace moeplan
