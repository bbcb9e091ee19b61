// What cmake --install and cpack put where, and that it works from there.

#include <algorithm>
#include <filesystem>

#include "tests/cli/moeplan.h"

using namespace moeplan::test;

namespace {

namespace fs = std::filesystem;

Finished start(std::vector<std::string> words, std::vector<std::pair<std::string, std::string>> environment = {}) {
    Started started;
    started.words = std::move(words);
    started.environment = std::move(environment);
    started.environment.emplace_back("MOEPLAN_CATALOG", "");
    return run_program(started);
}

bool built(const std::string& program) { return fs::exists(std::string(MOEPLAN_BINARY_DIR) + "/bin/" + program); }

bool window_built() {
    if (built("moeplan-gui")) return true;
    WARN("not tried: the desktop program was not built");
    return false;
}

// Installed once for all tests of a run of this program.
const fs::path& prefix() {
    static const Scratch scratch;
    static const fs::path place = [] {
        const fs::path to = scratch.path() / "usr";
        const Finished done = start({MOEPLAN_CMAKE, "--install", MOEPLAN_BINARY_DIR, "--prefix", to.string()});
        INFO(done.out << done.err);
        REQUIRE(done.code == 0);
        return to;
    }();
    return place;
}

std::string installed(const std::string& file) { return (prefix() / file).string(); }

bool found(const char* program) { return std::system((std::string("command -v ") + program + " >/dev/null 2>&1").c_str()) == 0; }

std::string shell(const std::string& command) { return start({"/bin/sh", "-c", command}).out; }

// The packages of this build, made once.
const fs::path& packages() {
    static const Scratch scratch;
    static const fs::path place = [] {
        const fs::path to = scratch.path() / "packages";
        const Finished done = start({MOEPLAN_CPACK, "--config", std::string(MOEPLAN_BINARY_DIR) + "/CPackConfig.cmake", "-B", to.string()});
        INFO(done.out << done.err);
        REQUIRE(done.code == 0);
        return to;
    }();
    return place;
}

std::string package(const std::string& name) {
    for (const auto& entry : fs::directory_iterator(packages())) {
        if (entry.path().filename().string().starts_with(name + "_") && entry.path().extension() == ".deb") return entry.path().string();
    }
    return {};
}

bool can_package() {
    if (std::string(MOEPLAN_SANITIZERS).empty() && found("dpkg-deb") && found("dpkg-shlibdeps") && found("file")) return true;
    WARN("not tried: packages need dpkg-deb, dpkg-shlibdeps and file, and a build without sanitizers");
    return false;
}

}  // namespace

TEST_CASE("the installed program answers every installed study", "[install]") {
    std::size_t studies = 0;
    for (const auto& entry : fs::directory_iterator(installed("share/moeplan/scenarios/studies"))) {
        if (entry.path().filename().string().starts_with("simulate-")) continue;   // they take longer; below one of them
        ++studies;
        const Finished done = start({installed("bin/moeplan"), "run", entry.path().string()});
        INFO(entry.path() << "\n" << done.err);
        CHECK(done.code == 0);
    }
    CHECK(studies >= 10);
    const std::string simulated = installed("share/moeplan/scenarios/studies/simulate-recorded-trace.yaml");
    const Finished done = start({installed("bin/moeplan"), "run", simulated});
    INFO(done.err);
    CHECK(done.code == 0);
}

TEST_CASE("the installed program calibrates with the probe installed beside it", "[install]") {
    const Scratch scratch;
    const Finished done =
        start({installed("bin/moeplan"), "calibrate", "--probes", "2", "--journal", scratch.path("j"), "-o", scratch.path("p.json")});
    INFO(done.out << done.err);
    CHECK_THAT(text_of(scratch.path("j")), ContainsSubstring(installed("bin/moeplan-probe")));
}

TEST_CASE("documents, licences, manual pages and completion lie where they are looked for", "[install]") {
    for (const char* file : {"share/doc/moeplan/README.md", "share/doc/moeplan/docs/scenario.md", "share/doc/moeplan/LICENSE",
                             "share/doc/moeplan/NOTICE", "share/doc/moeplan/copyright", "share/bash-completion/completions/moeplan",
                             "share/fish/vendor_completions.d/moeplan.fish",
                             "share/moeplan/scenarios/claims/01-mixtral-parameter-counts.yaml",
                             "share/moeplan/scenarios/routing/mixtral_8x7b.json"}) {
        INFO(file);
        CHECK(fs::file_size(installed(file)) > 100);
    }
    for (const char* page : {"moeplan.1", "moeplan-probe.1"}) {
        const std::string file = installed(std::string("share/man/man1/") + page);
        CHECK((fs::exists(file) || fs::exists(file + ".gz")));
    }
    CHECK_THAT(text_of(installed("share/doc/moeplan/copyright")), ContainsSubstring("License: Apache-2.0"));
}

