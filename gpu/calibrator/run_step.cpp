// A whole step, by a program started for it alone.
#include <algorithm>

#include <fmt/format.h>

#include "gpu/calibrator/verify.h"
#include "gpu/calibrator/worker_process.h"

namespace moeplan {
namespace {

using Clock = WorkerProcess::Clock;

bool harmless(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("=,.-_").find(c) != std::string_view::npos;
}

Clock::time_point in_seconds(double seconds) {
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

Result<StepMeasurement> run_step(const std::string& worker, const std::string& sizes, double seconds,
                                 const std::atomic<bool>* cancel) {
    if (sizes.empty() || !std::ranges::all_of(sizes, harmless))
        return fail(Problem{"--step", "", fmt::format("'{}' is no list of sizes", sizes),
                            "expected such as layers=2,hidden=1024,format=bf16", ProblemKind::wrong_input});
    const auto wrong = [&](std::string what) {
        return fail(Problem{worker, "--step", std::move(what), "", ProblemKind::wrong_input});
    };
    WorkerProcess process;
    const auto started = process.start(fmt::format("{} --step {} --sum --seconds {}", worker, sizes, seconds));
    if (!started) return tl::unexpected(started.error());
    std::string line;
    const auto deadline = in_seconds(3 * seconds + 60);
    auto read = WorkerProcess::Read::waiting;
    while (read == WorkerProcess::Read::waiting) {
        if (cancel && cancel->load(std::memory_order_relaxed)) return wrong("cancelled");
        if (Clock::now() >= deadline) return wrong(fmt::format("no step within {:.0f} s", 3 * seconds + 60));
        read = process.read_line(line, in_seconds(0.1));
    }
    if (read == WorkerProcess::Read::line) {
        auto step = read_step(line);
        process.finish(std::chrono::milliseconds(500));
        return step;
    }
    process.wait_for_end(in_seconds(1));
    const std::string words = process.last_words();
    return wrong(words.empty() ? fmt::format("it ended with {} and no step", process.ending()) : words);
}

}  // namespace moeplan
