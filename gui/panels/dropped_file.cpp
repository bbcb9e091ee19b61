#include "gui/panels/dropped_file.h"

#include <algorithm>

#include <QMimeData>
#include <QUrl>

#include "gui/models/text.h"

namespace moeplan {

QString dropped_file(const QMimeData& data, const std::vector<std::string>& endings) {
    for (const QUrl& url : data.urls()) {
        const QString file = url.toLocalFile();
        if (std::ranges::any_of(endings, [&](const std::string& ending) { return file.endsWith(text_of(ending), Qt::CaseInsensitive); }))
            return file;
    }
    return {};
}

}  // namespace moeplan
