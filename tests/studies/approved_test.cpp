// Every number of every starter study against an approved output, so that a change that moves one is seen.
#include <cstdlib>

#include "core/base/write_file.h"
#include "tests/studies/studies.h"
#include "tests/studies/summary.h"
#include "tests/support/catch.h"

using namespace moeplan;
using namespace moeplan::testing;

namespace {

const std::filesystem::path kFolder = MOEPLAN_SOURCE_DIR "/tests/studies/approved";

std::filesystem::path approved_file(const std::filesystem::path& study) {
    return kFolder / (study.stem().string() + ".txt");
}

bool approving() {
    const char* set = std::getenv("MOEPLAN_APPROVE");
    return set && std::string(set) == "1";
}

}  // namespace

TEST_CASE("studies give the approved numbers") {
    REQUIRE_FALSE(studies().empty());
    for (const auto& study : studies()) {
        DYNAMIC_SECTION(study.filename().string()) {
            const auto& answer = answer_of(study);
            INFO((answer ? std::string() : problems_text(answer.error())));
            REQUIRE(answer);
            const std::string now = summary(answer->report);
            if (approving()) REQUIRE(write_file_atomically(approved_file(study).string(), now).empty());
            const std::string approved = read_text(approved_file(study));
            INFO(
                "If the new numbers are right, approve them: MOEPLAN_APPROVE=1 bin/test_studies, then review the diff "
                "and commit it.\n"
                << differing_lines(approved, now));
            CHECK((approved == now));
        }
    }
}

TEST_CASE("every approved output belongs to a study") {
    std::vector<std::string> names;
    for (const auto& study : studies()) names.push_back(study.stem().string());
    for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
        INFO(entry.path().string());
        CHECK(std::count(names.begin(), names.end(), entry.path().stem().string()) == 1);
    }
}

TEST_CASE("every study says for whom it is") {
    for (const auto& study : studies()) {
        INFO(study.string());
        CHECK(read_text(study).rfind("# For ", 0) == 0);
    }
}
