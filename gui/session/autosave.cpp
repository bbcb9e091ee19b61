#include "gui/session/autosave.h"

#include <utility>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QUuid>

#include "core/base/write_file.h"

namespace moeplan {
namespace {

constexpr const char* kPattern = "unsaved-*.json";

QString lock_of(const QString& path) { return path + QStringLiteral(".lock"); }

// No time makes a lock stale: only that its program is gone does.
std::unique_ptr<QLockFile> lock_for(const QString& path) {
    auto lock = std::make_unique<QLockFile>(lock_of(path));
    lock->setStaleLockTime(0);
    return lock;
}

std::optional<Unsaved> read(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) return std::nullopt;
    const QJsonObject object = QJsonDocument::fromJson(file.readAll()).object();
    if (!object.contains(QStringLiteral("yaml"))) return std::nullopt;
    return Unsaved{object["yaml"].toString(), object["file"].toString(), object["anchor"].toString()};
}

}  // namespace

Autosave::Autosave(const QString& folder)
    : folder_(folder), path_(QDir(folder).filePath("unsaved-" + QUuid::createUuid().toString(QUuid::WithoutBraces) + ".json")) {}

Autosave::~Autosave() {
    if (!keep_) remove();
}

bool Autosave::lock_own() {
    if (lock_) return true;
    if (!QDir().mkpath(folder_)) return false;
    auto lock = lock_for(path_);
    if (!lock->tryLock()) return false;
    lock_ = std::move(lock);
    return true;
}

bool Autosave::write(const Unsaved& unsaved) {
    if (!lock_own()) return false;
    const QJsonObject object{{"yaml", unsaved.yaml}, {"file", unsaved.file}, {"anchor", unsaved.anchor}};
    return write_file_atomically(path_.toStdString(), QJsonDocument(object).toJson().toStdString()).empty();
}

void Autosave::remove() {
    if (!lock_) return;
    QFile::remove(path_);
    lock_.reset();   // after the file: nobody finds it unlocked
}

void Autosave::keep() { keep_ = true; }

void Autosave::look_for_left_behind() {
    for (const QFileInfo& found : QDir(folder_).entryInfoList({kPattern}, QDir::Files, QDir::Time)) {
        const QString path = found.filePath();
        if (path == path_) continue;
        auto lock = lock_for(path);
        if (!lock->tryLock()) continue;
        if (auto unsaved = read(path)) left_.push_back({path, std::move(*unsaved), std::move(lock)});
    }
}

std::optional<Unsaved> Autosave::left_behind() const {
    if (left_.empty()) return std::nullopt;
    return left_.front().unsaved;
}

void Autosave::remove_left_behind() {
    if (left_.empty()) return;
    QFile::remove(left_.front().path);
    left_.erase(left_.begin());
}

}  // namespace moeplan
