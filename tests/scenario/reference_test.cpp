// The reference page shows what really loads.
#include <fstream>
#include <sstream>

#include "core/scenario/scenario.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

std::vector<std::string> yaml_blocks(const std::string& file) {
    std::ifstream in(file);
    std::vector<std::string> blocks;
    std::string line;
    bool inside = false;
    while (std::getline(in, line)) {
        if (line.starts_with("```")) {
            inside = line == "```yaml";
            if (inside) blocks.emplace_back();
        } else if (inside) {
            blocks.back() += line + "\n";
        }
    }
    return blocks;
}

// A block that lists alternatives ("lengths: … / lengths: …") as one study each.
std::vector<std::string> alternatives(const std::string& block) {
    std::vector<std::string> all;
    std::istringstream in(block);
    std::string first_key, line;
    while (std::getline(in, line)) {
        const std::string key = line.substr(0, line.find(':'));
        if (all.empty()) first_key = key;
        if (all.empty() || key == first_key) all.emplace_back();
        all.back() += line + "\n";
    }
    return all;
}

}  // namespace

TEST_CASE("every YAML block of docs/scenario.md loads", "[scenario][docs]") {
    const auto blocks = yaml_blocks(MOEPLAN_SOURCE_DIR "/docs/scenario.md");
    REQUIRE(blocks.size() >= 5);
    int loaded = 0;
    for (const auto& block : blocks) {
        for (std::string text : alternatives(block)) {
            if (text.starts_with("lengths")) text = "workload: {" + text.substr(0, text.find('#')) + "}\n";
            if (text.find("candidates:") == std::string::npos)
                text += "\ncandidates: [{name: a, model: m, gpu: g}]\n";
            const auto scenario = parse_scenario(text, "docs.yaml");
            INFO(text);
            for (const auto& problem : scenario ? Problems{} : scenario.error())
                UNSCOPED_INFO(to_text(problem));
            CHECK(scenario.has_value());
            ++loaded;
        }
    }
    CHECK(loaded >= 10);
}
