// Contracts over every built-in entry. A file with a problem would throw while it is loaded.
#include <algorithm>
#include <map>
#include <set>

#include "core/catalog/catalog.h"
#include "core/catalog/embedded.h"
#include "core/base/lower_case.h"
#include "core/catalog/names.h"
#include "core/catalog/readers.h"
#include "core/model/import.h"
#include "core/quality/score.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

// Ids and aliases, lower case, of all entries; every one must be new.
template <class T>
void check_unique_names(const std::vector<T>& entries) {
    std::map<std::string, std::string> owner;
    for (const T& e : entries) {
        INFO(e.id);
        CHECK(owner.emplace(lower_case(e.id), e.id).second);
    }
    for (const T& e : entries)
        for (const std::string& alias : e.aliases) {
            INFO(e.id << " alias " << alias << " also " << owner[lower_case(alias)]);
            const auto [at, fresh] = owner.emplace(lower_case(alias), e.id);
            CHECK((fresh || at->second.empty()));
            at->second = e.id;
        }
}

bool has_source(const std::vector<Datum>& sources, const std::string& field) {
    return std::any_of(sources.begin(), sources.end(),
                       [&](const Datum& d) { return d.field == field && !d.source.empty(); });
}

void check_share(const Estimate& e) {
    CHECK(e.low > 0);
    CHECK(e.low <= e.value);
    CHECK(e.value <= e.high);
    CHECK(e.high <= 1);
}

}  // namespace

TEST_CASE("Every embedded YAML file reads without a problem") {
    REQUIRE(embedded_files().size() >= 8);
    for (const EmbeddedFile& f : embedded_files()) {
        if (f.name.find(".yaml") == std::string_view::npos || f.name.find('/') != std::string_view::npos)
            continue;
        INFO(f.name);
        auto file = YamlFile::parse(f.text, std::string(f.name));
        REQUIRE(file.has_value());
        const YamlNode root = file->root();
        if (f.name == "gpus.yaml") read_devices(root, {});
        else if (f.name == "engines.yaml") read_engines(root, {});
        else if (f.name == "prices.yaml") read_prices(root);
        else if (f.name == "scores.yaml") read_scores(root);
        else if (f.name == "tokens_per_answer.yaml") read_answers(root);
        else if (f.name == "storage.yaml") read_storage(root, {});
        else if (f.name == "ownership.yaml") read_figures(root);
        else if (f.name == "undisclosed.yaml") read_undisclosed(root);
        else if (f.name == "models.yaml")
            read_models(root, [](const std::string& name) {
                const EmbeddedFile* config = embedded_file(name);
                return config ? std::optional<std::string>(config->text) : std::nullopt;
            });
        else FAIL("no reader knows this file");
        for (const Problem& p : file->problems()) FAIL_CHECK(to_text(p));
    }
}

TEST_CASE("Every GPU has memory, bandwidth, a dense peak and shares that hold together") {
    const auto& devices = builtin_catalog().devices();
    CHECK(devices.size() >= 40);
    check_unique_names(devices);
    for (const DeviceSpec& d : devices) {
        INFO(d.id);
        CHECK(std::all_of(d.id.begin(), d.id.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        }));
        CHECK(d.memory.value >= 8e9);
        CHECK(d.memory.value <= 400e9);
        CHECK(d.bandwidth.value >= 100e9);
        CHECK(d.bandwidth.value <= 10e12);
        CHECK(d.peak.fp16.value + d.peak.bf16.value > 0);
        // Narrower formats are never slower.
        if (d.has_fp8() && d.peak.bf16.value > 0) CHECK(d.peak.fp8.value >= d.peak.bf16.value);
        if (d.has_fp4()) CHECK(d.peak.fp4.value >= d.peak.fp8.value);
        check_share(d.bandwidth_fraction);
        check_share(d.compute_fraction);
        if (d.has_fp8()) check_share(d.compute_fraction_fp8);
        check_share(d.link_fraction);
        CHECK(d.link_domain >= 1);
        CHECK((d.link.value > 0) == (d.link_domain > 1));
    }
}

