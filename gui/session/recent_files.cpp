#include "gui/session/recent_files.h"

#include <algorithm>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>

#include "core/base/write_file.h"

namespace moeplan {

QStringList read_recent_files(const QString& list) {
    QFile file(list);
    if (!file.open(QIODevice::ReadOnly)) return {};
    QStringList files;
    for (const QJsonValue& value : QJsonDocument::fromJson(file.readAll()).array()) {
        if (value.isString() && files.size() < kMostRecentFiles) files << value.toString();
    }
    return files;
}

bool add_recent_file(const QString& list, const QString& file) {
    QStringList files = read_recent_files(list);
    files.removeAll(file);
    files.prepend(file);
    while (files.size() > kMostRecentFiles) files.removeLast();
    if (!QDir().mkpath(QFileInfo(list).path())) return false;
    const QByteArray text = QJsonDocument(QJsonArray::fromStringList(files)).toJson();
    return write_file_atomically(list.toStdString(), text.toStdString()).empty();
}

QStringList existing_files(const QStringList& files) {
    QStringList existing;
    std::ranges::copy_if(files, std::back_inserter(existing), [](const QString& f) { return QFileInfo(f).isFile(); });
    return existing;
}

}  // namespace moeplan
