#include "gpu/calibrator/verify.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/calibrate/fitted_family.h"
#include "gpu/calibrator/draw_kernels.h"

namespace moeplan {
namespace {

constexpr int kFailuresInARow = 5;

const FamilyProfile* family_for(const Profile& profile, KernelFamily family, std::string_view format) {
    const auto found = std::ranges::find_if(
        profile.families, [&](const FamilyProfile& f) { return f.family == family && f.format == format && f.fit; });
    return found == profile.families.end() ? nullptr : &*found;
}

std::string name_of_family(const FamilyProfile& family) {
    return family.format.empty() ? std::string(name_of(family.family))
                                 : fmt::format("{} {}", name_of(family.family), family.format);
}

bool has_shapes(KernelFamily family) {
    return family == KernelFamily::gemm || family == KernelFamily::moe_ffn ||
           family == KernelFamily::attention_prefill || family == KernelFamily::attention_decode;
}

class Verifier {
public:
    Verifier(const Profile& profile, const VerifySettings& settings, RunControl& control)
        : profile_(profile), settings_(settings), control_(control), worker_(settings.worker, settings.times) {}

    Result<Verification> run() {
        if (auto started = start(); !started) return tl::unexpected(started.error());
        // What was asked for comes first: minutes of kernels would be lost where it cannot be done.
        if (settings_.step) {
            worker_.stop();   // it is started again for its kernels; a step has the machine to itself
            if (auto done = step(*settings_.step); !done) return tl::unexpected(done.error());
        }
        const auto drawn = draw();
        for (std::size_t i = 0; i < drawn.size() && !control_.cancelled(); ++i) {
            if (auto asked = ask(drawn[i], static_cast<std::int64_t>(i) + 1); !asked)
                return tl::unexpected(asked.error());
            if (control_.progress) control_.progress(static_cast<double>(i + 1) / static_cast<double>(drawn.size()));
        }
        worker_.stop();
        if (!control_.cancelled() && !settings_.step) usual();
        return std::move(result_);
    }

private:
    Result<void> start() {
        auto hello = worker_.start(control_.cancel);
        if (!hello) return tl::unexpected(hello.error());
        if (!profile_.device_name.empty() && hello->device != profile_.device_name)
            return fail(Problem{settings_.worker, "",
                                fmt::format("runs on {}, but the profile is of {}", hello->device, profile_.device_name),
                                "name a worker on that device with --worker", ProblemKind::wrong_input});
        result_.hello = std::move(*hello);
        return {};
    }

    // One of each family in turn, so that whatever else the device does meets all families alike.
    std::vector<Kernel> draw() {
        std::vector<std::vector<Kernel>> families;
        std::uint64_t seed = settings_.seed * 1'000'003;
        for (const FamilyProfile& family : profile_.families) {
            ++seed;
            if (!has_shapes(family.family)) continue;
            if (!offered(family)) {
                note(fmt::format("{}: the worker does not run it", name_of_family(family)));
                continue;
            }
            families.push_back(draw_kernels(family, result_.hello, settings_.probes, seed));
            if (families.back().size() < settings_.probes)
                result_.notes.push_back(fmt::format("{}: {} of {} shapes could be drawn inside what was measured",
                                                    name_of_family(family), families.back().size(), settings_.probes));
        }
        std::vector<Kernel> all;
        for (std::size_t turn = 0; turn < settings_.probes; ++turn) {
            for (const auto& family : families) {
                if (turn < family.size()) all.push_back(family[turn]);
            }
        }
        return all;
    }

    bool offered(const FamilyProfile& family) const {
        const auto ops = result_.hello.ops.find(family.family);
        return ops != result_.hello.ops.end() && std::ranges::find(ops->second, family.format) != ops->second.end();
    }

