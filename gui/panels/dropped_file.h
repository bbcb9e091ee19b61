#pragma once
// Files dragged onto panels.

#include <string>
#include <vector>

#include <QString>

class QMimeData;

namespace moeplan {

// The first local file whose name ends so, whatever its case; empty when none does.
QString dropped_file(const QMimeData& data, const std::vector<std::string>& endings);

}  // namespace moeplan