TEST_CASE("Every figure of every GPU has a source") {
    for (const DeviceSpec& d : builtin_catalog().devices()) {
        INFO(d.id);
        for (const char* field : {"memory", "bandwidth", "peak", "bandwidth_fraction", "compute_fraction",
                                  "link_fraction", "link_domain"}) {
            INFO(field);
            CHECK(has_source(d.sources, field));
        }
        CHECK(has_source(d.sources, "link") == (d.link.value > 0));
        CHECK(has_source(d.sources, "pcie") == (d.pcie.value > 0));
        CHECK(has_source(d.sources, "network") == (d.network.value > 0));
        CHECK(has_source(d.sources, "power") == d.power.has_value());
    }
}

TEST_CASE("The H100 SXM is what its data sheet says") {
    // https://glennklockwood.com/garden/processors/h100 and the measured figures named in gpus.yaml.
    const DeviceSpec* d = builtin_catalog().device("H100");
    REQUIRE(d != nullptr);
    CHECK(d->id == "h100_sxm");
    CHECK(d->memory.value == Approx(80e9));
    CHECK(d->bandwidth.value == Approx(3.35e12));
    CHECK(d->peak.bf16.value == Approx(989.4e12));
    CHECK(d->peak.fp8.value == Approx(1978.9e12));
    CHECK_FALSE(d->has_fp4());
    CHECK(d->link.value == Approx(450e9));
    CHECK(d->pcie.value == Approx(55e9));
    CHECK(d->network.value == Approx(50e9));
    CHECK(d->power->value == Approx(700));
    CHECK(d->bandwidth_fraction.high == Approx(3.13 / 3.35).epsilon(0.005));
}

TEST_CASE("Chips without a format refuse it instead of scaling another") {
    const Catalog& c = builtin_catalog();
    CHECK_FALSE(c.device("a100")->has_fp8());       // Ampere has no fp8
    CHECK(c.device("v100")->peak.bf16.value == 0);  // Volta has no bf16
    CHECK(c.device("b200")->has_fp4());
    CHECK(c.device("rtx_4090")->peak.bf16.value == Approx(165.2e12));  // FP32 accumulate, not 330
}

TEST_CASE("Every engine's figures are sane and have sources") {
    const Catalog& c = builtin_catalog();
    check_unique_names(c.engines());
    for (const char* id :
         {"vllm", "sglang", "tensorrt_llm", "llama_cpp", "deepspeed_mii", "transformers", "ideal"})
        CHECK(c.engine(id) != nullptr);
    for (const EngineSpec& e : c.engines()) {
        INFO(e.id);
        CHECK(e.memory_fraction > 0.5);
        CHECK(e.memory_fraction <= 1);
        CHECK(e.reserved.value >= 0);
        CHECK(e.reserved.value < 8e9);
        CHECK(e.communicator.value < 8e9);
        CHECK(e.block_tokens >= 1);
        CHECK(e.block_tokens <= 256);
        CHECK(e.max_sequences >= 1);
        CHECK(e.token_budget >= e.block_tokens);
        for (const Estimate& t : {e.step_overhead_s, e.sequence_overhead_s, e.kernel_launch_s}) {
            CHECK(t.low <= t.value);
            CHECK(t.value <= t.high);
            CHECK(t.low >= 0);
            CHECK(t.high < 0.01);
        }
        CHECK(e.request_overhead_s.low <= e.request_overhead_s.value);
        CHECK(e.request_overhead_s.value <= e.request_overhead_s.high);
        CHECK(e.request_overhead_s.high < 0.3);   // TensorRT-LLM: fitted to measured TTFTs
        for (const char* field : {"memory_fraction", "reserved", "communicator", "block_tokens",
                                  "max_sequences", "token_budget", "chunked_prefill", "continuous_batching",
                                  "host_offload", "kv_on_demand", "step_overhead", "sequence_overhead",
                                  "request_overhead", "kernel_launch"}) {
            INFO(field);
            CHECK(has_source(e.sources, field));
        }
    }
    const EngineSpec* ideal = c.engine("ideal");
    CHECK(ideal->step_overhead_s == Estimate{});
    CHECK(ideal->kernel_launch_s == Estimate{});
    CHECK(ideal->reserved.value == 0);
    CHECK(c.engine("trtllm") == c.engine("tensorrt_llm"));
}

