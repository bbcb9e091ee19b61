// Measured profiles of the catalog: the built-in ones and a user's own.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/catalog/catalog.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;
namespace fs = std::filesystem;

namespace {

// A catalog folder with profiles, gone afterwards.
struct Folder : Scratch {
    void write(const std::string& name, const std::string& text) const { file("profiles/" + name, text); }
    std::string str() const { return path().string(); }
};

std::shared_ptr<const Profile> named(const Catalog& catalog, const std::string& name) {
    const auto profile = catalog.profile_named(name);
    if (!profile) UNSCOPED_INFO(to_text(profile.error().front()));
    REQUIRE(profile);
    REQUIRE(*profile);
    return *profile;
}

std::shared_ptr<const Profile> chosen(const std::string& device, const std::string& engine) {
    const Catalog& catalog = builtin_catalog();
    REQUIRE(catalog.device(device));
    REQUIRE(catalog.engine(engine));
    const auto profile = catalog.profile_for(*catalog.device(device), *catalog.engine(engine));
    REQUIRE(profile);
    return *profile;
}

}  // namespace

TEST_CASE("Every built-in profile reads, and its device and engine are in the catalog") {
    const Catalog& catalog = builtin_catalog();
    CHECK(catalog.profile_names().size() >= 5);
    for (const std::string& name : catalog.profile_names()) {
        INFO(name);
        const auto profile = named(catalog, name);
        CHECK(profile->name == name);
        const std::size_t dash = name.find('-');
        REQUIRE(dash != std::string::npos);
        REQUIRE(catalog.device(name.substr(0, dash)));
        CHECK(profile->device == catalog.device(name.substr(0, dash))->id);
        REQUIRE(catalog.engine(name.substr(dash + 1)));
        CHECK(catalog.engine(name.substr(dash + 1))->id == name.substr(dash + 1));
        CHECK_FALSE(profile->device_name.empty());
        CHECK_FALSE(profile->engine.empty());
        CHECK(profile->date.size() == 10);
        CHECK_THAT(profile->source, ContainsSubstring("Apache-2.0"));
    }
}

TEST_CASE("Built-in profiles have the families a step needs, each with its error on measurements held out") {
    const Catalog& catalog = builtin_catalog();
    for (const std::string& name : catalog.profile_names()) {
        const auto profile = named(catalog, name);
        std::vector<KernelFamily> families;
        for (const FamilyProfile& f : profile->families) {
            INFO(name << ' ' << name_of(f.family) << ' ' << f.format);
            families.push_back(f.family);
            CHECK(f.fitted >= 8);
            CHECK(f.held_out >= 10);
            REQUIRE(f.error);
            CHECK(f.error->n == static_cast<std::uint64_t>(f.held_out));
            CHECK(f.error->mape > 0);
            CHECK(f.error->mape < 0.35);
            CHECK(f.error->median_ape <= f.error->p90_ape);
            CHECK(f.error->coverage90 > 0.6);  // of a dozen collectives
        }
        INFO(name);
        for (const KernelFamily family : {KernelFamily::gemm, KernelFamily::moe_ffn, KernelFamily::attention_prefill,
                                          KernelFamily::attention_decode, KernelFamily::collective}) {
            CHECK(std::find(families.begin(), families.end(), family) != families.end());
        }
        // Memory cannot be read faster than the datasheet says: 4096 x 14336 in bf16 are 117 MB.
        const auto p = predict(*profile, Gemm{1, 14336, 4096, NumberFormat::bf16});
        REQUIRE(p);
        CHECK(p->seconds > 0.95 * 2 * 14336 * 4096 / catalog.device(profile->device)->bandwidth.value);
        CHECK(p->seconds < 3e-4);
    }
}

TEST_CASE("Built-in profiles are written as this program writes them") {
    const Catalog& catalog = builtin_catalog();
    for (const std::string& name : catalog.profile_names()) {
        INFO(name);
        std::ifstream in(std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/catalog/profiles/" + name + ".json",
                         std::ios::binary);
        const std::string text((std::istreambuf_iterator<char>(in)), {});
        CHECK((write_profile(*named(catalog, name)) == text));
    }
}

TEST_CASE("An engine takes its own profile, else that of an engine with the same kernels") {
    CHECK(chosen("h100_sxm", "vllm")->name == "h100_sxm-vllm");
    CHECK(chosen("h100_sxm", "tensorrt_llm")->name == "h100_sxm-tensorrt_llm");
    CHECK(chosen("h100_sxm", "sglang")->name == "h100_sxm-vllm");
    CHECK(chosen("b200_sxm", "tensorrt_llm")->name == "b200_sxm-vllm");
    for (const char* engine : {"llama_cpp", "ideal", "transformers"}) {
        INFO(engine);
        CHECK(chosen("h100_sxm", engine) == nullptr);
    }
    for (const char* device : {"mi300x", "gaudi3", "apple_m2_max"}) {
        INFO(device);
        CHECK(chosen(device, "vllm") == nullptr);
    }
}