TEST_CASE("the window starts from where it was installed", "[install]") {
    if (!window_built()) return;
    const Scratch scratch;
    const std::string study = installed("share/moeplan/scenarios/studies/mixtral-vs-llama70b.yaml");
    const Finished done =
        start({installed("bin/moeplan-gui"), study, "--screenshot", scratch.path("window.png")},
              {{"QT_QPA_PLATFORM", "offscreen"}, {"HOME", scratch.path("home")}, {"XDG_DATA_HOME", scratch.path("data")}});
    INFO(done.out << done.err);
    CHECK(done.code == 0);
    CHECK(text_of(scratch.path("window.png")).starts_with("\x89PNG"));
    CHECK_THAT(text_of(installed("share/doc/moeplan-gui/copyright")), ContainsSubstring("GPL-3.0"));
    CHECK(fs::exists(installed("share/icons/hicolor/scalable/apps/moeplan-gui.svg")));
}

TEST_CASE("the desktop's files are as the desktop wants them", "[install]") {
    if (!window_built()) return;
    const auto checked = [](const char* by, const std::vector<std::string>& words) {
        if (!found(by)) {
            WARN("not checked: " << by << " is not installed");
            return;
        }
        std::string command = by;
        for (const std::string& word : words) command += " '" + word + "'";
        const Finished done = start({"/bin/sh", "-c", command});
        INFO(command << "\n" << done.out << done.err);
        CHECK(done.code == 0);
        CHECK_THAT(done.out + done.err, !ContainsSubstring("warning"));
    };
    checked("desktop-file-validate", {installed("share/applications/moeplan-gui.desktop")});
    checked("appstreamcli", {"validate", "--no-net", installed("share/metainfo/moeplan-gui.metainfo.xml")});
    checked("xmllint", {"--noout", installed("share/mime/packages/moeplan-study.xml")});
    const std::string desktop = text_of(installed("share/applications/moeplan-gui.desktop"));
    CHECK_THAT(desktop, ContainsSubstring("application/x-moeplan-study"));
    CHECK_THAT(text_of(installed("share/mime/packages/moeplan-study.xml")), ContainsSubstring("application/x-moeplan-study"));
}

TEST_CASE("each package holds its files and depends on what its programs load", "[install]") {
    if (!can_package()) return;
    const std::string moeplan = package("moeplan");
    REQUIRE_FALSE(moeplan.empty());
    const std::string contents = shell("dpkg-deb --contents " + moeplan);
    for (const char* file : {"./usr/bin/moeplan\n", "./usr/bin/moeplan-probe\n", 
                             "./usr/share/moeplan/scenarios/studies/mixtral-vs-llama70b.yaml\n",
                             "./usr/share/doc/moeplan/copyright\n", "./usr/share/man/man1/moeplan.1"})
        CHECK_THAT(contents, ContainsSubstring(file));
    CHECK_THAT(contents, !ContainsSubstring("moeplan-gui") && !ContainsSubstring("libmoeplan_mpi"));
    const std::string info = shell("dpkg-deb --field " + moeplan + " Depends Section Maintainer Version");
    CHECK_THAT(info, ContainsSubstring("libyaml-cpp") && ContainsSubstring("libtbb") && ContainsSubstring("Section: science"));
    CHECK_THAT(info, !ContainsSubstring("libqt6") && !ContainsSubstring("libopenmpi"));
    if (!window_built()) return;
    const std::string gui = package("moeplan-gui");
    REQUIRE_FALSE(gui.empty());
    const std::string inside = shell("dpkg-deb --contents " + gui);
    for (const char* file : {"./usr/bin/moeplan-gui\n", "./usr/bin/moeplan-plot\n", "./usr/share/applications/moeplan-gui.desktop\n",
                             "./usr/share/metainfo/moeplan-gui.metainfo.xml\n", "./usr/share/mime/packages/moeplan-study.xml\n"})
        CHECK_THAT(inside, ContainsSubstring(file));
    CHECK_THAT(inside, !ContainsSubstring("./usr/bin/moeplan\n") && !ContainsSubstring("scenarios"));
    const std::string depends = shell("dpkg-deb --field " + gui + " Depends");
    CHECK_THAT(depends, ContainsSubstring("moeplan (=") && ContainsSubstring("qcustomplot") && ContainsSubstring("libqt6widgets6"));
}