TEST_CASE("Every price names a GPU of the catalog, once per tier, with a date and a source") {
    const Catalog& c = builtin_catalog();
    std::set<std::pair<std::string, std::string>> seen;
    for (const RentalPrice& p : c.prices()) {
        INFO(p.gpu << ' ' << p.tier);
        REQUIRE(c.device(p.gpu) != nullptr);
        CHECK(c.device(p.gpu)->id == p.gpu);
        CHECK(seen.emplace(p.gpu, p.tier).second);
        CHECK(p.low_usd > 0.04);
        CHECK(p.low_usd <= p.median_usd);
        CHECK(p.median_usd <= p.high_usd);
        CHECK(p.high_usd < 20);
        CHECK(p.offers >= 1);
        CHECK_FALSE(p.date.empty());
        CHECK_FALSE(p.source.empty());
    }
    for (const char* gpu :
         {"a100_sxm", "h100_sxm", "h200_sxm", "b200_sxm", "mi300x", "l40s", "rtx_4090", "rtx_3090"}) {
        INFO(gpu);
        CHECK(c.price(gpu, "on_demand") != nullptr);
    }
}

TEST_CASE("Spot is cheaper than on demand, cards with two list prices within cents excepted") {
    const Catalog& c = builtin_catalog();
    int compared = 0;
    for (const RentalPrice& p : c.prices()) {
        if (p.tier != "spot") continue;
        const RentalPrice* demand = c.price(p.gpu, "on_demand");
        if (!demand || p.offers < 3 || demand->offers < 3) continue;
        INFO(p.gpu);
        CHECK(p.median_usd < demand->median_usd);
        ++compared;
    }
    CHECK(compared >= 8);
}

TEST_CASE("Every score lies in 0..1, has an evaluator and a source, and stands there once") {
    const auto& scores = builtin_catalog().scores();
    CHECK(scores.size() > 2000);
    std::set<std::string> evaluators, keys;
    for (const Score& s : scores) {
        INFO(s.evaluator << ' ' << s.model << ' ' << s.benchmark);
        CHECK(s.accuracy >= 0);
        CHECK(s.accuracy <= 1);
        CHECK_FALSE(s.model.empty());
        CHECK_FALSE(s.source.empty());
        evaluators.insert(s.evaluator);
        CHECK(keys.insert(s.model + '|' + s.as_published + '|' + s.variant + '|' + s.benchmark + '|' +
                          s.evaluator)
                  .second);
    }
    CHECK(evaluators.count("") == 0);
    CHECK(evaluators.count("Artificial Analysis") == 1);
    CHECK(evaluators.size() >= 15);
}

TEST_CASE("The DBRX announcement's table is read as it was printed") {
    // Databricks, 2024-03: Mixtral-8x7B Instruct GSM8K 61.1, LLaMA2-70B Chat 26.7 (two agreeing reprints).
    double mixtral = 0, llama = 0;
    for (const Score& s : builtin_catalog().scores()) {
        if (s.evaluator != "Databricks DBRX announcement" || s.benchmark != "gsm8k") continue;
        if (s.as_published == "Mixtral-8x7B Instruct") mixtral = s.accuracy;
        if (s.as_published == "LLaMA2-70B Chat") llama = s.accuracy;
    }
    CHECK(mixtral == Approx(0.611));
    CHECK(llama == Approx(0.267));
}

TEST_CASE("Every model has a source and a config that imports under its id, and every config is used") {
    const Catalog& c = builtin_catalog();
    CHECK(c.models().size() >= 60);
    check_unique_names(c.models());
    for (const ModelEntry& m : c.models()) {
        INFO(m.id);
        CHECK_FALSE(m.source.empty());
        if (m.published.total_b || m.published.active_b) CHECK_FALSE(m.published.source.empty());
        const auto model = find_model(c, m.id);
        if (!model) FAIL_CHECK(to_text(model.error().front()));
        else CHECK(model->id == m.id);
        for (const std::string& alias : m.aliases) CHECK(c.model(alias) == &m);
    }
    const auto configs = std::count_if(embedded_files().begin(), embedded_files().end(),
                                       [](const EmbeddedFile& f) { return f.name.find("models/") == 0; });
    CHECK(static_cast<std::size_t>(configs) == c.models().size());
}

TEST_CASE("Scores and answer lengths with an organisation in their name are of models of the catalog") {
    const Catalog& c = builtin_catalog();
    std::set<std::string> models;
    for (const Score& s : c.scores())
        if (s.model.find('/') != std::string::npos) models.insert(s.model);
    for (const TokensPerAnswer& t : c.tokens_per_answer())
        if (t.model.find('/') != std::string::npos) models.insert(t.model);
    CHECK(models.size() >= 40);
    for (const std::string& id : models) {
        INFO(id);
        REQUIRE(c.model(id) != nullptr);
        CHECK(c.model(id)->id == id);
    }
}

