#pragma once
// Where calibrations lie: workers used lately, journals, profiles.

#include <QString>
#include <QStringList>

namespace moeplan {

class CalibrationPlaces {
public:
    // `state_folder`: journals and recent workers; empty = the desktop's own place for this program.
    explicit CalibrationPlaces(QString state_folder = {});

    // Probe programs beside this one, then those used lately, newest first; each once. moeplan-probe when there is nothing.
    QStringList workers() const;
    void remember_worker(const QString& worker);   // keeps ten

    // The journal of a worker: one name for one command line.
    QString journal_of(const QString& worker) const;
    // `file`, or the first of "NAME-2", "NAME-3" … that is not there.
    static QString unused(const QString& file);

    // Offered for profiles: profiles/ of MOEPLAN_CATALOG where that is set, otherwise a folder of the program's own.
    static QString profile_folder();
    // FOLDER/DEVICE.json, of a device's name as its driver gives it.
    static QString profile_of(const QString& device);

private:
    QString folder_;
};

}  // namespace moeplan
