#include <functional>

#include <nlohmann/json.hpp>

#include "core/calibrate/profile.h"
#include "tests/calibrate/profile_support.h"
#include "tests/support/catch.h"

using namespace moeplan;
using namespace moeplan::test;
using Json = nlohmann::json;

namespace {

// With a correction of another device underneath, so that every key of the format is there.
const std::string& example() {
    static const std::string text = [] {
        const Profile other = profile_of({"other", "", "synthetic", gemms({5e-6, 1e-6, 1e-7, 0.6, 0.5, 1e-10, 3e-13})});
        FitOptions options;
        options.prior = &other;
        return write_profile(
            profile_of({"NVIDIA H100 80GB HBM3", "vllm 0.24.0", "a \"source\"\nof two lines", gemms()}, options));
    }();
    return text;
}

Problems problems_of(const std::string& text) {
    const auto profile = read_profile(text, "mine.json");
    REQUIRE_FALSE(profile);
    return profile.error();
}

void one_problem(const Json& json, const std::string& path, const std::string& what) {
    const Problems problems = problems_of(json.dump());
    INFO(path);
    for (const Problem& p : problems) UNSCOPED_INFO(to_text(p));
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].where == "mine.json");
    CHECK(problems[0].path == path);
    CHECK_THAT(problems[0].what, ContainsSubstring(what));
}

// Every object in the document with its path: "families[0].correction".
void each_object(Json& json, const std::string& path, const std::function<void(Json&, const std::string&)>& take) {
    if (json.is_object()) {
        take(json, path);
        for (auto& [key, value] : json.items()) each_object(value, path.empty() ? key : path + "." + key, take);
    } else if (json.is_array()) {
        for (std::size_t i = 0; i < json.size(); ++i) each_object(json[i], path + "[" + std::to_string(i) + "]", take);
    }
}

// Calls back with a document in which one member was changed by `change` (false: leave that member alone).
void each_member_changed(const std::function<bool(Json& object, const std::string& key)>& change,
                         const std::function<void(const Json& document, const std::string& path)>& take) {
    Json document = Json::parse(example());
    each_object(document, "", [&](Json& object, const std::string& path) {
        const Json before = object;
        for (const auto& [key, value] : before.items()) {
            if (change(object, key)) take(document, path.empty() ? key : path + "." + key);
            object = before;
        }
    });
}

}  // namespace

TEST_CASE("a profile that was read is written with the same bytes") {
    const auto profile = read_profile(example(), "mine.json");
    REQUIRE(profile);
    CHECK(write_profile(*profile) == example());
    CHECK(profile->source == "a \"source\"\nof two lines");
    CHECK(profile->families.at(0).fit->state().inherited.size() == 1);
    CHECK(profile->families.at(0).error);
}

TEST_CASE("a profile predicts the same after it was written and read") {
    const Profile before = profile_of(several_families());
    const auto after = read_profile(write_profile(before), "mine.json");
    REQUIRE(after);
    REQUIRE(after->families.size() == before.families.size());
    CHECK(before.families.size() == 4);
    std::mt19937_64 random(4);
    for (int i = 0; i < 200; ++i) {
        const double size = std::floor(std::pow(20000, share(random)));
        for (const OpKind& op :
             {OpKind{Gemm{size, 4096, 1024, NumberFormat::bf16}}, OpKind{experts(size, NumberFormat::bf16)},
              OpKind{MemoryPass{{1000 * size}}}, OpKind{all_reduce(1000 * size, 4)}}) {
            const Prediction a = *predict(before, op), b = *predict(*after, op);
            CHECK(b.seconds == Approx(a.seconds).epsilon(1e-4));
            CHECK(b.low == Approx(a.low).epsilon(1e-3));
            CHECK(b.high == Approx(a.high).epsilon(1e-3));
            CHECK(b.outside == a.outside);
        }
    }
}

