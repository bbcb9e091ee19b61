#include "gui/plots/picture_file.h"

namespace moeplan {

Result<QByteArray> picture_bytes(const Picture& picture, const std::string& format, const PictureFileOptions&) {
    if (format == "csv") return QByteArray::fromStdString(picture_csv(picture));
    return fail(Problem{{}, {}, "'" + format + "' is not a format of pictures", {}});
}

}  // namespace moeplan
