#include "cli/interrupt.h"

#include <csignal>

namespace moeplan::cli {
namespace {

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

struct sigaction before_int{}, before_term{};

void note(int) { interrupted.store(true, std::memory_order_relaxed); }

}  // namespace

Interrupt::Interrupt() {
    interrupted.store(false, std::memory_order_relaxed);
    struct sigaction action{};
    action.sa_handler = note;
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;   // the second one finds the default again
    sigaction(SIGINT, &action, &before_int);
    sigaction(SIGTERM, &action, &before_term);
}

Interrupt::~Interrupt() {
    sigaction(SIGINT, &before_int, nullptr);
    sigaction(SIGTERM, &before_term, nullptr);
}

const std::atomic<bool>* Interrupt::flag() { return &interrupted; }

}  // namespace moeplan::cli
