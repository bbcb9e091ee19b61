#include "gui/models/picture.h"

#include "core/base/number_format.h"
#include "core/report/csv.h"
#include "core/report/format.h"

namespace moeplan {

std::string picture_csv(const Picture& picture) {
    std::string text = csv_row({"series", "x", "y", "low", "high", "note"});
    for (const PictureSeries& series : picture.series) {
        for (const PicturePoint& p : series.points) {
            text += csv_row({series.name, exact_number(p.x), exact_number(p.y), p.interval ? exact_number(p.interval->first) : "",
                             p.interval ? exact_number(p.interval->second) : "", p.note});
        }
    }
    return text;
}

}  // namespace moeplan
