// Configs that are wrong: one clear message per problem, all at once, never a crash.

#include "tests/model/support.h"

namespace moeplan {
namespace {

nlohmann::json llama() { return catalog_config("meta-llama--Meta-Llama-3-8B"); }

}  // namespace

TEST_CASE("a wrong type names key, line, what was found and what was expected") {
    const auto problems = problems_of("{\n  \"model_type\": \"llama\",\n  \"hidden_size\": \"4096\"\n}");
    CHECK_THAT(to_text(problems.front()),
               ContainsSubstring("config.json:3") && ContainsSubstring("hidden_size") &&
                   ContainsSubstring("the text \"4096\"") && ContainsSubstring("expected a whole number"));
}

TEST_CASE("all problems are reported at once") {
    auto config = llama();
    config["hidden_size"] = -1;
    config["num_hidden_layers"] = 0;
    config["vocab_size"] = 1.5;
    config.erase("intermediate_size");
    const auto text = refusal(config);
    for (const auto* key : {"hidden_size", "num_hidden_layers", "vocab_size"})
        CHECK_THAT(text, ContainsSubstring(key));
    config = llama();
    config.erase("intermediate_size");
    config.erase("num_attention_heads");
    const auto missing = refusal(config);
    CHECK_THAT(missing, ContainsSubstring("intermediate_size") && ContainsSubstring("num_attention_heads"));
    CHECK_THAT(missing, ContainsSubstring("is missing"));
}

TEST_CASE("numbers out of all proportion are refused") {
    for (const auto* value : {"0", "-5", "1e300", "9223372036854775807", "99999999999999999999", "1.5", "NaN",
                              "Infinity", "-Infinity", "true", "[]", "{}", "null", "\"\"", "1e999"}) {
        auto text = llama().dump();
        const std::string from = "\"hidden_size\":4096";
        text.replace(text.find(from), from.size(), std::string("\"hidden_size\":") + value);
        INFO(value);
        const auto problems = to_text(problems_of(text));
        if (std::string(value) != "1e999") CHECK_THAT(problems, ContainsSubstring("hidden_size"));
    }
}

TEST_CASE("Infinity where no size is meant does no harm") {
    auto text = llama().dump();
    text.insert(1, "\"time_step_limit\": [0.0, Infinity], \"x_eps\": NaN,");
    CHECK(import_config_json(text, "config.json"));
}

TEST_CASE("what is not JSON is told with its line") {
    CHECK_THAT(to_text(problems_of("{\n\"a\": 1,\n\"b\": }\n")), ContainsSubstring("config.json:3"));
    CHECK_THAT(to_text(problems_of("")), ContainsSubstring("empty"));
    CHECK_THAT(to_text(problems_of("  \n ")), ContainsSubstring("empty"));
    CHECK_THAT(to_text(problems_of("[1, 2]")), ContainsSubstring("expected an object"));
    CHECK_THAT(to_text(problems_of("<html>")), ContainsSubstring("not JSON"));
    CHECK_THAT(to_text(problems_of("{\"a\": \"\\")), ContainsSubstring("not JSON"));
    CHECK_THAT(to_text(problems_of(std::string("{\"a\":\0}", 7))), ContainsSubstring("not JSON"));
    CHECK_THAT(to_text(problems_of("{\"hidden_size\": \"\xff\xfe\"}")), ContainsSubstring("config.json"));
}

TEST_CASE("deep nesting and large files are refused before they are parsed") {
    CHECK_THAT(to_text(problems_of(std::string(1'000'000, '['))), ContainsSubstring("nests deeper"));
    std::string nested;
    for (int i = 0; i < 100000; ++i) nested += "{\"a\":";
    CHECK_THAT(to_text(problems_of(nested)), ContainsSubstring("nests deeper"));
    CHECK_THAT(to_text(problems_of(std::string((16U << 20) + 1, ' '))), ContainsSubstring("16 MiB"));
}

TEST_CASE("a key given twice is a problem") {
    auto text = llama().dump();
    text.insert(1, "\"vocab_size\": 7,\n");
    CHECK_THAT(to_text(problems_of(text)), ContainsSubstring("vocab_size") && ContainsSubstring("twice"));
}

TEST_CASE("a misspelled key is guessed") {
    auto config = llama();
    config["num_atention_heads"] = config["num_attention_heads"];
    config.erase("num_attention_heads");
    CHECK_THAT(refusal(config), ContainsSubstring("did you mean 'num_atention_heads'"));
}

TEST_CASE("sizes that contradict each other are refused") {
    auto config = llama();
    config["num_key_value_heads"] = 7;
    CHECK_THAT(refusal(config), ContainsSubstring("divisor of the 32 attention heads"));
    config = llama();
    config["hidden_size"] = 4097;
    CHECK_THAT(refusal(config), ContainsSubstring("not a multiple of 32 heads"));
    config = catalog_config("mistralai--Mixtral-8x7B-v0.1");
    config["num_experts_per_tok"] = 9;
    CHECK_THAT(refusal(config), ContainsSubstring("at most the 8 experts"));
    config = catalog_config("deepseek-ai--DeepSeek-V3");
    config["n_group"] = 7;
    CHECK_THAT(refusal(config), ContainsSubstring("divisor of the 256 experts"));
    config = catalog_config("zai-org--GLM-5");
    config["qk_head_dim"] = 100;
    CHECK_THAT(refusal(config), ContainsSubstring("qk_nope_head_dim + qk_rope_head_dim = 256"));
    config = catalog_config("nvidia--Nemotron-H-56B-Base-8K");
    config["hybrid_override_pattern"] = "M-X*";
    const auto text = refusal(config);
    CHECK_THAT(text, ContainsSubstring("has 4 entries") || ContainsSubstring("letter 'X'"));
}

TEST_CASE("a layer kind nobody knows is named") {
    auto config = catalog_config("openai--gpt-oss-20b");
    config["layer_types"][3] = "quantum_attention";
    CHECK_THAT(refusal(config), ContainsSubstring("quantum_attention"));
}

TEST_CASE("layers that share caches or have embeddings of their own are refused, not guessed") {
    auto config = catalog_config("google--gemma-4-26B-A4B");
    config["text_config"]["num_kv_shared_layers"] = 10;
    config["text_config"]["hidden_size_per_layer_input"] = 256;
    const auto text = refusal(config);
    CHECK_THAT(text, ContainsSubstring("text_config.num_kv_shared_layers"));
    CHECK_THAT(text, ContainsSubstring("text_config.hidden_size_per_layer_input"));
}

TEST_CASE("a file that is not there is a problem") {
    const auto model = import_config_file("/nowhere/config.json");
    REQUIRE_FALSE(model);
    CHECK_THAT(to_text(model.error()), ContainsSubstring("cannot be opened"));
    CHECK_FALSE(import_config_file(MOEPLAN_SOURCE_DIR));
}

TEST_CASE("no prefix of a config crashes the importer") {
    const auto text = catalog_config("Qwen--Qwen3.5-35B-A3B").dump(1);
    for (std::size_t n = 0; n < text.size(); n += 7)
        CHECK_FALSE(import_config_json(text.substr(0, n), "config.json"));
}

TEST_CASE("every number of a config may be wrong without a crash") {
    for (const auto* name :
         {"nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "deepseek-ai--DeepSeek-V3.2",
          "ai21labs--AI21-Jamba-1.5-Mini", "google--switch-base-128", "Qwen--Qwen3-Next-80B-A3B",
          "databricks--dbrx-base", "XiaomiMiMo--MiMo-V2-Flash"}) {
        const auto config = catalog_config(name);
        for (const auto& [key, value] : config.items()) {
            if (!value.is_number()) continue;
            for (const double wrong : {0.0, -1.0, 1.0, 3.0, 1e8, 1e18}) {
                auto changed = config;
                changed[key] = wrong;
                const auto model = import_config_json(changed.dump(), "config.json");
                if (model) CHECK(count_parameters(*model).total > 0);
            }
        }
    }
}

}  // namespace moeplan
