#include "gpu/cuda/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "gpu/cuda/operators.h"

namespace moeplan::cuda {

namespace {

constexpr double kLongestPause = 0.05, kSpare = 20e-6;   // seconds

class Rounds {
public:
    Rounds(Session& session, const TimedWork& work) : session_(session), work_(work) {}

    double once() {
        const int set = static_cast<int>(round_ % work_.sets);
        if (work_.cold) session_.flush_l2();
        if (work_.hide_launches) pause();
        check(cudaEventRecord(session_.start(), session_.stream()), "cudaEventRecord");
        const auto begin = std::chrono::steady_clock::now();
        work_.enqueue(set);
        check(cudaEventRecord(session_.stop(), session_.stream()), "cudaEventRecord");
        queueing_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        // Asking costs the host, not the device, but not every time.
        if (round_ % 8 == 0) session_.clocks().look();
        ++round_;
        check(cudaEventSynchronize(session_.stop()), "cudaEventSynchronize");
        float milliseconds = 0;
        check(cudaEventElapsedTime(&milliseconds, session_.start(), session_.stop()), "cudaEventElapsedTime");
        return static_cast<double>(milliseconds) / 1e3;
    }

private:
    void pause() {
        run_pause(static_cast<std::int64_t>(pause_for(queueing_) * 1e9), session_.stream());
    }

    Session& session_;
    const TimedWork& work_;
    std::int64_t round_ = 0;
    double queueing_ = 0;   // seconds the host took last time
};

}  // namespace

double pause_for(double queueing_seconds) { return std::min(kLongestPause, 1.25 * queueing_seconds + kSpare); }

std::vector<double> take_samples(Session& session, const ProbeLimits& limits, const TimedWork& work) {
    session.clocks().reset();
    check(cudaStreamSynchronize(session.stream()), "cudaStreamSynchronize");
    Rounds rounds(session, work);
    return sample_until(limits, [&] { return rounds.once(); });
}

int sets_of(const Session& session, double bytes_of_one_set) {
    const double wanted = 2.0 * session.properties().l2CacheSize / std::max(1.0, bytes_of_one_set) + 1;
    const double fitting = 0.5 * static_cast<double>(session.free_bytes()) / std::max(1.0, bytes_of_one_set);
    return static_cast<int>(std::clamp(std::floor(std::min(wanted, fitting)), 1.0, 8.0));
}

void require_room(const Session& session, double bytes) {
    const auto free = static_cast<double>(session.free_bytes());
    const double kept = 256.0 * 1024 * 1024;   // modules and libraries loaded later
    if (bytes + kept <= free) return;
    throw DeviceError(Failure::out_of_memory,
                      fmt::format("needs {:.2f} GB and {:.2f} GB are free", bytes / 1e9, free / 1e9));
}

}  // namespace moeplan::cuda
