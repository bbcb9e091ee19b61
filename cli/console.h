#pragma once
// Where results and problems go, and what the terminal can show. Results to stdout, everything else to
// stderr.

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/report/report_writer.h"

namespace moeplan::cli {

enum class ExitCode : int { fine = 0, expectation_failed = 1, wrong_input = 2, infeasible = 3, internal = 4, interrupted = 130 };

// The worse of two: interrupted, internal, wrong_input, infeasible, expectation_failed, fine.
ExitCode worse(ExitCode a, ExitCode b);

enum class Colour { automatic, always, never };

// What --color asks for among words that are not parsed yet: messages about them are coloured too.
Colour colour_in(const std::vector<std::string>& words);

class Console {
public:
    // Asks the terminal, NO_COLOR, TERM, COLUMNS and the locale.
    explicit Console(Colour colour);

    // A reader that went away (`| head`) ends the output quietly; any other failure is told once and kept for
    // ok().
    void print(std::string_view text);
    // "error: …", one line each. Returns the exit code they ask for.
    ExitCode report(const Problems& problems);
    // "note: …" on stderr.
    void note(std::string_view text);
    // "changed: …" on stderr, for check --baseline.
    void tell(std::string_view label, std::string_view text);

    bool ok() const { return ok_; }   // everything printed arrived, or nobody wanted it
    TableStyle style() const { return style_; }
    // The same without colour and at a fixed width, for files.
    static TableStyle file_style();
    bool progress_wanted() const { return stderr_is_terminal_; }
    std::string bold(std::string_view text) const;
    std::string dim(std::string_view text) const;

private:
    void to_stderr(std::string_view label, std::string_view code, std::string_view text);

    TableStyle style_;
    bool colour_errors_ = false;
    bool stderr_is_terminal_ = false;
    bool closed_ = false;
    bool ok_ = true;
};

// Before anything is opened: a closed stdin, stdout or stderr would give its number to the next file, and
// SIGPIPE would end the program where a failed write is enough.
void guard_streams();

}  // namespace moeplan::cli