TEST_CASE("A device without measurements takes what carries over from the nearest") {
    const auto from = [](const Profile& profile, KernelFamily family, const std::string& format) {
        const auto at = std::ranges::find_if(profile.families, [&](const FamilyProfile& f) { return f.family == family && f.format == format; });
        return at == profile.families.end() ? std::string() : at->from;
    };
    const auto ada = chosen("rtx_4090", "vllm");
    REQUIRE(ada);
    CHECK(ada->name == "h100_sxm-vllm carried over to rtx_4090");
    CHECK(ada->device == "rtx_4090");
    CHECK_THAT(ada->source, ContainsSubstring("kernels of H100 SXM5 80GB with the datasheet of GeForce RTX 4090 24GB"));
    CHECK(from(*ada, KernelFamily::gemm, "bf16") == "h100_sxm-vllm");   // less bandwidth for each processor than H200
    CHECK(from(*ada, KernelFamily::gemm, "nvfp4").empty());                  // Ada has no fp4
    CHECK(from(*ada, KernelFamily::moe_ffn, "fp8") != "h100_sxm-vllm");      // a fault of that engine's kernels on Hopper
    CHECK(from(*ada, KernelFamily::collective, "all-reduce").empty());       // PCIe
    CHECK(chosen("gh200", "vllm")->name == "h200_sxm-vllm carried over to gh200");
    CHECK(chosen("a40", "sglang")->name == "a100_sxm-vllm carried over to a40");
    CHECK(chosen("b300_sxm", "vllm")->name == "b200_sxm-vllm carried over to b300_sxm");
    CHECK(chosen("rtx_4090", "vllm") == ada);   // made once: prices are remembered by it
}

TEST_CASE("A sibling's profile of the engine goes before another engine's of the device") {
    const auto chosen_one = chosen("h200_sxm", "tensorrt_llm");
    CHECK(chosen_one->name == "h100_sxm-tensorrt_llm carried over to h200_sxm");
    CHECK(chosen("h200_sxm", "vllm")->name == "h200_sxm-vllm");
}

TEST_CASE("A device's own profiles can be set aside") {
    const Catalog& catalog = builtin_catalog();
    const auto borrowed = catalog.borrowed_profile_for(*catalog.device("h100_sxm"), *catalog.engine("vllm"));
    REQUIRE(borrowed);
    REQUIRE(*borrowed);
    CHECK((*borrowed)->name == "h200_sxm-vllm carried over to h100_sxm");
    for (const FamilyProfile& f : (*borrowed)->families) CHECK_FALSE(f.from.starts_with("h100_sxm"));
}

TEST_CASE("An unknown profile is answered with the nearest name") {
    const auto typo = builtin_catalog().profile_named("h100_sxm-vlm");
    REQUIRE_FALSE(typo);
    REQUIRE(typo.error().size() == 1);
    CHECK_THAT(to_text(typo.error().front()),
               ContainsSubstring("'h100_sxm-vlm' is not a known profile; did you mean 'h100_sxm-vllm'?"));
    const auto other = builtin_catalog().profile_named("?");
    REQUIRE_FALSE(other);
    CHECK_THAT(other.error().front().hint, ContainsSubstring("known: a100_sxm-vllm"));
    CHECK(builtin_catalog().profile_named("H100_SXM-vLLM"));
}

TEST_CASE("A user's profiles add to the built-in ones and replace them by name") {
    const Folder folder;
    Profile mine = *named(builtin_catalog(), "a100_sxm-vllm");
    mine.source = "my own rack";
    folder.write("a100_sxm-vllm.json", write_profile(mine));
    mine.name = "l40s-vllm";
    mine.device = "l40s";
    folder.write("l40s-vllm.json", write_profile(mine));
    folder.write("notes.txt", "no profile");
    const auto catalog = catalog_with(folder.str());
    if (!catalog) UNSCOPED_INFO(to_text(catalog.error().front()));
    REQUIRE(catalog);
    CHECK(catalog->profile_names().size() == builtin_catalog().profile_names().size() + 1);
    CHECK(named(*catalog, "a100_sxm-vllm")->source == "my own rack");
    CHECK(named(*catalog, "h100_sxm-vllm")->source == named(builtin_catalog(), "h100_sxm-vllm")->source);
    const auto found = catalog->profile_for(*catalog->device("l40s"), *catalog->engine("sglang"));
    REQUIRE(found);
    REQUIRE(*found);
    CHECK((*found)->device == "l40s");
    CHECK(named(builtin_catalog(), "a100_sxm-vllm")->source != "my own rack");
}

TEST_CASE("Broken profiles of a user are all named with their files") {
    const Folder folder;
    folder.write("a.json", "{");
    folder.write("b.json", "{\"moeplan_profile\": 7}");
    const auto catalog = catalog_with(folder.str());
    REQUIRE_FALSE(catalog);
    std::string text;
    for (const Problem& problem : catalog.error()) text += to_text(problem) + "\n";
    CHECK(catalog.error().size() == 2);
    CHECK_THAT(text, ContainsSubstring("profiles/a.json: this is not JSON"));
    CHECK_THAT(text, ContainsSubstring("profiles/b.json: moeplan_profile: profile version 7"));
}

// Waves of thread blocks, in priors and features alike, count them.
TEST_CASE("every GPU with a profile says how many multiprocessors it has") {
    const Catalog& catalog = builtin_catalog();
    for (const std::string& name : catalog.profile_names()) {
        INFO(name);
        const auto profile = catalog.profile_named(name);
        REQUIRE(profile);
        const DeviceSpec* device = catalog.device((*profile)->device);
        REQUIRE(device);
        CHECK(device->sm_count);
    }
}
