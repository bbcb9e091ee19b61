#include "gui/calibration/calibration_places.h"

#include <QDir>
#include <QFileInfo>
#include <QSaveFile>
#include <QStandardPaths>

#include "gpu/calibrator/usual_run.h"
#include "gui/models/text.h"

namespace moeplan {
namespace {

constexpr qsizetype kMostWorkers = 10;
constexpr qsizetype kLongestName = 60;

// Letters and digits, joined by single dashes: a file's name out of any text.
QString plain_name(const QString& text) {
    QString name;
    for (const QChar c : text) {
        if (c.isLetterOrNumber()) name += c.toLower();
        else if (!name.isEmpty() && !name.endsWith(u'-')) name += u'-';
    }
    while (name.endsWith(u'-')) name.chop(1);
    name = name.left(kLongestName);
    while (name.endsWith(u'-')) name.chop(1);
    return name;
}

}  // namespace

CalibrationPlaces::CalibrationPlaces(QString state_folder) : folder_(std::move(state_folder)) {
    if (folder_.isEmpty()) folder_ = QStandardPaths::writableLocation(QStandardPaths::AppLocalDataLocation);
    folder_ += "/calibration";
}

QStringList CalibrationPlaces::workers() const {
    QStringList all;
    for (const std::string& worker : workers_beside_program()) all += text_of(worker);
    if (all.isEmpty()) all += text_of(default_worker());
    QFile file(folder_ + "/recent-workers");
    if (file.open(QIODevice::ReadOnly)) all += QString::fromUtf8(file.read(1 << 16)).split(u'\n', Qt::SkipEmptyParts);
    all.removeDuplicates();
    return all;
}

void CalibrationPlaces::remember_worker(const QString& worker) {
    if (worker.contains(u'\n')) return;
    QStringList recent{worker};
    QFile before(folder_ + "/recent-workers");
    if (before.open(QIODevice::ReadOnly)) recent += QString::fromUtf8(before.read(1 << 16)).split(u'\n', Qt::SkipEmptyParts);
    recent.removeDuplicates();
    QDir().mkpath(folder_);
    QSaveFile file(folder_ + "/recent-workers");
    if (!file.open(QIODevice::WriteOnly)) return;   // a list of conveniences: nothing is lost without it
    file.write(recent.mid(0, kMostWorkers).join(u'\n').toUtf8() + '\n');
    file.commit();
}

QString CalibrationPlaces::journal_of(const QString& worker) const {
    // Of the path to a program only its name tells one from another.
    QString command = worker.trimmed();
    const bool quoted = command.startsWith(u'\'');
    const qsizetype from = quoted ? 1 : 0;
    const qsizetype end = command.indexOf(quoted ? u'\'' : u' ', from);
    const QString program = command.mid(from, end < 0 ? -1 : end - from);
    command = QFileInfo(program).fileName() + (end < 0 ? QString() : command.mid(end));
    const QString name = plain_name(command);
    return QString("%1/%2.journal.jsonl").arg(folder_, name.isEmpty() ? QStringLiteral("worker") : name);
}

QString CalibrationPlaces::unused(const QString& file) {
    if (!QFileInfo::exists(file)) return file;
    const QFileInfo info(file);
    for (int i = 2;; ++i) {
        const QString next = QString("%1/%2-%3.%4").arg(info.path(), info.baseName()).arg(i).arg(info.completeSuffix());
        if (!QFileInfo::exists(next)) return next;
    }
}

QString CalibrationPlaces::profile_folder() {
    const QString catalog = qEnvironmentVariable("MOEPLAN_CATALOG");
    if (!catalog.isEmpty()) return catalog + "/profiles";
    return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + "/profiles";
}

QString CalibrationPlaces::profile_of(const QString& device) {
    const QString name = plain_name(device);
    return QString("%1/%2.json").arg(profile_folder(), name.isEmpty() ? QStringLiteral("profile") : name);
}

}  // namespace moeplan
