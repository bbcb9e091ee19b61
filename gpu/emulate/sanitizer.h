#pragma once
// What the emulator tells AddressSanitizer and ThreadSanitizer; nothing in a build without them.

#if defined(__SANITIZE_ADDRESS__)
#define MOEPLAN_EMULATE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MOEPLAN_EMULATE_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define MOEPLAN_EMULATE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MOEPLAN_EMULATE_TSAN 1
#endif
#endif

#ifdef MOEPLAN_EMULATE_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef MOEPLAN_EMULATE_TSAN
#include <sanitizer/tsan_interface.h>
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif

// A function that ThreadSanitizer does not look into.
#ifdef MOEPLAN_EMULATE_TSAN
#define MOEPLAN_UNWATCHED __attribute__((no_sanitize("thread")))
#else
#define MOEPLAN_UNWATCHED
#endif

namespace moeplan::emulate {

#ifdef MOEPLAN_EMULATE_TSAN
constexpr bool kThreadSanitizer = true;
// The emulator's own bookkeeping is not the kernel's memory.
inline void ignore_begin() {
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
}
inline void ignore_end() {
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
}
// Everything before release(x) is ordered before everything after a later acquire(x).
inline void order_release(void* on) { __tsan_release(on); }
inline void order_acquire(void* on) { __tsan_acquire(on); }
#else
constexpr bool kThreadSanitizer = false;
inline void ignore_begin() {}
inline void ignore_end() {}
inline void order_release(void*) {}
inline void order_acquire(void*) {}
#endif

}  // namespace moeplan::emulate
