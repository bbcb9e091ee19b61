#include "gui/session/file_watch.h"

#include <QFileInfo>

namespace moeplan {
namespace {

constexpr int kSettledMs = 200;

}  // namespace

FileWatch::FileWatch(QObject* parent) : QObject(parent) {
    settled_.setSingleShot(true);
    settled_.setInterval(kSettledMs);
    connect(&settled_, &QTimer::timeout, this, &FileWatch::look);
    for (const auto changed : {&QFileSystemWatcher::fileChanged, &QFileSystemWatcher::directoryChanged})
        connect(&watcher_, changed, &settled_, qOverload<>(&QTimer::start));
}

void FileWatch::watch(const QString& file) {
    if (file == file_) return;
    const QStringList watched = watcher_.files() + watcher_.directories();
    if (!watched.isEmpty()) watcher_.removePaths(watched);
    file_ = file;
    last_ = QFileInfo(file).lastModified();
    if (file.isEmpty()) return;
    watcher_.addPath(file);
    watcher_.addPath(QFileInfo(file).absolutePath());   // a file that is replaced is no longer the one being watched
}

void FileWatch::look() {
    const QFileInfo file(file_);
    if (file.exists() && !watcher_.files().contains(file_)) watcher_.addPath(file_);
    if (file.lastModified() == last_) return;
    last_ = file.lastModified();
    emit touched();
}

}  // namespace moeplan
