#pragma once
// Tells when a file may have been changed by somebody else: written in place, replaced, or made anew.

#include <QDateTime>
#include <QFileSystemWatcher>
#include <QObject>
#include <QString>
#include <QTimer>

namespace moeplan {

class FileWatch : public QObject {
    Q_OBJECT

public:
    explicit FileWatch(QObject* parent = nullptr);
    void watch(const QString& file);   // instead of the last one; empty = none

signals:
    void touched();   // a moment after the last of several changes

private:
    void look();

    QFileSystemWatcher watcher_;
    QTimer settled_;
    QString file_;
    QDateTime last_;
};

}  // namespace moeplan
