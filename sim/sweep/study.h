#pragma once
// A study as a grid: what is varied, and the study each point stands for.

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/catalog/catalog.h"
#include "core/scenario/scenario.h"
#include "sim/sweep/grid.h"

namespace moeplan {

// What a sweep is asked for. The text is read once, so a file edited meanwhile changes nothing.
struct SweepOrder {
    std::string text;                   // of the study
    std::string file;                   // its name; relative paths in it are relative to it
    std::vector<std::string> sets;      // "path=value" of --set
    std::vector<std::string> overs;     // "path=v1,v2" of --over
    std::string version;                // of the program
    std::vector<std::string> inputs;    // other texts that decide results: a catalog of the user's own
};

class SweepStudy {
public:
    // Axes: the study's `sweep:` in its order, then each --over in the order given. An --over may also name an axis of
    // `sweep:` (batch=1,8,64): it then replaces the study's.
    // Errors, all at once: what is wrong with the study; values that their path does not accept; see check_grid().
    static Result<SweepStudy> read(SweepOrder order);

    const Grid& grid() const { return grid_; }
    const std::string& name() const { return base_.name; }
    const SweepOrder& order() const { return order_; }
    // 16 hexadecimal digits of everything that decides what the rows hold: text, overrides, version, inputs.
    std::string fingerprint() const;

    // GPUs, engines and models that an axis names and nobody knows, before thousands of points say so one by one.
    Problems unknown_names(const Catalog& catalog) const;

    // The study of one point: it sweeps and expects nothing. Errors: values that do not go together.
    Result<Scenario> at(std::uint64_t point) const;

private:
    Problems wrong_values() const;

    SweepOrder order_;
    std::vector<std::string> sets_;   // the order's, and axes of `sweep:` that --over replaced
    std::vector<GridAxis> paths_;
    Scenario base_;                   // without the paths
    Grid grid_;
};

}  // namespace moeplan