    Result<void> ask(const Kernel& kernel, std::int64_t id) {
        if (!worker_.running()) {
            if (auto again = worker_.start(control_.cancel); !again) return tl::unexpected(again.error());
        }
        JournalEntry entry;
        entry.request = {id, kernel, settings_.limits};
        Answer answer = worker_.ask(entry.request, control_.cancel);
        if (answer.kind == AnswerKind::cancelled) return {};
        if (answer.kind == AnswerKind::ok) {
            failures_ = 0;
            entry.reply = std::move(answer.reply);
            result_.kernels.push_back({kernel, measurement_of(entry), *predict_kernel(profile_, kernel)});
            return {};
        }
        result_.failed.push_back({to_text(kernel), fmt::format("{}: {}", name_of(answer.kind), answer.message)});
        if (answer.kind == AnswerKind::unsupported || answer.kind == AnswerKind::out_of_memory) return {};
        if (++failures_ < kFailuresInARow) return {};
        return fail(Problem{settings_.worker, "",
                            fmt::format("the worker failed {} times in a row, the last time so: {}", failures_,
                                        result_.failed.back().remark),
                            "", ProblemKind::wrong_input});
    }

    void usual() {
        if (result_.hello.threads == 0) return;   // only workers on processors run steps
        const auto sizes = usual_step(profile_);
        if (!sizes) return note("no step: the profile lacks products, experts or decode attention");
        if (auto done = step(*sizes); !done) note("no step: " + to_text(done.error().front()));
    }

    Result<void> step(const std::string& sizes) {
        if (result_.hello.threads == 0)
            return fail(Problem{settings_.worker, "--step", "only workers on processors run steps, and this one is on none", "", ProblemKind::wrong_input});
        auto measured = run_step(settings_.worker, sizes, settings_.step_s, control_.cancel);
        if (!measured) return tl::unexpected(measured.error());
        return add_step(std::move(*measured));
    }

    void note(std::string text) { result_.notes.push_back(std::move(text)); }

    Result<void> add_step(StepMeasurement measured) {
        VerifiedStep step;
        for (const StepKernel& one : measured.kernels) {
            const auto said = predict_kernel(profile_, one.kernel);
            if (!said) return fail(Problem{settings_.worker, "--step", fmt::format("the profile says nothing of its {}", one.part), "", ProblemKind::wrong_input});
            if (!family_for(profile_, family_of(one.kernel), format_of(one.kernel))) step.by_copies.push_back(one.part);
            const auto times = static_cast<double>(one.repeat);
            step.predicted.seconds += times * said->seconds;
            step.predicted.low += times * said->low;
            step.predicted.high += times * said->high;
            step.predicted.outside = step.predicted.outside || said->outside;
        }
        step.measured = std::move(measured);
        result_.step = std::move(step);
        return {};
    }

    const Profile& profile_;
    const VerifySettings& settings_;
    RunControl& control_;
    ProbeWorker worker_;
    Verification result_;
    int failures_ = 0;
};

}  // namespace

std::optional<std::string> usual_step(const Profile& profile) {
    for (const char* format : {"bf16", "fp32"}) {
        if (family_for(profile, KernelFamily::gemm, format) && family_for(profile, KernelFamily::moe_ffn, format) &&
            family_for(profile, KernelFamily::attention_decode, format))
            return fmt::format("format={}", format);
    }
    return std::nullopt;
}

std::optional<Prediction> predict_kernel(const Profile& profile, const Kernel& kernel) {
    const FamilyProfile* own = family_for(profile, family_of(kernel), format_of(kernel));
    return own ? std::optional(own->fit->predict(op_of(kernel))) : predict(profile, op_of(kernel));
}

Result<Verification> verify_profile(const Profile& profile, const VerifySettings& settings, RunControl& control) {
    return Verifier(profile, settings, control).run();
}

KernelScores scores_of(const Verification& verification, const Profile& profile) {
    KernelScores scores;
    scores.file = profile.name;
    scores.method = "shapes drawn at random, none of them measured before";
    for (const FamilyProfile& family : profile.families) {
        std::vector<Compared> rows;
        for (const VerifiedKernel& one : verification.kernels) {
            if (one.measured.family != family.family || one.measured.format != family.format) continue;
            rows.push_back({one.measured.seconds, one.predicted.seconds, one.predicted.low, one.predicted.high});
        }
        if (!has_shapes(family.family)) continue;
        KernelScore score{std::string(name_of(family.family)), family.format, verification.hello.device,
                          static_cast<std::uint64_t>(family.fitted), rows.size(), error_stats(rows), {}, 0};
        scores.families.push_back(std::move(score));
    }
    if (!verification.failed.empty())
        scores.skipped.push_back({verification.failed.front().remark, verification.failed.size()});
    return scores;
}

}  // namespace moeplan
