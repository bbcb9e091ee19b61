#pragma once
// Where the studies and claims lie that come with the program.

#include <QCoreApplication>
#include <QDir>
#include <QString>

namespace moeplan {

// The folder that holds scenarios/studies and scenarios/claims: MOEPLAN_DATA where that is set, ../share/moeplan of an
// installed program, else the nearest folder above a program that was built. Empty when there is none.
inline QString data_folder() {
    const auto holds = [](const QString& folder) { return QDir(folder + "/scenarios/studies").exists(); };
    const QString told = qEnvironmentVariable("MOEPLAN_DATA");
    if (!told.isEmpty()) return holds(told) ? QDir(told).absolutePath() : QString();
    const QString here = QCoreApplication::applicationDirPath();
    const QString installed = QDir::cleanPath(here + "/../share/moeplan");
    if (holds(installed)) return installed;
    QDir folder(here);
    do {
        if (holds(folder.absolutePath())) return folder.absolutePath();
    } while (folder.cdUp());
    return {};
}

}  // namespace moeplan
