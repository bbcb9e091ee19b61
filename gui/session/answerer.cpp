#include "gui/session/answerer.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "gui/session/partial_report.h"
#include "gui/session/study_text.h"
#include "sim/planner.h"

namespace moeplan {
namespace {

using Clock = std::chrono::steady_clock;

// Lets one call in so often pass.
class Throttle {
public:
    explicit Throttle(Clock::duration gap) : gap_(gap) {}
    bool passes() {
        const auto now = Clock::now();
        if (last_ && now - *last_ < gap_) return false;
        last_ = now;
        return true;
    }

private:
    Clock::duration gap_;
    std::optional<Clock::time_point> last_;
};

}  // namespace

struct Answerer::Work {
    Work(const Catalog& catalog, Listener to) : planner(catalog), listener(std::move(to)) {}

    void run();
    void watch();
    Answer answer(const Question& question);
    Result<Report> simulate_or_analyse(const Question& question, const Scenario& read);
    bool overdue() const { return waiting && running && Clock::now() >= deadline; }

    Planner planner;
    Listener listener;
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Question> waiting;
    bool running = false;
    bool ending = false;
    Clock::time_point deadline;          // of the question being worked out, when another waits
    std::atomic<bool> stop{false};
    std::thread answering, watching;
};

void Answerer::Work::run() {
    std::unique_lock lock(mutex);
    for (;;) {
        changed.wait(lock, [&] { return ending || waiting; });
        if (ending) return;
        const Question question = std::move(*waiting);
        waiting.reset();
        running = true;
        stop = false;
        deadline = Clock::now() + (question.scenario->method == Method::simulate ? kPatienceSimulating : kPatienceAnalysing);
        lock.unlock();
        Answer found = answer(question);
        lock.lock();
        running = false;
        if (ending) return;
        lock.unlock();
        listener.answered(std::move(found));
        lock.lock();
    }
}

// Ends what has been worked out for too long while something newer waits.
void Answerer::Work::watch() {
    std::unique_lock lock(mutex);
    while (!ending) {
        if (overdue()) stop = true;
        if (waiting && running && !stop) {
            changed.wait_until(lock, deadline);
        } else {
            changed.wait(lock);
        }
    }
}

Result<Report> Answerer::Work::simulate_or_analyse(const Question& question, const Scenario& read) {
    RunControl control;
    control.cancel = &stop;
    Throttle progress(kBetweenProgress), partial(kBetweenPartial);
    control.progress = [&](double share) {
        if (progress.passes() && !stop) listener.progress(share);
    };
    SimulationOptions options;
    std::map<std::string, SimulationReport> known;
    const auto began = Clock::now();
    options.so_far = [&](const std::string& candidate, const SimulationReport& so_far) {
        known[candidate] = so_far;
        if (Clock::now() - began < kBetweenPartial || !partial.passes() || stop) return;
        listener.answered(
            {question.number, question.scenario, std::make_shared<const Report>(partial_report(read, known)), {}, false, true, 0});
    };
    return planner.answer(read, control, options);
}

// What is answered is the study as its text is read: the same as the file would be, with problems at the text's lines.
Answer Answerer::Work::answer(const Question& question) {
    Answer answer{question.number, question.scenario, nullptr, {}, false, false, 0};
    const auto began = Clock::now();
    auto read = read_study(question.comment + save_scenario(*question.scenario), question.file);
    if (!read) {
        answer.problems = std::move(read.error());
    } else if (auto report = simulate_or_analyse(question, *read)) {
        answer.report = std::make_shared<const Report>(std::move(*report));
    } else if (stop) {
        answer.cancelled = true;
    } else {
        answer.problems = std::move(report.error());
    }
    answer.milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - began).count();
    return answer;
}

Answerer::Answerer(const Catalog& catalog, Listener listener) : work_(std::make_unique<Work>(catalog, std::move(listener))) {
    work_->answering = std::thread([this] { work_->run(); });
    work_->watching = std::thread([this] { work_->watch(); });
}

Answerer::~Answerer() {
    {
        const std::lock_guard lock(work_->mutex);
        work_->ending = true;
        work_->stop = true;
    }
    work_->changed.notify_all();
    work_->answering.join();
    work_->watching.join();
}

void Answerer::ask(Question question) {
    {
        const std::lock_guard lock(work_->mutex);
        work_->waiting = std::move(question);
    }
    work_->changed.notify_all();
}

void Answerer::cancel() {
    const std::lock_guard lock(work_->mutex);
    work_->waiting.reset();
    work_->stop = true;
}

}  // namespace moeplan
