#include "core/base/write_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include <unistd.h>

#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;
namespace fs = std::filesystem;

namespace {

struct Folder : Scratch {
    long entries() const { return std::distance(fs::directory_iterator(path()), fs::directory_iterator()); }
};

}  // namespace

TEST_CASE("a written file holds exactly the text, and nothing else is left behind", "[base]") {
    const Folder folder;
    std::string text = "line\n\0 zero";
    text.append(3'000'000, 'x');
    CHECK(write_file_atomically(folder.path("a.json"), text).empty());
    CHECK(text_of(folder.path("a.json")) == text);
    CHECK(write_file_atomically(folder.path("a.json"), "new").empty());
    CHECK(text_of(folder.path("a.json")) == "new");
    CHECK(write_file_atomically(folder.path("empty"), "").empty());
    CHECK(fs::file_size(folder.path("empty")) == 0);
    CHECK(folder.entries() == 2);
}

TEST_CASE("a reader never sees half a file", "[base]") {
    const Folder folder;
    const std::string path = folder.path("report.json");
    const std::string a(400'000, 'a'), b(400'000, 'b');
    REQUIRE(write_file_atomically(path, a).empty());
    std::thread writer([&] {
        for (int i = 0; i < 20; ++i) (void)write_file_atomically(path, i % 2 ? a : b);
    });
    int torn = 0;
    for (int i = 0; i < 50; ++i) {
        const std::string seen = text_of(path);
        torn += seen != a && seen != b;
    }
    writer.join();
    CHECK(torn == 0);
}

TEST_CASE("permissions are kept and a symbolic link stays a link", "[base]") {
    const Folder folder;
    REQUIRE(write_file_atomically(folder.path("real"), "old").empty());
    fs::permissions(folder.path("real"),
                    fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
    fs::create_symlink("real", folder.path() / "link");
    CHECK(write_file_atomically(folder.path("link"), "new").empty());
    CHECK(fs::is_symlink(folder.path() / "link"));
    CHECK(text_of(folder.path("real")) == "new");
    CHECK(fs::status(folder.path("real")).permissions() ==
          (fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read));
}

TEST_CASE("what cannot be written is one problem with the path and the reason", "[base]") {
    const Folder folder;
    const auto missing = write_file_atomically(folder.path("no/such/folder/a.json"), "x");
    REQUIRE(missing.size() == 1);
    CHECK_THAT(to_text(missing[0]),
               ContainsSubstring("a.json") && ContainsSubstring("No such file or directory"));
    const auto is_folder = write_file_atomically(folder.path().string(), "x");
    REQUIRE(is_folder.size() == 1);
    CHECK_THAT(to_text(is_folder[0]), ContainsSubstring("Is a directory"));
    CHECK(write_file_atomically("", "x").size() == 1);
    CHECK(folder.entries() == 0);
}

TEST_CASE("a device is written through, and a full one says so", "[base]") {
    CHECK(write_file_atomically("/dev/null", "x").empty());
    CHECK(fs::is_character_file("/dev/null"));
    if (fs::is_character_file("/dev/full")) {
        const auto full = write_file_atomically("/dev/full", "x");
        REQUIRE(full.size() == 1);
        CHECK_THAT(to_text(full[0]), ContainsSubstring("No space left"));
    }
}
