#include "sim/sweep/mpi/work.h"

#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace moeplan {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kTellAlive{500};
constexpr milliseconds kNap{1};

// Points in, answers out, in order.
class Bench {
public:
    explicit Bench(const ComputePoint& compute) : compute_(compute), thread_([this] { run(); }) {}
    ~Bench() {
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    void put(std::uint64_t point) {
        {
            const std::lock_guard lock(mutex_);
            points_.push_back(point);
        }
        changed_.notify_one();
    }
    std::optional<std::string> take() {
        const std::lock_guard lock(mutex_);
        if (answers_.empty()) return std::nullopt;
        std::string answer = std::move(answers_.front());
        answers_.pop_front();
        return answer;
    }

private:
    void run() {
        for (;;) {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return ended_ || !points_.empty(); });
            if (ended_) return;
            const std::uint64_t point = points_.front();
            points_.pop_front();
            lock.unlock();
            std::string bytes(sizeof point, '\0');
            std::memcpy(bytes.data(), &point, sizeof point);
            bytes += compute_(point);
            lock.lock();
            answers_.push_back(std::move(bytes));
        }
    }

    const ComputePoint& compute_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::uint64_t> points_;
    std::deque<std::string> answers_;
    bool ended_ = false;
    std::thread thread_;   // last: it uses the others
};

}  // namespace

bool work_for_rank_0(Messages& messages, const std::string& hello, milliseconds lost_after, const ComputePoint& compute,
                     const std::atomic<bool>* stop) {
    messages.send(0, Tag::hello, hello);
    Bench bench(compute);
    auto heard = Clock::now(), told = heard;
    bool begun = false;   // rank 0 may first have a large folder to read
    while (!(stop && stop->load(std::memory_order_relaxed))) {
        bool gone = false;
        while (auto message = messages.receive(0, gone)) {
            heard = Clock::now();
            begun = true;
            std::uint64_t point = 0;
            if (message->tag == Tag::stop) return true;
            if (message->tag != Tag::point || message->bytes.size() != sizeof point) continue;
            std::memcpy(&point, message->bytes.data(), sizeof point);
            bench.put(point);
        }
        while (auto answer = bench.take()) messages.send(0, Tag::answer, std::move(*answer));
        const auto now = Clock::now();
        if (gone || (begun && now - heard > lost_after)) return false;
        if (now - told > kTellAlive) {
            told = now;
            messages.send(0, Tag::alive, {});
        }
        (void)messages.all_sent();
        std::this_thread::sleep_for(kNap);
    }
    return false;
}

}  // namespace moeplan
