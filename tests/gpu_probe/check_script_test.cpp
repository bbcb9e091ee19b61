// gpu/cuda/check.sh with programs that are not there: what it calls, with which words, and that it runs twice.

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/catch.h"

namespace {

namespace fs = std::filesystem;

// A folder whose name has to be quoted, with programs that write down how they were called.
class Scene {
public:
    Scene() : folder_(fs::path(MOEPLAN_BINARY_DIR) / ("it's a check " + std::to_string(getpid()))) {
        fs::create_directories(folder_ / "build" / "bin");
        fs::create_directories(folder_ / "programs");
        program("programs/cmake", R"(case "$*" in *--build*) exit 0;; esac; exit ${CONFIGURE:-0})");
        program("build/bin/moeplan-probe-cuda", "");
        // As the calibrator: the worker is a command line for the shell, and a journal that is there is not written over.
        program("build/bin/moeplan", R"([ "$2" = --worker ] || exit 9
/bin/sh -c "$3 --asked" || exit 8
while [ $# -gt 0 ]; do if [ "$1" = -o ]; then profile=$2; fi; shift; done
journal="${profile%.json}.journal.jsonl"
[ -e "$journal" ] && exit 2
echo header >"$journal")");
    }
    ~Scene() { fs::remove_all(folder_); }
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;

    int check(const std::string& environment = "") const {
        const std::string command = "cd '" + std::string(MOEPLAN_BINARY_DIR) + "' && FOLDER=\"" + folder_.string() + "\" && export FOLDER && " + environment +
                                    " PATH=\"$FOLDER/programs:$PATH\" sh '" MOEPLAN_SOURCE_DIR "/gpu/cuda/check.sh' \"$FOLDER/build\" 3 10s >\"$FOLDER/out\" 2>\"$FOLDER/err\"";
        const int status = std::system(command.c_str());
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    std::string read(const std::string& name) const {
        std::ifstream in(folder_ / name);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    bool has(const std::string& name) const { return fs::exists(folder_ / name); }

private:
    void program(const std::string& name, const std::string& body) const {
        std::ofstream(folder_ / name) << "#!/bin/sh\necho \"$(basename \"$0\") $*\" >>\"$FOLDER/called\"\n" << body << "\n";
        REQUIRE(chmod((folder_ / name).c_str(), 0755) == 0);
    }
    fs::path folder_;
};

}  // namespace

TEST_CASE("the check runs as often as one likes, from a folder with blanks and quotes") {
    const Scene scene;
    for (int time = 0; time < 3; ++time) {
        CAPTURE(time);
        const int code = scene.check();
        CAPTURE(scene.read("out"), scene.read("err"), scene.read("called"));
        CHECK(code == 0);
    }
    CHECK(scene.has("build/profile.journal.jsonl"));
    CHECK(scene.has("build/profile.journal.jsonl.previous"));
    const std::string called = scene.read("called");
    CHECK_THAT(called, ContainsSubstring("moeplan-probe-cuda --device 3 --self-test"));
    CHECK_THAT(called, ContainsSubstring("moeplan-probe-cuda --device 3 --asked"));
    CHECK_THAT(called, ContainsSubstring("--budget 10s"));
    CHECK(called.find("--parallel --target") == std::string::npos);
}

TEST_CASE("a check that cannot be configured says what to do") {
    const Scene scene;
    CHECK(scene.check("CONFIGURE=1") == 4);
    CHECK_THAT(scene.read("err"), ContainsSubstring("could not be configured"));
    CHECK(scene.read("called").find("--build") == std::string::npos);
}
