#include "gpu/emulate/fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <new>

#include "gpu/emulate/sanitizer.h"

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

#if defined(__x86_64__)
// void moeplan_switch_stack(void** save, void* load): callee-saved registers on the old stack, then off the new one.
asm(R"(
.text
.hidden moeplan_switch_stack
.globl moeplan_switch_stack
.type moeplan_switch_stack,@function
moeplan_switch_stack:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size moeplan_switch_stack,.-moeplan_switch_stack
)");
extern "C" void moeplan_switch_stack(void** save, void* load);
#endif

namespace moeplan::emulate {

struct Fiber::State {
    std::function<void()> job;
    bool finished = true;
    unsigned char* memory = nullptr;   // guard page, then the stack
    std::size_t guard = 0, bytes = 0;
#if defined(__x86_64__)
    void* inside = nullptr;    // stack pointers
    void* outside = nullptr;
#else
    ucontext_t inside{}, outside{};
#endif
    void* inside_fake = nullptr;    // AddressSanitizer's
    void* outside_fake = nullptr;
    const void* outside_bottom = nullptr;
    std::size_t outside_bytes = 0;
    void* inside_context = nullptr;   // ThreadSanitizer's
    void* outside_context = nullptr;

    void enter();
    void leave();
    void arrived_inside();
};

namespace {

thread_local Fiber::State* starting = nullptr;

}  // namespace

MOEPLAN_UNWATCHED void Fiber::State::enter() {
    starting = this;
#ifdef MOEPLAN_EMULATE_ASAN
    __sanitizer_start_switch_fiber(&outside_fake, memory + guard, bytes);
#endif
#if defined(__x86_64__)
    void* const next = inside;
#endif
#ifdef MOEPLAN_EMULATE_TSAN
    outside_context = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(inside_context, __tsan_switch_to_fiber_no_sync);
#endif
#if defined(__x86_64__)
    moeplan_switch_stack(&outside, next);
#else
    swapcontext(&outside, &inside);
#endif
#ifdef MOEPLAN_EMULATE_ASAN
    __sanitizer_finish_switch_fiber(outside_fake, nullptr, nullptr);
#endif
}

MOEPLAN_UNWATCHED void Fiber::State::leave() {
#ifdef MOEPLAN_EMULATE_ASAN
    __sanitizer_start_switch_fiber(&inside_fake, outside_bottom, outside_bytes);
#endif
#if defined(__x86_64__)
    void* const next = outside;
#endif
#ifdef MOEPLAN_EMULATE_TSAN
    __tsan_switch_to_fiber(outside_context, __tsan_switch_to_fiber_no_sync);
#endif
#if defined(__x86_64__)
    moeplan_switch_stack(&inside, next);
#else
    swapcontext(&inside, &outside);
#endif
    arrived_inside();
}

void Fiber::State::arrived_inside() {
#ifdef MOEPLAN_EMULATE_ASAN
    __sanitizer_finish_switch_fiber(inside_fake, &outside_bottom, &outside_bytes);
#endif
}

namespace {

// The bottom frame of every fiber; it never returns.
MOEPLAN_UNWATCHED void fiber_main() {
    Fiber::State* const self = starting;
    self->arrived_inside();
    for (;;) {
        ignore_begin();
        self->job();
        self->finished = true;
        ignore_end();
        self->leave();
    }
}

}  // namespace

Fiber::Fiber(std::size_t bytes) : state_(std::make_unique<State>()) {
    State& s = *state_;
    s.guard = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    s.bytes = (bytes + s.guard - 1) / s.guard * s.guard;
    void* const memory = mmap(nullptr, s.guard + s.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    s.memory = static_cast<unsigned char*>(memory);
    mprotect(memory, s.guard, PROT_NONE);
#if defined(__x86_64__)
    // As after a call: the return address of fiber_main (none) lies 8 below a multiple of 16.
    auto* top = reinterpret_cast<void**>(s.memory + s.guard + s.bytes);
    *--top = nullptr;
    *--top = reinterpret_cast<void*>(&fiber_main);
    for (int saved = 0; saved < 6; ++saved) *--top = nullptr;
    s.inside = top;
#else
    getcontext(&s.inside);
    s.inside.uc_stack.ss_sp = s.memory + s.guard;
    s.inside.uc_stack.ss_size = s.bytes;
    s.inside.uc_link = nullptr;
    makecontext(&s.inside, fiber_main, 0);
#endif
#ifdef MOEPLAN_EMULATE_TSAN
    s.inside_context = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
#ifdef MOEPLAN_EMULATE_TSAN
    __tsan_destroy_fiber(state_->inside_context);
#endif
#ifdef MOEPLAN_EMULATE_ASAN
    __asan_unpoison_memory_region(state_->memory + state_->guard, state_->bytes);
#endif
    munmap(state_->memory, state_->guard + state_->bytes);
}

void Fiber::start(std::function<void()> job) {
    state_->job = std::move(job);
    state_->finished = false;
}

bool Fiber::finished() const { return state_->finished; }
void Fiber::resume() { state_->enter(); }
void Fiber::pause() { state_->leave(); }

}  // namespace moeplan::emulate
