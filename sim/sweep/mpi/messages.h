#pragma once
// Messages between ranks that never wait for each other: what is sent leaves in the background, what has not arrived
// yet is looked for again later. So a rank that was killed in the middle of a message holds nobody up.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace moeplan {

enum class Tag : int { hello = 1, point, answer, alive, stop };

struct Message {
    Tag tag = Tag::alive;
    std::string bytes;
};

class Messages {
public:
    // Joins the job. Null when MPI cannot be started.
    static std::unique_ptr<Messages> join();
    ~Messages();

    std::size_t rank() const;
    std::size_t size() const;

    void send(std::size_t to, Tag tag, std::string bytes);
    // The next message of one rank that has arrived whole; `gone` is set when MPI says that the rank has failed.
    std::optional<Message> receive(std::size_t from, bool& gone);
    // True when nothing is on its way out any more.
    bool all_sent();

    void leave();            // MPI_Finalize
    void end_all(int code);    // MPI_Abort

private:
    struct State;
    explicit Messages(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace moeplan
