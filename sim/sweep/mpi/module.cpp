// What the program finds in the module.
#include <thread>
#include <utility>

#include "sim/sweep/mpi/lead.h"
#include "sim/sweep/mpi/messages.h"
#include "sim/sweep/mpi/work.h"
#include "sim/sweep/mpi_job.h"

namespace moeplan {
namespace {

class Job final : public MpiJob {
public:
    explicit Job(std::unique_ptr<Messages> messages) : messages_(std::move(messages)) {}

    std::size_t rank() const override { return messages_->rank(); }
    std::size_t size() const override { return messages_->size(); }
    std::unique_ptr<Team> lead(const std::string& hello, std::chrono::milliseconds lost_after) override {
        return make_mpi_team(*messages_, hello, lost_after);
    }
    bool work(const std::string& hello, std::chrono::milliseconds lost_after, const ComputePoint& compute,
              const std::atomic<bool>* stop) override {
        return work_for_rank_0(*messages_, hello, lost_after, compute, stop);
    }
    void dismiss() override {
        if (std::exchange(dismissed_, true)) return;
        for (std::size_t rank = 1; rank < size(); ++rank) messages_->send(rank, Tag::stop, {});
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
        while (!messages_->all_sent() && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    void leave() override { messages_->leave(); }
    void end_all(int code) override { messages_->end_all(code); }

private:
    std::unique_ptr<Messages> messages_;
    bool dismissed_ = false;
};

}  // namespace
}  // namespace moeplan

extern "C" moeplan::MpiJob* moeplan_join_mpi() {
    auto messages = moeplan::Messages::join();
    return messages ? new moeplan::Job(std::move(messages)) : nullptr;
}
