// A fit of one device used for another.
#include "core/calibrate/carry_over.h"

#include <algorithm>
#include <cmath>

#include "tests/calibrate/profile_support.h"
#include "tests/support/catch.h"

using namespace moeplan;
using namespace moeplan::test;

namespace {

const DeviceSpec& device(const char* id) {
    const DeviceSpec* found = builtin_catalog().device(id);
    REQUIRE(found);
    return *found;
}

// The H100 in the datasheet of its measurements, a sibling with twice the bandwidth, and an older chip.
DeviceSpec sibling() {
    DeviceSpec d = h100();
    d.id = "h100_fast";
    d.bandwidth.value *= 2;
    return d;
}

const FamilyProfile& family(const Profile& profile, KernelFamily of, const std::string& format) {
    const auto at = std::ranges::find_if(profile.families, [&](const FamilyProfile& f) { return f.family == of && f.format == format; });
    REQUIRE(at != profile.families.end());
    return *at;
}

Profile profile_of_rows(const std::vector<Measurement>& rows) { return profile_of(MeasurementSet{"NVIDIA H100 80GB HBM3", "vllm 0.24.0", "synthetic", rows}); }

const Profile& measured_gemms() {
    static const Profile profile = [] {
        Profile p = profile_of_rows(gemms());
        p.name = "h100_sxm-vllm";
        return p;
    }();
    return profile;
}

double carried_seconds(const DeviceSpec& to, const OpKind& op) {
    const auto carried = carry_over(measured_gemms(), family(measured_gemms(), KernelFamily::gemm, "bf16"), h100(), to);
    REQUIRE(carried);
    return carried->fit->seconds(op);
}

}  // namespace

TEST_CASE("Kinship is the architecture, and the 16-bit peak within a factor 1.5") {
    CHECK(kinship(device("h100_sxm"), device("h200_sxm")) == Kinship::sibling);
    CHECK(kinship(device("h100_sxm"), device("h20")) == Kinship::architecture);
    CHECK(kinship(device("a100_sxm"), device("a10")) == Kinship::architecture);
    CHECK(kinship(device("b200_sxm"), device("b300_sxm")) == Kinship::sibling);   // Blackwell Ultra is Blackwell
    CHECK(kinship(device("h100_sxm"), device("rtx_4090")) == Kinship::generation);
    CHECK_FALSE(kinship(device("h100_sxm"), device("mi300x")));
    CHECK_FALSE(kinship(device("h100_sxm"), device("gaudi2")));
    CHECK_FALSE(kinship(device("mi300x"), device("mi325x")));
}

TEST_CASE("The nearest device is a sibling, then one of the architecture, then of the nearest compute capability") {
    const DeviceSpec& gh200 = device("gh200");
    CHECK(distance(device("h200_sxm"), gh200) < distance(device("h100_sxm"), gh200));   // the same ratio of peak to bandwidth
    CHECK(distance(device("h100_sxm"), gh200) < distance(device("b200_sxm"), gh200));
    const DeviceSpec& ada = device("rtx_4090");   // 8.9: next to Hopper's 9.0
    CHECK(distance(device("h200_sxm"), ada) < distance(device("a100_sxm"), ada));
    CHECK(distance(device("a100_sxm"), ada) < distance(device("b200_sxm"), ada));
    CHECK(distance(device("a100_sxm"), device("a40")) < distance(device("h100_sxm"), device("a40")));
    CHECK_FALSE(distance(device("a100_sxm"), device("mi300x")));
}

TEST_CASE("What is bound by memory scales with the sibling's bandwidth, launches stay") {
    // One row of 8192 x 4096: 67 MB of weights, next to no arithmetic. The prior is launch + bytes / (bandwidth * share) +
    // terms of the depth: with twice the bandwidth what falls away is half of the memory time.
    const OpKind op = Gemm{1, 8192, 4096, NumberFormat::bf16};
    const FittedFamily& fit = *family(measured_gemms(), KernelFamily::gemm, "bf16").fit;
    const double share = fit.state().theta[3];
    const double memory = work_of(op).bytes.value / (h100().bandwidth.value * share);
    const auto carried = carry_over(measured_gemms(), family(measured_gemms(), KernelFamily::gemm, "bf16"), h100(), sibling());
    REQUIRE(carried);
    CHECK(fit.prior_seconds(op) - carried->fit->prior_seconds(op) == Approx(memory / 2).epsilon(0.02));
    CHECK(carried->from == "h100_sxm-vllm");
    CHECK_FALSE(carried->error);
    CHECK(carried_seconds(h100(), op) == Approx(fit.seconds(op)));   // the same datasheet: the same time
}

TEST_CASE("What kernels reach of a datasheet is weighed by the catalog's fractions") {
    DeviceSpec other = sibling();
    other.bandwidth_fraction.value = h100().bandwidth_fraction.value / 2;   // twice the bandwidth, half of it reached
    const OpKind op = Gemm{1, 8192, 4096, NumberFormat::bf16};
    CHECK(carried_seconds(other, op) == Approx(carried_seconds(h100(), op)));
}

