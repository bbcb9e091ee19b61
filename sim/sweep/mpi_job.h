#pragma once
// Running as ranks of an MPI job. Everything that knows MPI is in a module that is loaded when the program was started
// as one of several tasks, and only then: no other start of the program pays for it, and a build without MPI has none.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "sim/sweep/team.h"

namespace moeplan {

// What mpirun, srun or another launcher says in the environment.
struct Launch {
    std::size_t tasks = 1;   // started together
    std::size_t rank = 0;    // this one's number, from 0
    std::string by;          // "mpirun" or "srun", for messages
};
// Nothing when the program was started alone. A task of a batch script that srun did not start is alone.
std::optional<Launch> launched();

class MpiJob {
public:
    virtual ~MpiJob() = default;
    virtual std::size_t rank() const = 0;
    virtual std::size_t size() const = 0;

    // Rank 0: the other ranks as workers. A worker is ready once it has introduced itself with `hello`; with another
    // text it is refused: lost, with what it said. One that is silent for `lost_after` is lost, and is ready again
    // should it come back.
    virtual std::unique_ptr<Team> lead(const std::string& hello, std::chrono::milliseconds lost_after) = 0;

    // Other ranks: answers until told to stop. False when rank 0 was heard and then silent for `lost_after`, or `stop`
    // came.
    virtual bool work(const std::string& hello, std::chrono::milliseconds lost_after, const ComputePoint& compute,
                      const std::atomic<bool>* stop) = 0;

    // Rank 0, when nothing is left to compute: tells the workers to stop. Once is enough.
    virtual void dismiss() = 0;
    // Waits for the other ranks to leave too. Not to be called when one of them is lost.
    virtual void leave() = 0;
    // Ends every rank of the job, also those that hang. Comes back only if that fails.
    virtual void end_all(int code) = 0;
};

// Loads the module and joins the job. Errors: this build has no MPI; the job cannot be joined; MPI sees another number
// of tasks than the launcher started. Each says how to use --shard instead.
Result<std::shared_ptr<MpiJob>> join_mpi(const Launch& launch);

}  // namespace moeplan
