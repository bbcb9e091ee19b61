#pragma once
// A picture as a file, without a window.

#include <cstdint>

#include <QByteArray>
#include <QSize>

#include "core/base/result.h"
#include "gui/models/picture.h"

class QPagedPaintDevice;

namespace moeplan {

enum class Look : std::uint8_t { light, dark };

struct PictureFileOptions {
    QSize size{800, 480};       // logical pixels; PDF: points
    double scale = 2;           // device pixels per logical pixel, PNG only
    Look look = Look::light;
    bool title = true;
};

// The bytes of "png", "svg", "pdf" or "csv". Errors: another format (nearest name); a size without room for a picture.
Result<QByteArray> picture_bytes(const Picture& picture, const std::string& format, const PictureFileOptions& options);

}  // namespace moeplan