TEST_CASE("a family the profile does not have is not predicted") {
    const Profile profile = profile_of({"", "", "synthetic", gemms()});
    CHECK(predict(profile, Gemm{64, 4096, 4096, NumberFormat::bf16}));
    CHECK_FALSE(predict(profile, Gemm{64, 4096, 4096, NumberFormat::fp8}));
    CHECK_FALSE(predict(profile, experts(64, NumberFormat::bf16)));
    CHECK_FALSE(predict(profile, MemoryPass{{1e6}}));
    CHECK_FALSE(predict(profile, all_reduce(1e6, 2)));
    CHECK_FALSE(predict(profile, HostFetch{{1e6}}));
    CHECK_FALSE(predict(Profile{}, Gemm{64, 4096, 4096, NumberFormat::bf16}));
}

TEST_CASE("rows held out tell the error and nothing else") {
    // Exactly a fifth is representative, so these and no others are held out.
    MeasurementSet set{"", "", "synthetic", gemms()};
    for (std::size_t i = 0; i < set.rows.size(); ++i)
        set.rows[i].representative = i % 5 == 0 && i / 5 < set.rows.size() / 5;
    const Profile honest = profile_of(set);
    for (Measurement& row : set.rows) {
        if (row.representative) row.seconds *= 3;
    }
    const Profile wrong = profile_of(set);
    const FamilyProfile &a = honest.families.at(0), &b = wrong.families.at(0);
    CHECK(a.held_out == static_cast<std::int64_t>(set.rows.size() / 5));
    CHECK(a.fitted + a.held_out == static_cast<std::int64_t>(set.rows.size()));
    CHECK(a.error->n == static_cast<std::uint64_t>(a.held_out));
    CHECK(a.fit->state().theta == b.fit->state().theta);
    CHECK(a.fit->state().correction == b.fit->state().correction);
    CHECK(a.fit->state().quantile_high == b.fit->state().quantile_high);
    CHECK(a.error->mape < 0.2);
    CHECK(b.error->bias == Approx(-2.0 / 3).margin(0.1));
    // With nothing held out everything is fitted, and the error is not known.
    FitOptions all;
    all.hold_out = false;
    const FamilyProfile c = profile_of(set, all).families.at(0);
    CHECK(c.fitted == static_cast<std::int64_t>(set.rows.size()));
    CHECK_FALSE(c.error);
}

TEST_CASE("families with fewer than eight measurements are named, a profile of none is refused") {
    MeasurementSet set = {"", "", "few.csv", gemms()};
    for (int i = 1; i <= 7; ++i) set.rows.push_back(measured(MemoryPass{{1e6 * i}}));
    const auto report = fit_profile(set, h100(), {});
    REQUIRE(report);
    CHECK(report->profile.families.size() == 1);
    REQUIRE(report->left_out.size() == 1);
    CHECK_THAT(report->left_out[0], ContainsSubstring("copy"));
    CHECK_THAT(report->left_out[0], ContainsSubstring("7 measurements, 8 are needed"));
    set.rows.erase(set.rows.begin(), set.rows.end() - 7);
    const auto none = fit_profile(set, h100(), {});
    REQUIRE_FALSE(none);
    CHECK(none.error().front().where == "few.csv");
}

TEST_CASE("every key that is missing is named once, with its file and path") {
    int keys = 0;
    each_member_changed(
        [](Json& object, const std::string& key) {
            object.erase(key);
            return key != "error";  // a profile nothing was held out of has none
        },
        [&](const Json& document, const std::string& path) {
            one_problem(document, path, path == "moeplan_profile" ? "this is not a profile" : "is missing");
            ++keys;
        });
    CHECK(keys >= 40);
}

TEST_CASE("every value of another kind is named once") {
    for (const Json& wrong : {Json(nullptr), Json(true), Json::array({Json::object()})}) {
        each_member_changed(
            [&wrong](Json& object, const std::string& key) {
                object[key] = wrong;
                return key != "error" && !(wrong.is_array() && (key == "families" || key == "inherited"));
            },
            [&](const Json& document, const std::string& path) {
                one_problem(document, path, path == "moeplan_profile" ? "this is not a profile" : "expected");
            });
    }
}

