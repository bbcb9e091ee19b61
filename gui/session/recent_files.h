#pragma once
// The studies opened last, kept in a file that is whole or not there.

#include <QString>
#include <QStringList>

namespace moeplan {

constexpr int kMostRecentFiles = 10;

// Newest first; empty when there is no list, or none that can be read.
QStringList read_recent_files(const QString& list);
// `file` comes first. What another window has added meanwhile stays. False when it cannot be written.
bool add_recent_file(const QString& list, const QString& file);
// Those that exist.
QStringList existing_files(const QStringList& files);

}  // namespace moeplan
