// A profile held against its worker: what is drawn, what is compared, what goes wrong.
#include "gpu/calibrator/verify.h"

#include <nlohmann/json.hpp>

#include "core/calibrate/fitted_family.h"
#include "gpu/calibrator/draw_kernels.h"
#include "gpu/calibrator/measured_device.h"
#include "tests/calibrator/support.h"

using namespace moeplan;
using namespace moeplan::test;

namespace {

CalibrationPlan grids(const WorkerHello&) {
    PlanGroup gemm{KernelFamily::gemm, "bf16", 0.5, {}, {}};
    for (const std::int64_t m : {1, 8, 64, 512}) {
        for (const std::int64_t n : {256, 1024, 4096}) {
            for (const std::int64_t k : {512, 2048}) gemm.kernels.push_back(GemmKernel{m, n, k, NumberFormat::bf16});
        }
    }
    PlanGroup experts{KernelFamily::moe_ffn, "bf16", 0.5, {}, {}};
    for (const std::int64_t tokens : {1, 8, 64, 512}) {
        for (const std::int64_t held : {4, 16}) {
            for (const std::int64_t hidden : {512, 2048})
                experts.kernels.push_back(ExpertKernel{tokens, hidden, hidden / 2, 2, true, NumberFormat::bf16,
                                                       example_loads(tokens, held, 2, 1, 0)});
        }
    }
    gemm.weights.assign(gemm.kernels.size(), 1);
    experts.weights.assign(experts.kernels.size(), 1);
    return {{gemm, experts}, {}};
}

struct Fitted {
    Profile profile;
    WorkerHello hello;
};

const Fitted& fitted_to_fake() {
    static const Fitted fitted = [] {
        const Scratch folder;
        RunControl control;
        const auto settings = settings_for(fake_worker(), folder.path("j"));
        const CalibrateTools tools = usual_tools(grids);
        const auto run = calibrate(settings, tools, control);
        REQUIRE(run);
        auto report = tools.fit(run->set, measured_device(run->header.hello, run->set.rows), {});
        REQUIRE(report);
        return Fitted{report->profile, run->header.hello};
    }();
    return fitted;
}

VerifySettings verify_settings(const std::string& worker) {
    VerifySettings settings;
    settings.worker = worker;
    settings.times = {10, 5, 1};
    settings.probes = 12;
    return settings;
}

}  // namespace

TEST_CASE("kernels drawn for a profile lie inside its domain and none was measured") {
    const auto& [profile, hello] = fitted_to_fake();
    for (const FamilyProfile& family : profile.families) {
        const auto drawn = draw_kernels(family, hello, 30, 5);
        REQUIRE(drawn.size() == 30);
        for (const Kernel& kernel : drawn) {
            INFO(to_text(kernel));
            CHECK(family_of(kernel) == family.family);
            CHECK(format_of(kernel) == family.format);
            CHECK(check_kernel(kernel).empty());
            CHECK_FALSE(family.fit->predict(op_of(kernel)).outside);
            const auto& shapes = family.fit->state().shapes;
            CHECK(std::ranges::find(shapes, family.fit->physics().shape(op_of(kernel))) == shapes.end());
        }
        CHECK(draw_kernels(family, hello, 30, 5) == drawn);
        CHECK(draw_kernels(family, hello, 30, 6) != drawn);
    }
}

TEST_CASE("nothing is drawn that the worker does not offer or cannot hold") {
    const auto& [profile, hello] = fitted_to_fake();
    WorkerHello other = hello;
    other.ops.erase(KernelFamily::moe_ffn);
    other.memory_bytes = 3 << 20;
    for (const FamilyProfile& family : profile.families) {
        const auto drawn = draw_kernels(family, other, 5, 1);
        if (family.family == KernelFamily::moe_ffn) CHECK(drawn.empty());
        for (const Kernel& kernel : drawn) CHECK(memory_of(kernel).value <= (1 << 20));
    }
}

