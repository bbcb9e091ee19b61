#include "gui/calibration/hello_text.h"

#include <QStringList>

#include "core/report/format.h"
#include "gui/models/text.h"

namespace moeplan {
namespace {

QString formats_of(const WorkerHello& hello) {
    QStringList parts, plain;
    for (const auto& [family, formats] : hello.ops) {
        QStringList names;
        for (const std::string& format : formats) names += text_of(format);
        if (names.isEmpty()) plain += text_of(name_of(family));
        else parts += QString("%1 in %2").arg(text_of(name_of(family)), names.join(", "));
    }
    if (!plain.isEmpty()) parts += plain.join(", ");
    return parts.join(" · ");
}

}  // namespace

QString hello_text(const WorkerHello& hello) {
    QStringList parts{text_of(hello.device)};
    if (hello.devices > 1) parts.front() = QString("%1 × %2").arg(hello.devices).arg(parts.front());
    if (hello.memory_bytes > 0) parts += text_of(format_value(static_cast<double>(hello.memory_bytes), "bytes"));
    if (hello.threads > 0) parts += QString("%1 threads").arg(hello.threads);
    if (hello.core_mhz) parts += QString("%1 MHz").arg(*hello.core_mhz, 0, 'f', 0);
    if (!hello.driver.empty()) parts += "driver " + text_of(hello.driver);
    if (!hello.runtime.empty()) parts += text_of(hello.runtime);
    return parts.join(" · ") + "\n" + formats_of(hello);
}

}  // namespace moeplan
