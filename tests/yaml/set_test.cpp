#include "core/yaml/reader.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

constexpr const char* kStudy = "name: study\n"
                               "nothing:\n"
                               "candidates:\n"
                               "  - {name: mixtral, count: 2, layout: {tp: 2}}\n"
                               "  - {name: llama, count: 2}\n";

struct Studied {
    YamlFile file = *YamlFile::parse(kStudy, "study.yaml");
    std::string set(const std::string& assignment) {
        const auto problems = file.set(assignment);
        return problems.empty() ? "" : to_text(problems[0]);
    }
};

}  // namespace

TEST_CASE("a --set replaces values by index, by name, and adds keys", "[yaml][set]") {
    Studied study;
    CHECK(study.set("candidates[0].count=4").empty());
    CHECK(study.set("candidates.llama.count=8").empty());
    CHECK(study.set("candidates.mixtral.layout.ep=2").empty());
    CHECK(study.set("workload.load={concurrency: 16}").empty());
    CHECK(study.set("nothing.inside=5").empty());
    CHECK(study.set("name=a = b").empty());
    const auto root = study.file.root();
    CHECK(root["candidates"].at(0)["count"].integer(1) == 4);
    CHECK(root["candidates"].at(1)["count"].integer(1) == 8);
    CHECK(root["candidates"].at(0)["layout"]["ep"].integer(1) == 2);
    CHECK(root["candidates"].at(0)["layout"]["tp"].integer(1) == 2);
    CHECK(root["workload"]["load"]["concurrency"].integer(1) == 16);
    CHECK(root["nothing"]["inside"].integer(1) == 5);
    CHECK(root["name"].text() == "a = b");
    CHECK(study.file.problems().empty());
}

TEST_CASE("a wrong value given with --set is blamed on --set", "[yaml][set]") {
    Studied study;
    CHECK(study.set("candidates[0].count=many").empty());
    CHECK_FALSE(study.file.root()["candidates"].at(0)["count"].integer(1));
    CHECK(to_text(study.file.problems()[0]) ==
          "--set: candidates[0].count: expected a whole number of at least 1, found the text 'many'");
}

TEST_CASE("an unknown key made by --set is caught like any other", "[yaml][set]") {
    Studied study;
    CHECK(study.set("nmae=x").empty());
    const auto root = study.file.root();
    for (const char* key : {"name", "nothing", "candidates"}) (void)root[key];
    root.reject_unknown_keys();
    CHECK(to_text(study.file.problems()[0]) == "--set: nmae: unknown key 'nmae'; did you mean 'name'?");
}

TEST_CASE("a --set to a bad path or value says what is wrong", "[yaml][set]") {
    Studied study;
    CHECK_THAT(study.set("count"), ContainsSubstring("has no '='"));
    CHECK_THAT(study.set("=4"), ContainsSubstring("is not a path"));
    CHECK_THAT(study.set("a..b=4"), ContainsSubstring("is not a path"));
    CHECK_THAT(study.set("a.=4"), ContainsSubstring("is not a path"));
    CHECK_THAT(study.set("candidates[x].count=4"), ContainsSubstring("is not a path"));
    CHECK_THAT(study.set("candidates[-1].count=4"), ContainsSubstring("is not a path"));
    CHECK_THAT(study.set("candidates[0=4"), ContainsSubstring("is not a path"));
    CHECK_THAT(study.set("candidates[5].count=4"),
               ContainsSubstring("there is no element [5]; the list has 2"));
    CHECK_THAT(study.set("candidates.mixtrl.count=4"), ContainsSubstring("did you mean 'mixtral'?"));
    CHECK_THAT(study.set("name.x=4"), ContainsSubstring("is a single value"));
    CHECK_THAT(study.set("name[0]=4"), ContainsSubstring("needs a list"));
    CHECK_THAT(study.set("name="), ContainsSubstring("the value is empty"));
    CHECK_THAT(study.set("name=[1,"), ContainsSubstring("--set: name: not valid YAML"));
    CHECK_THAT(study.set("name=" + std::string(100'000, '[')), ContainsSubstring("nested more than"));
}
