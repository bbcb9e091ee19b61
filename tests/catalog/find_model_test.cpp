#include <filesystem>
#include <fstream>

#include "core/catalog/catalog.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;
namespace fs = std::filesystem;

namespace {

const std::string kConfig =
    R"({"model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
 "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 100, "max_position_embeddings": 256,
 "tie_word_embeddings": false, "torch_dtype": "bfloat16", "hidden_act": "silu", "rms_norm_eps": 1e-5})";

Catalog small_catalog() {
    CatalogData data;
    ModelEntry entry;
    entry.id = "org/Tiny-Llama-64";
    entry.aliases = {"tiny"};
    entry.config_json = kConfig;
    entry.source = "made for this test";
    data.models.push_back(entry);
    data.undisclosed.push_back({"gpt-4*", "OpenAI has not published its sizes"});
    return Catalog(std::move(data));
}

std::string problem_of(const std::string& name) {
    const auto model = find_model(small_catalog(), name);
    REQUIRE_FALSE(model.has_value());
    REQUIRE(model.error().size() == 1);
    return to_text(model.error().front());
}

}  // namespace

TEST_CASE("A model is found by id and alias whatever the case") {
    for (const char* name : {"org/Tiny-Llama-64", "ORG/tiny-llama-64", "Tiny"}) {
        INFO(name);
        const auto model = find_model(small_catalog(), name);
        REQUIRE(model.has_value());
        CHECK(model->id == "org/Tiny-Llama-64");
        CHECK(model->hidden == 64);
        CHECK(model->source == "made for this test");
    }
}

TEST_CASE("A model is found by its config.json or folder, relative to the study that names it") {
    const Scratch scratch;
    const fs::path& folder = scratch.path();
    scratch.file("model/config.json", kConfig);
    for (const char* name : {"model/config.json", "model"}) {
        INFO(name);
        const auto model = find_model(small_catalog(), name, (folder / "study.yaml").string());
        REQUIRE(model.has_value());
        CHECK(model->layer_count() == 2);
    }
    CHECK(find_model(small_catalog(), (folder / "model").string()).has_value());
    const auto empty = find_model(small_catalog(), folder.string());
    REQUIRE_FALSE(empty.has_value());
    CHECK_THAT(to_text(empty.error().front()), ContainsSubstring("this folder has no config.json"));
}

TEST_CASE("A closed model says that its sizes are not public") {
    CHECK_THAT(problem_of("gpt-4o"), ContainsSubstring("OpenAI has not published its sizes"));
    CHECK_THAT(problem_of("openai/GPT-4"), ContainsSubstring("nothing can be computed"));
}

TEST_CASE("An unknown name suggests the nearest, a missing file says so") {
    CHECK_THAT(problem_of("tiny-lama-64"), ContainsSubstring("did you mean 'Tiny-Llama-64'?"));
    CHECK_THAT(problem_of("zzzzzzzz"), ContainsSubstring("neither a model of the catalog nor a path"));
    CHECK_THAT(problem_of("nowhere/config.json"), ContainsSubstring("'nowhere/config.json' is not there"));
    CHECK_THAT(problem_of("nowhere.gguf"), ContainsSubstring("is not there"));
    CHECK_THAT(problem_of(""), ContainsSubstring("a model is missing"));
}
