#pragma once
// What a routing means for the first mixture of experts of a study: a small picture and a sentence. Links no Widgets.

#include <string>

#include "core/report/report.h"
#include "gui/models/picture.h"

namespace moeplan {

struct ExpertPreview {
    Picture picture;     // loads of the experts over a fair share, hottest first, mean over layers; no title
    std::string words;   // "The hottest of 8 experts of mixtral gets 1.3× a fair share; the busiest 2 do 31 % of the work."
};

ExpertPreview expert_preview(const Report& report);

}  // namespace moeplan