TEST_CASE("What one block draws of the bandwidth stays, whatever the chip has for all of them") {
    std::vector<Measurement> rows;
    for (double tokens = 1; tokens <= 8192; tokens *= 1.5) rows.push_back(measured(experts(std::ceil(tokens), NumberFormat::bf16)));
    const Profile profile = profile_of_rows(rows);
    const FamilyProfile& of = family(profile, KernelFamily::moe_ffn, "bf16");
    DeviceSpec slow = h100();
    slow.bandwidth.value /= 4;
    *slow.sm_count /= 2;
    const auto carried = carry_over(profile, of, h100(), slow);
    REQUIRE(carried);
    // Half the multiprocessors share a quarter of the bandwidth: half the share each, of which a block draws twice as much.
    CHECK(carried->fit->state().theta[7] == Approx(2 * of.fit->state().theta[7]));
    CHECK(carried->fit->state().theta[1] == of.fit->state().theta[1]);
}

TEST_CASE("Between architectures the correction stays behind and the interval is wider") {
    const OpKind op = Gemm{64, 4096, 4096, NumberFormat::bf16};
    const FamilyProfile& from = family(measured_gemms(), KernelFamily::gemm, "bf16");
    const auto near = carry_over(measured_gemms(), from, h100(), sibling());
    const auto far = carry_over(measured_gemms(), from, h100(), device("a100_sxm"));
    REQUIRE(near);
    REQUIRE(far);
    CHECK(near->fit->seconds(op) != Approx(near->fit->prior_seconds(op)).epsilon(1e-4));
    CHECK(far->fit->seconds(op) == Approx(far->fit->prior_seconds(op)));
    const Prediction n = near->fit->predict(op), f = far->fit->predict(op);
    CHECK(n.low < n.seconds);
    CHECK(n.seconds < n.high);
    CHECK(f.high / f.low > n.high / n.low);
    CHECK(std::log(n.high / n.seconds) == Approx(0.19));
    CHECK(std::log(f.low / f.seconds) == Approx(-0.34));
    // A sibling's kernels of another engine: the same time, the wide interval.
    const auto another = carry_over(measured_gemms(), from, h100(), sibling(), false);
    REQUIRE(another);
    const Prediction a = another->fit->predict(op);
    CHECK(a.seconds == n.seconds);
    CHECK(std::log(a.low / a.seconds) == Approx(-0.34));
}

TEST_CASE("A format that only one of the two multiplies in does not carry over") {
    const Profile fp8 = profile_of_rows(gemms({}, NumberFormat::fp8));
    const FamilyProfile& of = family(fp8, KernelFamily::gemm, "fp8");
    CHECK(carry_over(fp8, of, h100(), device("rtx_4090")));        // Ada has fp8
    CHECK_FALSE(carry_over(fp8, of, h100(), device("a100_sxm")));  // Ampere widens it
    CHECK_FALSE(carry_over(fp8, of, h100(), device("mi300x")));
}

TEST_CASE("Kernels far worse than those of 16 bits carry over to siblings only") {
    const auto start = physics_of(KernelFamily::gemm)->parameters;
    std::vector<double> slow;
    for (const Parameter& p : start) slow.push_back(p.start);
    slow[3] /= 5;   // bandwidth reached
    slow[4] /= 5;   // compute reached
    auto rows = gemms();
    const auto bad = gemms(slow, NumberFormat::fp8);
    rows.insert(rows.end(), bad.begin(), bad.end());
    const Profile profile = profile_of_rows(rows);
    const FamilyProfile& of = family(profile, KernelFamily::gemm, "fp8");
    CHECK(carry_over(profile, of, h100(), sibling()));
    CHECK_FALSE(carry_over(profile, of, h100(), device("rtx_4090")));
    CHECK(carry_over(profile, family(profile, KernelFamily::gemm, "bf16"), h100(), device("rtx_4090")));
}

TEST_CASE("Collectives carry over within an architecture and where there is a fabric") {
    const Profile& hopper = **builtin_catalog().profile_named("h100_sxm-vllm");
    const FamilyProfile& of = family(hopper, KernelFamily::collective, "all-reduce");
    CHECK(carry_over(hopper, of, h100(), device("h800_sxm")));
    CHECK_FALSE(carry_over(hopper, of, h100(), device("gh200")));      // one GPU a node
    CHECK_FALSE(carry_over(hopper, of, h100(), device("b200_sxm")));
    CHECK_FALSE(carry_over(hopper, of, h100(), device("rtx_4090")));   // PCIe
    // 400 MB among 8 over 200 GB/s in place of 450: the bytes take as much longer.
    const auto carried = carry_over(hopper, of, h100(), device("h800_sxm"));
    const double slower = carried->fit->seconds(all_reduce(4e8, 8)) / of.fit->seconds(all_reduce(4e8, 8));
    CHECK(slower == Approx(450.0 / 200.0 * h100().link_fraction.value / device("h800_sxm").link_fraction.value).epsilon(0.1));
}