TEST_CASE("No built-in model looks like a closed one") {
    for (const ModelEntry& m : builtin_catalog().models()) {
        INFO(m.id);
        CHECK_FALSE(builtin_catalog().undisclosed_reason(m.id).has_value());
    }
}

TEST_CASE("Answer lengths come with how often they were right, by the same evaluator") {
    const Catalog& c = builtin_catalog();
    REQUIRE(c.tokens_per_answer().size() == 55);
    for (const TokensPerAnswer& t : c.tokens_per_answer()) {
        INFO(t.as_published << ' ' << t.benchmark);
        CHECK(t.mean > 100);
        CHECK(t.questions.value_or(0) >= 45);
        CHECK_FALSE(t.source.empty());
        const auto same = std::count_if(c.scores().begin(), c.scores().end(), [&](const Score& s) {
            return s.evaluator == "published evaluation runs" && s.model == t.model &&
                   s.as_published == t.as_published && s.variant == t.variant && s.benchmark == t.benchmark;
        });
        CHECK(same == 1);
    }
}

TEST_CASE("Storage rates and ownership figures are there with their sources") {
    const Catalog& c = builtin_catalog();
    CHECK(c.storage().disk.value > 1e9);
    CHECK(c.storage().network.value > 0);
    CHECK(c.storage().page_cache.value > c.storage().disk.value);
    CHECK(c.storage().engine_start.value > 1);
    CHECK(c.storage().sources.size() == 4);
    REQUIRE(c.figure("pue.industry_2025") != nullptr);
    CHECK(c.figure("pue.industry_2025")->value == Approx(1.54));
    CHECK(c.figure("usd_per_kwh.ohio_industrial")->value == Approx(0.079));
    std::set<std::string> ids;
    for (const Figure& f : c.figures()) {
        INFO(f.id);
        CHECK(ids.insert(f.id).second);
        CHECK(f.value > 0);
        CHECK_FALSE(f.source.empty());
        CHECK_FALSE(f.date.empty());
    }
}

TEST_CASE("Closed models are known by name, open ones of the same makers are not caught") {
    const Catalog& c = builtin_catalog();
    for (const char* name : {"GPT-4", "gpt-4o", "openai/gpt-4o-mini", "claude-3-opus",
                             "anthropic/Claude-3.5-Sonnet", "gemini-1.5-pro", "o1", "grok-4"}) {
        INFO(name);
        CHECK(c.undisclosed_reason(name).has_value());
    }
    for (const char* name : {"openai/gpt-oss-120b", "gpt-oss-20b", "gemma-2-9b-it", "xai-org/grok-1", "gpt2",
                             "mistralai/Mistral-7B-v0.1", "olmo"}) {
        INFO(name);
        CHECK_FALSE(c.undisclosed_reason(name).has_value());
    }
}

TEST_CASE("A GPU is found by what its driver calls it") {
    const Catalog& c = builtin_catalog();
    const std::vector<std::pair<std::string, std::string>> called = {
        {"NVIDIA A100-SXM4-80GB", "a100_sxm"},
        {"NVIDIA A100 80GB PCIe", "a100_pcie"},
        {"NVIDIA H100 80GB HBM3", "h100_sxm"},
        {"NVIDIA H100 PCIe", "h100_pcie"},
        {"NVIDIA H200", "h200_sxm"},
        {"NVIDIA B200", "b200_sxm"},
        {"NVIDIA B300 SXM6 AC", "b300_sxm"},
        {"NVIDIA GB300", "gb300"},
        {"NVIDIA L40S", "l40s"},
        {"NVIDIA GeForce RTX 4090", "rtx_4090"},
        {"NVIDIA RTX PRO 6000 Blackwell Server Edition", "rtx_pro_6000"},
        {"Tesla T4", "t4"},
        {"AMD Instinct MI300X", "mi300x"},
        {"Intel(R) Arc(TM) Pro B60 Graphics", "arc_pro_b60"},
        {"Apple M2 Ultra", "apple_m2_ultra"},
    };
    for (const auto& [name, id] : called) {
        INFO(name);
        REQUIRE(c.device(name));
        CHECK(c.device(name)->id == id);
    }
    CHECK(!c.device("NVIDIA GeForce RTX 4090 Laptop GPU"));   // another chip
}
