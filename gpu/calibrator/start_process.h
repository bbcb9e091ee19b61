#pragma once
// The few system calls between fork and exec: for worker_process.cpp, and for programs that say something once and end.

#include <sys/types.h>

#include <string>

#include "core/base/result.h"

namespace moeplan {

struct StartedProcess {
    pid_t pid = -1;
    int in = -1, out = -1, err = -1;   // our ends of its stdin, stdout, stderr: close-on-exec, non-blocking
};

// /bin/sh -c "exec COMMAND", or without exec where it is more than one simple command, in a process group of its own,
// with default signals, an empty signal mask and no other open files. Errors: the system's reason.
Result<StartedProcess> start_process(const std::string& command);

}  // namespace moeplan
