#pragma once

#include <QString>

#include "gpu/protocol/protocol.h"

namespace moeplan {

// What a worker said it is, in two lines: device, memory, driver and runtime; families with their number formats.
QString hello_text(const WorkerHello& hello);

}  // namespace moeplan
