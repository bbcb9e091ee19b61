#include <algorithm>

#include "core/cost/cost_source.h"
#include "tests/calibrate/profile_support.h"
#include "tests/support/catch.h"

using namespace moeplan;
using namespace moeplan::test;

namespace {

const Profile& several() {
    static const Profile profile = profile_of(several_families());
    return profile;
}

Place place_with(const Profile* profile) {
    Place place;
    place.device = &h100();
    place.engine = builtin_catalog().engine("vllm");
    place.network = {5e10};
    place.profile = profile;
    return place;
}

Cost priced(const OpKind& op, const Profile* profile) {
    const auto cost = make_calibrated(make_roofline())->price({Part::experts, 1, op}, place_with(profile));
    REQUIRE(cost);
    return *cost;
}

Cost roofline(const OpKind& op) {
    const auto cost = make_roofline()->price({Part::experts, 1, op}, place_with(nullptr));
    REQUIRE(cost);
    return *cost;
}

void check_roofline(const OpKind& op, const Profile* profile) {
    const Cost a = priced(op, profile), b = roofline(op);
    CHECK(a.time.value == b.time.value);
    CHECK(a.low.value == b.low.value);
    CHECK(a.high.value == b.high.value);
    CHECK(a.provenance == Provenance::roofline);
    CHECK_FALSE(a.outside_calibration);
}

}  // namespace

TEST_CASE("the profile prices the families it has, the roofline all others") {
    for (const OpKind& op :
         {OpKind{Gemm{300, 4096, 4096, NumberFormat::bf16}}, OpKind{experts(300, NumberFormat::bf16)},
          OpKind{MemoryPass{{1e6}}}, OpKind{all_reduce(1e6, 4)}}) {
        const Cost cost = priced(op, &several());
        const FamilyKey key = *family_of_op(op);
        const auto family = std::ranges::find_if(several().families, [&](const FamilyProfile& f) {
            return f.family == key.family && f.format == key.format;
        });
        REQUIRE(family != several().families.end());
        CHECK(cost.time.value == family->fit->predict_in_graph(op).seconds);
        CHECK(cost.time.value != roofline(op).time.value);
        CHECK(cost.provenance == Provenance::calibrated);
        CHECK(cost.flops.value == roofline(op).flops.value);
        CHECK(cost.bytes.value == roofline(op).bytes.value);
    }
    for (const OpKind& op : {OpKind{Gemm{300, 4096, 4096, NumberFormat::fp8}}, OpKind{experts(300, NumberFormat::fp8)},
                             OpKind{HostFetch{{1e6}}}}) {
        check_roofline(op, &several());
    }
    check_roofline(Gemm{300, 4096, 4096, NumberFormat::bf16}, nullptr);
}

TEST_CASE("a layer that ran by a kernel of its own is priced by it, all others by the usual one") {
    const auto layer = [](double tokens, double hidden) {
        ExpertFfn f = experts(tokens, NumberFormat::bf16);
        f.hidden = hidden;
        return f;
    };
    std::vector<Measurement> rows;
    for (const double hidden : {2048.0, 4096.0, 6144.0}) {
        for (int i = 0; i < 24; ++i) {
            rows.push_back(measured(layer(1 + 40 * i, hidden)));
            rows.back().kernel = hidden == 6144 ? "vllm_cutlass" : "vllm_trtllm";
            if (hidden == 6144) rows.back().seconds *= 2;
        }
    }
    MeasurementSet set;
    set.rows = std::move(rows);
    const Profile profile = profile_of(set);
    REQUIRE(profile.families.size() == 2);
    CHECK(profile.families[1].format == "bf16, by vllm_cutlass");
    const auto over_prior = [&](double hidden) {
        const OpKind op = layer(333, hidden);
        return priced(op, &profile).time.value / measured(op).seconds;
    };
    CHECK(over_prior(4096) == Approx(1).epsilon(0.05));
    CHECK(over_prior(6144) == Approx(2).epsilon(0.05));
    CHECK(over_prior(8192) == Approx(1).epsilon(0.1));
    const auto read = read_profile(write_profile(profile), "kernels.json");
    REQUIRE(read);
    CHECK(predict(*read, layer(333, 6144))->seconds == Approx(predict(profile, layer(333, 6144))->seconds).epsilon(1e-4));
}

TEST_CASE("times in another unit are not fitted, and the reason is told") {
    for (const double unit : {1e-3, 1e3}) {
        MeasurementSet set;
        set.rows = gemms();
        for (Measurement& row : set.rows) row.seconds *= unit;
        const auto report = fit_profile(set, h100(), {});
        REQUIRE_FALSE(report);
        CHECK_THAT(report.error().front().hint, ContainsSubstring("gemm bf16: the usual kernel takes") && ContainsSubstring("another unit"));
    }
}

