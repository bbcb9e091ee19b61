#pragma once
// The HTML report with pictures drawn elsewhere.

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/report/report.h"

namespace moeplan {

// One picture of the page, in a light and a dark look.
struct EmbeddedPicture {
    std::string id;        // "cost_against_batch"
    std::string title;     // "Cost against batch"
    std::string meaning;   // a sentence on what to read from it
    std::string page;      // where it belongs: "Compare", "Memory", "Step", "Experts", "Simulation", "Money"; others stand with "Compare"
    std::string svg_light, svg_dark;
};

// One self-contained page, light or dark by the reader's preference. A drawing that is not fit for a page (a script, an
// address, tags that do not nest) is left out and the page says so. Without pictures the page has the plain charts every
// report can draw, and `why_plain`, where given, in one quiet line.
std::string write_html(const Report& report, const std::vector<EmbeddedPicture>& pictures, std::string_view why_plain = {});

// What a picture program left in a folder: pictures.json, a list of {"id","title","meaning","page","files":{"light","dark"}} beside
// the files it names; a picture with nothing to draw says "nothing" and names no files, and is passed over.
// Errors: no such file, other content, a file name with a folder in it, more than 100 pictures or 16 MiB a file.
Result<std::vector<EmbeddedPicture>> read_picture_folder(const std::string& folder);

}  // namespace moeplan