TEST_CASE("lists of another length are named with both lengths") {
    int lists = 0;
    each_member_changed(
        [](Json& object, const std::string& key) {
            Json& value = object[key];
            if (!value.is_array() || value.empty() || !value.front().is_number()) return false;
            value.push_back(1.0);
            return true;
        },
        [&](const Json& document, const std::string& path) {
            one_problem(document, path, " values, expected ");
            ++lists;
        });
    CHECK(lists == 8);  // prior, quantiles, lowest, highest; centre and scale of two processes
    Json document = Json::parse(example());
    Json& correction = document["families"][0]["correction"];
    const Json whole = correction;
    correction["points"] = "AACAPw==";
    one_problem(document, "families[0].correction.points", "has 1 values, expected ");
    correction = whole;
    correction["extra_noise"] = "";
    one_problem(document, "families[0].correction.extra_noise", "has 0 values, expected ");
    correction = whole;
    correction["weights"] = "AACAPw==";
    one_problem(document, "families[0].correction.points", "expected 19");
    correction["weights"] = "AADAfw==";  // NaN
    one_problem(document, "families[0].correction.weights", "base64");
}

TEST_CASE("values nothing could be predicted with are refused") {
    Json document = Json::parse(example());
    Json& family = document["families"][0];
    const Json whole = family;
    for (const char* key : {"bandwidth", "peak", "processors"}) {
        family[key] = 0;
        one_problem(document, std::string("families[0].") + key, "above 0");
        family = whole;
    }
    for (const double parameter : {-1.0, 1e300, 1e-300}) {
        family["prior"][0] = parameter;
        one_problem(document, "families[0].prior", "expected numbers from 1e-18 to 1e+09");
        family = whole;
    }
    family["peak"] = 1e-320;
    one_problem(document, "families[0].peak", "none that a device has");
    family = whole;
    family["quantiles"][3] = 1e6;
    one_problem(document, "families[0].quantiles", "up to 100");
    family = whole;
    family["correction"]["noise"] = 1e308;
    one_problem(document, "families[0].correction", "variances must be from 0 to 1000");
    family = whole;
    family["correction"]["scale"][0] = -1;
    one_problem(document, "families[0].correction.scale", "must not be negative");
    family = whole;
    for (const double count : {-1.0, 1e300}) {
        family["fitted"] = count;
        one_problem(document, "families[0].fitted", "number of measurements");
    }
    family = whole;
    family["correction"]["noise"] = 0;
    one_problem(document, "families[0].correction", "variances");
    family = whole;
    family["family"] = "gem";
    one_problem(document, "families[0].family", "'gem'");
}

TEST_CASE("numbers that contradict each other or no fit has are refused") {
    Json document = Json::parse(example());
    Json& family = document["families"][0];
    const Json whole = family;
    const auto wrong = [&](const std::string& path, const std::string& what) {
        one_problem(document, "families[0]." + path, what);
        family = whole;
    };
    for (const double offset : {1e6, -1e6}) {
        family["correction"]["offset"] = offset;
        wrong("correction.offset", "expected a number from -30 to 30");
    }
    family["inherited"][0]["offset"] = 31;
    wrong("inherited[0].offset", "31 is out of range");
    for (const Json& quantiles : {Json{1.6, -1.6, -2, 2}, Json{-1.6, 1.6, 2, -2}}) {
        family["quantiles"] = quantiles;
        wrong("quantiles", "one below and one above the prediction");
    }
    family["lowest"][0] = 50;
    wrong("lowest", "above the");
    family["cache"] = -1;
    wrong("cache", "expected a number from 0");
    for (const char* format : {"bf17", "", "bf17, fp8 cache", "all-reduce"}) {
        family["format"] = format;
        wrong("format", "is no format of gemm");
    }
    for (const auto& [key, value] : {std::pair("mape", -4.0), std::pair("median_ape", -0.1), std::pair("p90_ape", 1e300), std::pair("bias", -2.0), std::pair("coverage90", 12.0)}) {
        family["error"][key] = value;
        wrong(std::string("error.") + key, "is out of range");
    }
    document["families"].push_back(whole);
    one_problem(document, "families[1]", "gemm bf16 is there twice");
}

