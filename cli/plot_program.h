#pragma once
// Pictures of a report from moeplan-plot, a program of its own so that this one needs no Qt.

#include <string>
#include <vector>

#include "core/report/html_page.h"
#include "core/report/report.h"

namespace moeplan::cli {

struct DrawnPictures {
    std::vector<EmbeddedPicture> pictures;
    std::string why_plain;   // why there are none, for the page: "moeplan-plot is not installed beside moeplan"
};

// Asks the program MOEPLAN_PLOT names, else moeplan-plot beside this one, and waits at most 30 s. No pictures when the variable is
// "none", the program is not there, fails or takes too long: the page then says why. What it writes to stderr is part of the reason.
// Nothing of it stays on the disk.
class PlotProgram {
public:
    DrawnPictures draw(const Report& report);
    // The page with those pictures.
    std::string page(const Report& report);

private:
    std::string gave_up_;   // it took too long once: later reports do not wait for it again
};

}  // namespace moeplan::cli
