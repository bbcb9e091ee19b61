#pragma once
// Who computes points: processes of this machine, or ranks of an MPI job. One side hands out, the others compute.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace moeplan {

// A point -> its answer: what PointComputer::answer() says.
using ComputePoint = std::function<std::string(std::uint64_t)>;

struct TeamEvent {
    enum class Kind : std::uint8_t {
        ready,    // the worker takes points from now on
        answer,   // `text` is the answer to `point`
        lost,     // the worker ended, or says nothing any more; what it was given is not answered. `text` says why
    };
    Kind kind = Kind::ready;
    std::size_t worker = 0;
    std::uint64_t point = 0;
    std::string text;
};

// The side that hands out. A worker answers in the order it was given points.
class Team {
public:
    virtual ~Team() = default;
    virtual std::size_t size() const = 0;
    virtual void give(std::size_t worker, std::uint64_t point) = 0;
    // What happened, waiting at most so long for the first. A worker that is lost may become ready again.
    virtual std::vector<TeamEvent> wait(std::chrono::milliseconds at_most) = 0;
    // False when no worker is left and none will come back.
    virtual bool alive() const = 0;
};

}  // namespace moeplan