TEST_CASE("formats are those of measurements: of weights, caches, operations, or none") {
    Json document = Json::parse(example());
    for (const char* format : {"bf16", "nvfp4, by cutlass_flashinferexperts", "fp8, scaled beforehand"}) {
        document["families"][0]["format"] = format;
        CHECK(read_profile(document.dump(), "mine.json"));
    }
    Profile several = profile_of(several_families());
    CHECK(read_profile(write_profile(several), "mine.json"));
    for (FamilyProfile& family : several.families) {
        if (family.family == KernelFamily::collective) family.format = "";   // as a worker's
        if (family.family == KernelFamily::copy) family.format = "bf16";
    }
    const Problems problems = problems_of(write_profile(several));
    REQUIRE(problems.size() == 1);
    CHECK_THAT(problems[0].what, ContainsSubstring("'bf16' is no format of copy"));
}

TEST_CASE("another version is told apart from what is no profile") {
    Json document = Json::parse(example());
    for (const Json& version : {Json(0), Json(1), Json(2), Json(-1), Json(4294967297), Json(18446744073709551615u)}) {
        document["moeplan_profile"] = version;
        one_problem(document, "moeplan_profile",
                    "profile version " + version.dump() + "; this program reads version 3");
    }
    for (const char* text :
         {"{}", "[]", "5", "null", "\"moeplan_profile\"", "{\"moeplan_profile\":\"1\"}", "{\"moeplan_profile\":1.5}"}) {
        INFO(text);
        const Problems problems = problems_of(text);
        REQUIRE(problems.size() == 1);
        CHECK_THAT(to_text(problems[0]), ContainsSubstring("mine.json: moeplan_profile: this is not a profile"));
    }
}

TEST_CASE("what is not JSON is one problem of the file, wherever it is cut") {
    std::vector<std::string> texts{"", "{", "profile", "\xff\xfe", example() + "}", std::string(200000, '[')};
    for (std::size_t cut = 1; cut < example().size() - 2; cut += 1 + example().size() / 150)
        texts.push_back(example().substr(0, cut));
    for (const std::string& text : texts) {
        const Problems problems = problems_of(text);
        REQUIRE(problems.size() == 1);
        CHECK(problems[0].where.starts_with("mine.json"));
        CHECK(to_text(problems[0]).size() < 200);
    }
    CHECK_THAT(problems_of(std::string(200000, '[')).front().what, ContainsSubstring("nested too deeply"));
    CHECK_THAT(problems_of("{\"moeplan_profile\":").front().what, ContainsSubstring("not JSON"));
    // Short, whatever is in the file.
    CHECK_THAT(problems_of(example().substr(0, example().size() / 2)).front().what, ContainsSubstring("the file is cut short"));
    CHECK_THAT(problems_of("").front().what, ContainsSubstring("the file is empty"));
    const std::string spoilt = "{\"moeplan_profile\":3,\n\"name\":x" + std::string(50000, 'A') + "}";
    const auto one = read_profile(spoilt, "mine.json");
    REQUIRE_FALSE(one);
    CHECK(one.error().front().where == "mine.json:2:8");
    CHECK_THAT(to_text(one.error().front()), ContainsSubstring("this is not JSON from 'xAAA"));
    CHECK(to_text(one.error().front()).size() < 200);
    const auto missing = load_profile("no/such/profile.json");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().front().where == "no/such/profile.json");
}

TEST_CASE("a damaged profile is refused or read, and never predicts by chance of memory") {
    std::mt19937_64 random(9);
    for (int i = 0; i < 400; ++i) {
        std::string text = example();
        for (int k = 0; k < 3; ++k) text[random() % text.size()] = static_cast<char>(32 + random() % 95);
        const auto profile = read_profile(text, "mine.json");
        if (!profile) {
            for (const Problem& p : profile.error()) REQUIRE(p.where.starts_with("mine.json"));
            continue;
        }
        for (const FamilyProfile& f : profile->families) {
            const auto once = predict(*profile, Gemm{64, 4096, 4096, NumberFormat::bf16}),
                       again = predict(*profile, Gemm{64, 4096, 4096, NumberFormat::bf16});
            REQUIRE(f.fit);
            if (once && std::isfinite(once->seconds)) REQUIRE(once->seconds == again->seconds);
        }
    }
}
