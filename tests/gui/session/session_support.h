#pragma once
// What tests of the session share.

#include <filesystem>
#include <string>
#include <vector>

#include <QSignalSpy>
#include <QTest>

#include "core/catalog/catalog.h"
#include "gui/session/session.h"
#include "tests/support/scratch.h"

namespace moeplan {

constexpr int kAnswerWithin = 60'000;   // milliseconds; a slow machine under a sanitizer is no failure

inline QString path_in(const Scratch& folder, const char* name) { return QString::fromStdString(folder.path(name)); }

inline void set_users(Scenario& s, double users) { s.workload.load = ClosedLoop{users}; }
inline double users_of(const Scenario& s) { return std::get<ClosedLoop>(s.workload.load).concurrency; }

inline std::vector<std::string> studies() {
    std::vector<std::string> files;
    for (const char* folder : {"/scenarios/studies", "/scenarios/claims"}) {
        for (const auto& entry : std::filesystem::directory_iterator(std::string(MOEPLAN_SOURCE_DIR) + folder)) {
            if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
        }
    }
    return files;
}

inline std::string study(const char* name) { return std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/studies/" + name + ".yaml"; }

}  // namespace moeplan
