#include "core/analyse/closed_queue.h"

#include <algorithm>
#include <cmath>

namespace moeplan {

double wait_in_closed_queue(double population, double service, double away) {
    if (population <= 1 || service <= 0) return 0;
    double waiting = 0, served = 0;   // how many, with one fewer
    double wait = 0, before = 0;
    // Between whole numbers of them, a straight line.
    const double whole = std::ceil(population);
    for (double n = 1; n <= whole; ++n) {
        before = wait;
        wait = std::max(service * (waiting + served / 2), n * service - service - away);
        const double rate = n / (wait + service + away);
        waiting = rate * wait;
        served = rate * service;
    }
    return wait - (wait - before) * (whole - population);
}

}  // namespace moeplan