TEST_CASE("a profile of a smooth device predicts what it has not seen") {
    const auto& [profile, hello] = fitted_to_fake();
    RunControl control;
    const auto verified = verify_profile(profile, verify_settings(fake_worker()), control);
    REQUIRE(verified);
    CHECK(verified->kernels.size() == 24);
    CHECK_FALSE(verified->step);   // no processor
    const KernelScores scores = scores_of(*verified, profile);
    REQUIRE(scores.families.size() == 2);
    for (const KernelScore& score : scores.families) {
        INFO(score.family);
        REQUIRE(score.error);
        CHECK(score.n_test == 12);
        CHECK(score.error->median_ape < 0.2);
    }
    const auto json = nlohmann::json::parse(write_verification_json(*verified, profile));
    CHECK(json["kernels"].size() == 24);
    CHECK(json["step"].is_null());
    CHECK(json["scores"]["families"][0]["n_test"] == 12);
    CHECK(json["device"] == "Fake 1");
}

TEST_CASE("probes that fail are told and do not end a verification") {
    const auto& profile = fitted_to_fake().profile;
    RunControl control;
    const auto verified = verify_profile(profile, verify_settings(fake_worker("--fail-on gemm")), control);
    REQUIRE(verified);
    CHECK(verified->failed.size() == 12);
    CHECK(verified->kernels.size() == 12);
    CHECK_FALSE(scores_of(*verified, profile).families.front().error);
    const auto none = verify_profile(profile, verify_settings(fake_worker("--fail-on bf16")), control);
    REQUIRE_FALSE(none);
    CHECK_THAT(text_of(none.error()), ContainsSubstring("5 times in a row"));
}

TEST_CASE("families the worker does not run are told so") {
    RunControl control;
    const auto verified = verify_profile(fitted_to_fake().profile, verify_settings(fake_worker("--only gemm")), control);
    REQUIRE(verified);
    CHECK(verified->notes == std::vector<std::string>{"moe_ffn bf16: the worker does not run it"});
}

TEST_CASE("a step that was asked for and cannot be run ends a verification before it measures") {
    RunControl control;
    VerifySettings settings = verify_settings(fake_worker());
    settings.step = "layers=2";
    const auto none = verify_profile(fitted_to_fake().profile, settings, control);
    REQUIRE_FALSE(none);
    CHECK_THAT(text_of(none.error()), ContainsSubstring("only workers on processors run steps"));
    // This one greets again where a step is expected.
    settings.worker = fake_worker("--threads 2");
    double done = 0;
    control.progress = [&](double share) { done = share; };
    const auto wrong = verify_profile(fitted_to_fake().profile, settings, control);
    REQUIRE_FALSE(wrong);
    CHECK_THAT(text_of(wrong.error()), ContainsSubstring("step"));
    CHECK(done == 0);
    // The usual one is no more than a note.
    settings.step.reset();
    CHECK(verify_profile(fitted_to_fake().profile, settings, control));
}

TEST_CASE("a profile of one device is not held against another") {
    RunControl control;
    const auto verified = verify_profile(fitted_to_fake().profile, verify_settings(fake_worker("--device Other")), control);
    REQUIRE_FALSE(verified);
    CHECK_THAT(text_of(verified.error()), ContainsSubstring("runs on Other"));
}

TEST_CASE("sizes of a step that a shell would act on are refused") {
    for (const char* sizes : {"", "layers=2;ls", "$(ls)", "layers=2 --threads 1", "'"}) {
        INFO(sizes);
        const auto step = run_step("true", sizes, 1, nullptr);
        REQUIRE_FALSE(step);
        CHECK_THAT(text_of(step.error()), ContainsSubstring("no list of sizes"));
    }
    const auto silent = run_step("true", "layers=2", 1, nullptr);
    REQUIRE_FALSE(silent);
    CHECK_THAT(text_of(silent.error()), ContainsSubstring("no step"));
    CHECK_FALSE(run_step("echo '{}' #", "layers=2", 1, nullptr));
}
