#include "core/calibrate/fit_prior.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/fit/robust_least_squares.h"

namespace moeplan {
namespace {

constexpr double kLossScale = 0.2;   // relative errors beyond it count less than squared
constexpr double kStep = 1e-3;       // of log parameters
constexpr int kRounds = 60;
// Towards a parameter's start, per squared unit of its logarithm and for each row: decides where the rows cannot, as for the
// launch of a kernel that was never timed without its host.
constexpr double kPull = 1e-3;

struct Task {
    const FamilyPhysics& physics;
    Residuals residuals;   // of logarithms of the parameters
    RobustLoss loss;
    Box box;
};

// Every combination of choices, the others at their starts.
std::vector<std::vector<double>> combinations_of(const Task& task) {
    std::vector<std::vector<double>> all{task.loss.towards};
    for (std::size_t k = 0; k < task.loss.towards.size(); ++k) {
        const std::vector<double>& choices = task.physics.parameters[k].choices;
        if (choices.empty() || task.box.low[k] == task.box.high[k]) continue;
        std::vector<std::vector<double>> wider;
        for (const std::vector<double>& c : all) {
            for (const double choice : choices) {
                wider.push_back(c);
                wider.back()[k] = std::log(choice);
            }
        }
        all = std::move(wider);
    }
    return all;
}

struct Found {
    std::vector<double> logs;
    double loss = std::numeric_limits<double>::infinity();
};

Found search(Task task, const std::vector<double>& start) {
    for (std::size_t k = 0; k < start.size(); ++k) {
        if (!task.physics.parameters[k].choices.empty()) {
            task.box.low[k] = task.box.high[k] = task.loss.towards[k] = start[k];
        }
    }
    const std::vector<double> best = least_robust(task.residuals, task.loss, start, task.box, kStep, kRounds);
    return {best, robust_loss(task.loss, task.residuals(best), best)};
}

// Choices exactly as they stand in the list, whatever their logarithms lost.
std::vector<double> parameters_of(const FamilyPhysics& physics, const std::vector<double>& logs) {
    std::vector<double> theta(logs.size());
    std::ranges::transform(logs, theta.begin(), [](double l) { return std::exp(l); });
    for (std::size_t k = 0; k < theta.size(); ++k) {
        for (const double choice : physics.parameters[k].choices) {
            if (std::abs(choice / theta[k] - 1) < 1e-9) theta[k] = choice;
        }
    }
    return theta;
}

}  // namespace

std::vector<double> fit_prior(const FamilyPhysics& physics, const DeviceRates& rates, const std::vector<Measurement>& rows,
                              const std::vector<double>& inherited, const std::map<std::string, double>& known) {
    Task task{physics, {}, {std::vector<double>(rows.size(), 1.0), kLossScale, {}, kPull * static_cast<double>(rows.size())}, {}};
    for (const Parameter& p : physics.parameters) {
        const auto at = known.find(p.name);
        task.loss.towards.push_back(std::log(at == known.end() ? p.start : at->second));
        task.box.low.push_back(at == known.end() ? std::log(p.low) : task.loss.towards.back());
        task.box.high.push_back(at == known.end() ? std::log(p.high) : task.loss.towards.back());
    }
    task.residuals = [&](const std::vector<double>& logs) {
        const std::vector<double> theta = parameters_of(physics, logs);
        std::vector<double> found(rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            found[i] = std::log(physics.prior(rows[i].op, rates, theta) / rows[i].seconds) + inherited[i];
        }
        return found;
    };
    std::vector<std::vector<double>> starts = combinations_of(task);
    if (const auto host = parameter_place(physics, "host (s)")) {
        // Where the host is in the way of most rows its usual size is too far off for a slope to lead there.
        starts.push_back(starts.front());
        starts.back()[*host] = std::log(std::ranges::min(rows, {}, &Measurement::seconds).seconds);
    }
    Found best;
    for (const std::vector<double>& start : starts) {
        Found found = search(task, start);
        if (found.loss < best.loss) best = std::move(found);
    }
    return parameters_of(physics, best.logs);
}

}  // namespace moeplan
