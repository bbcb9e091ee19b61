// The only file that includes mpi.h.
#include "sim/sweep/mpi/messages.h"

#include <mpi.h>

#include <list>
#include <utility>
#include <vector>

namespace moeplan {
namespace {

struct Outgoing {
    std::string bytes;
    MPI_Request request = MPI_REQUEST_NULL;
};

struct Incoming {
    Message message;
    MPI_Request request = MPI_REQUEST_NULL;
    bool begun = false;
};

}  // namespace

struct Messages::State {
    int rank = 0, size = 1;
    std::list<Outgoing> outgoing;      // a list: MPI holds the addresses
    std::vector<Incoming> incoming;    // one per rank
};

Messages::Messages(std::unique_ptr<State> state) : state_(std::move(state)) {}
Messages::~Messages() = default;

std::unique_ptr<Messages> Messages::join() {
    int provided = 0;
    // The thread that computes calls nothing of MPI.
    if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) return nullptr;
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    auto state = std::make_unique<State>();
    if (provided < MPI_THREAD_FUNNELED || MPI_Comm_rank(MPI_COMM_WORLD, &state->rank) != MPI_SUCCESS ||
        MPI_Comm_size(MPI_COMM_WORLD, &state->size) != MPI_SUCCESS)
        return nullptr;
    state->incoming.resize(static_cast<std::size_t>(state->size));
    return std::unique_ptr<Messages>(new Messages(std::move(state)));
}

std::size_t Messages::rank() const { return static_cast<std::size_t>(state_->rank); }
std::size_t Messages::size() const { return static_cast<std::size_t>(state_->size); }

void Messages::send(std::size_t to, Tag tag, std::string bytes) {
    (void)all_sent();
    Outgoing& out = state_->outgoing.emplace_back(Outgoing{std::move(bytes), MPI_REQUEST_NULL});
    const int error = MPI_Isend(out.bytes.data(), static_cast<int>(out.bytes.size()), MPI_BYTE, static_cast<int>(to),
                                static_cast<int>(tag), MPI_COMM_WORLD, &out.request);
    if (error != MPI_SUCCESS) state_->outgoing.pop_back();
}

bool Messages::all_sent() {
    std::erase_if(state_->outgoing, [](Outgoing& out) {
        int done = 0;
        return MPI_Test(&out.request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS || done != 0;
    });
    return state_->outgoing.empty();
}

std::optional<Message> Messages::receive(std::size_t from, bool& gone) {
    Incoming& in = state_->incoming[from];
    gone = false;
    if (!in.begun) {
        int there = 0, bytes = 0;
        MPI_Status status;
        if (MPI_Iprobe(static_cast<int>(from), MPI_ANY_TAG, MPI_COMM_WORLD, &there, &status) != MPI_SUCCESS) {
            gone = true;
            return std::nullopt;
        }
        if (!there || MPI_Get_count(&status, MPI_BYTE, &bytes) != MPI_SUCCESS || bytes < 0) return std::nullopt;
        in.message = {static_cast<Tag>(status.MPI_TAG), std::string(static_cast<std::size_t>(bytes), '\0')};
        if (MPI_Irecv(in.message.bytes.data(), bytes, MPI_BYTE, static_cast<int>(from), status.MPI_TAG, MPI_COMM_WORLD,
                      &in.request) != MPI_SUCCESS) {
            gone = true;
            return std::nullopt;
        }
        in.begun = true;
    }
    int done = 0;
    if (MPI_Test(&in.request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) {
        in.begun = false;
        gone = true;
        return std::nullopt;
    }
    if (!done) return std::nullopt;
    in.begun = false;
    return std::move(in.message);
}

void Messages::leave() {
    state_->outgoing.clear();
    MPI_Finalize();
}

void Messages::end_all(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

}  // namespace moeplan
