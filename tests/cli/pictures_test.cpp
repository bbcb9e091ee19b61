// The pictures of an HTML page, from a program beside this one that need not be there.
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "tests/cli/moeplan.h"

using namespace moeplan::test;

namespace {

// A shell script in moeplan-plot's place; "$1" is the report, "$3" the folder.
std::string program_of(const Scratch& scratch, const std::string& script) {
    const std::string file = scratch.file("a folder's/plot", "#!/bin/sh\n" + script);
    chmod(file.c_str(), 0755);
    return file;
}

Finished page_with(const std::string& plot, std::vector<std::string> words = {}) {
    if (words.empty()) words = {"run", example_study(), "--format", "html"};
    auto start = program(std::move(words));
    start.environment.emplace_back("MOEPLAN_PLOT", plot);
    return run_program(start);
}

const std::string kDraws = R"sh(
[ "$2 $4 $5 $6 $7 $8" = "--out --format svg --look both --no-titles" ] || { echo "called with $*" >&2; exit 2; }
grep -q '"candidates"' "$1" || exit 2
[ -z "$KEPT" ] || { cp "$1" "$KEPT/kept.json"; printf %s "$3" > "$KEPT/where"; }
for look in light dark; do
  echo "<?xml version=\"1.0\"?><svg viewBox=\"0 0 8 4\" xmlns=\"http://www.w3.org/2000/svg\"><path id=\"a\" d=\"M0,0\"/></svg>" > "$3/roofline-$look.svg"
done
echo '[{"id":"roofline","title":"Roofline","meaning":"Left of the knee memory decides.","page":"Step","files":{"light":"roofline-light.svg","dark":"roofline-dark.svg"}},
 {"id":"latency","title":"Latency","meaning":"","page":"Simulation","nothing":"not simulated"}]' > "$3/pictures.json"
echo "some talk on the way" >&2
)sh";

}  // namespace

TEST_CASE("an HTML page holds the pictures of the program beside it", "[cli]") {
    const Scratch scratch;
    const auto plot = program_of(scratch, kDraws);
    const auto result = page_with(plot);
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK_THAT(result.out, ContainsSubstring("aria-label=\"Roofline: Left of the knee memory decides.\"") && ContainsSubstring("id=\"p0d-a\""));
    CHECK(result.out.find("Plain charts") == std::string::npos);
    CHECK(result.out.find("Latency</figcaption>") == std::string::npos);
    CHECK(result.out == page_with(plot).out);
    const auto compared = page_with(plot, {"compare", "mixtral-8x7b", "llama-3-8b", "-g", "h100_sxm", "--no-sweep", "-o", scratch.path("page.html")});
    CHECK(compared.code == 0);
    CHECK_THAT(text_of(scratch.path("page.html")), ContainsSubstring("aria-label=\"Roofline"));
}

TEST_CASE("the program is given the report as JSON", "[cli]") {
    const Scratch scratch;
    auto start = program({"run", example_study(), "--format", "html"});
    start.environment.emplace_back("MOEPLAN_PLOT", program_of(scratch, kDraws));
    start.environment.emplace_back("KEPT", scratch.path().string());
    CHECK(run_program(start).code == 0);
    CHECK(text_of(scratch.path("kept.json")) == run({"run", example_study(), "--format", "json"}).out);
    // In a folder that is gone.
    CHECK_FALSE(std::filesystem::exists(text_of(scratch.path("where"))));
    CHECK_FALSE(text_of(scratch.path("where")).empty());
    CHECK(nlohmann::json::parse(text_of(scratch.path("kept.json"))).at("candidates")[0].at("ops").size() > 10);
}

TEST_CASE("a page without the program has plain charts and says why", "[cli]") {
    const Scratch scratch;
    const auto plain = [&](const std::string& plot) {
        const auto result = page_with(plot);
        CHECK(result.code == 0);
        CHECK(result.err.empty());
        CHECK_THAT(result.out, ContainsSubstring("<svg class=\"chart\""));
        CHECK(result.out.find("class=\"drawing\"") == std::string::npos);
        const auto from = result.out.find("Plain charts: ");
        return from == std::string::npos ? std::string() : result.out.substr(from, result.out.find("</p>", from) - from);
    };
    CHECK(plain("none") == "Plain charts: MOEPLAN_PLOT is none.");
    CHECK_THAT(plain("/no/such/program"), ContainsSubstring("/no/such/program, which is no program here"));
    CHECK(plain(program_of(scratch, "echo 'first'; echo 'no <screen> here' >&2; exit 2")) == "Plain charts: moeplan-plot ended with 2: no &lt;screen&gt; here.");
    CHECK(plain(program_of(scratch, "kill -9 $$")) == "Plain charts: moeplan-plot was ended by signal 9.");
    CHECK_THAT(plain(program_of(scratch, "exit 0")), ContainsSubstring("wrote something else: pictures.json: cannot be read"));
    CHECK_THAT(plain(program_of(scratch, "echo '[{' > \"$3/pictures.json\"")), ContainsSubstring("not valid JSON"));
    CHECK_THAT(plain(program_of(scratch, "echo '[]' > \"$3/pictures.json\"")), ContainsSubstring("nothing to draw"));
}

TEST_CASE("a drawing with a script in it does not reach the page", "[cli]") {
    const Scratch scratch;
    const auto result = page_with(program_of(scratch, kDraws + "echo '<svg viewBox=\"0 0 1 1\"><script>x</script></svg>' > \"$3/roofline-dark.svg\"\n"));
    CHECK(result.code == 0);
    CHECK(result.out.find("<script") == std::string::npos);
    CHECK_THAT(result.out, ContainsSubstring("A picture was left out: Roofline"));
}

TEST_CASE("other formats never ask for pictures", "[cli]") {
    const Scratch scratch;
    const auto plot = program_of(scratch, "touch '" + scratch.path("asked") + "'; exit 2");
    for (const char* format : {"json", "md", "table", "csv"}) CHECK(page_with(plot, {"run", example_study(), "--format", format}).code == 0);
    CHECK_FALSE(std::filesystem::exists(scratch.path("asked")));
}