TEST_CASE("collectives across nodes stay with the roofline: what was measured is inside one") {
    check_roofline(all_reduce(1e6, 4, true), &several());
    CHECK(priced(all_reduce(1e6, 4, false), &several()).provenance == Provenance::calibrated);
}

TEST_CASE("passes inside experts cost nothing exactly when experts of that format are measured") {
    const Cost inside = priced(MemoryPass{{1e6}, NumberFormat::bf16}, &several());
    CHECK(inside.time.value == 0);
    CHECK(inside.low.value == 0);
    CHECK(inside.high.value == 0);
    CHECK(inside.provenance == Provenance::calibrated);
    // Experts in fp8 are not in the profile: the pass is one of its own, which copies are measured for.
    const Cost other = priced(MemoryPass{{1e6}, NumberFormat::fp8}, &several());
    CHECK(other.time.value == priced(MemoryPass{{1e6}}, &several()).time.value);
    CHECK(other.time.value > 0);
    const Profile only_gemm = profile_of({"", "", "synthetic", gemms()});
    check_roofline(MemoryPass{{1e6}, NumberFormat::bf16}, &only_gemm);
    check_roofline(MemoryPass{{1e6}, NumberFormat::bf16}, nullptr);
}

TEST_CASE("inside a graph the host's time of a measurement is left out") {
    // A fit whose host takes 200 us a kernel; its device needs some 15 us for few rows, milliseconds for many.
    Profile profile = profile_of({"", "", "synthetic", gemms()});
    FamilyProfile& family = profile.families.at(0);
    FittedFamily::State state = family.fit->state();
    REQUIRE(kGemmPhysics.parameters.at(1).name == "host (s)");
    state.theta.at(1) = 2e-4;
    family.fit = std::make_shared<const FittedFamily>(kGemmPhysics, state);
    const OpKind small = Gemm{64, 4096, 4096, NumberFormat::bf16};
    const double as_measured = predict(profile, small)->seconds;
    CHECK(as_measured == Approx(2e-4).epsilon(0.15));
    const Cost cost = priced(small, &profile);
    CHECK(cost.time.value == Approx(kGemmPhysics.device_prior(small, state.rates, state.theta)).epsilon(1e-3));
    CHECK(cost.time.value < 0.1 * as_measured);
    CHECK(cost.time.value > work_of(small).bytes.value / h100().bandwidth.value);
    CHECK(cost.low.value > 0);
    CHECK(cost.high.value < 0.1 * as_measured);
    // Where the device is what takes the time nothing is left out.
    const OpKind large = Gemm{16384, 8192, 4096, NumberFormat::bf16};
    CHECK(priced(large, &profile).time.value == Approx(predict(profile, large)->seconds).epsilon(0.02));
}

TEST_CASE("the time lies in its interval for whatever is asked") {
    std::mt19937_64 random(8);
    for (int i = 0; i < 300; ++i) {
        const auto size = [&random](double most) { return std::floor(std::pow(most, share(random))); };
        for (const OpKind& op : {OpKind{Gemm{size(1e6), size(1e6), size(1e6), NumberFormat::bf16}},
                                 OpKind{experts(size(1e6), NumberFormat::bf16)}, OpKind{MemoryPass{{size(1e12)}}},
                                 OpKind{all_reduce(size(1e12), 1 + static_cast<std::int64_t>(size(64)))}}) {
            const Cost cost = priced(op, &several());
            REQUIRE(std::isfinite(cost.high.value));
            REQUIRE(cost.low.value > 0);
            REQUIRE(cost.low.value <= cost.time.value);
            REQUIRE(cost.time.value <= cost.high.value);
        }
    }
}

TEST_CASE("beyond twice what was measured, or below half of it, a price says that it is outside") {
    const auto outside = [](double bytes) { return priced(MemoryPass{{bytes}}, &several()).outside_calibration; };
    // Measured from 1 kB to 1 GB. All ends may be held out, so the edges are asked for well on either side.
    const FittedFamily* fit = nullptr;
    for (const FamilyProfile& f : several().families) {
        if (f.family == KernelFamily::copy) fit = f.fit.get();
    }
    REQUIRE(fit);
    const double least = std::exp(fit->state().lowest.at(0)), most = std::exp(fit->state().highest.at(0));
    CHECK(least <= 1e4);
    CHECK(most >= 1e8);
    CHECK_FALSE(outside(least));
    CHECK_FALSE(outside(1e6));
    CHECK_FALSE(outside(most));
    CHECK_FALSE(outside(1.98 * most));
    CHECK(outside(2.05 * most));
    CHECK_FALSE(outside(least / 1.98));
    CHECK(outside(least / 2.05));
}

TEST_CASE("reports are told which profile answers") {
    const auto source = make_calibrated(make_roofline());
    CHECK_THAT(source->describe(place_with(&several())), ContainsSubstring("profile synthetic (vllm 0.24.0)"));
    CHECK(source->describe(place_with(nullptr)) == make_roofline()->describe());
}
