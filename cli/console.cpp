#include "cli/console.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "core/base/units_text.h"
#include "core/report/text_width.h"

namespace moeplan::cli {
namespace {

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

int terminal_width() {
    winsize size{};
    int columns = 0;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) columns = size.ws_col;
    if (columns == 0) {
        const auto given = parse_number(environment("COLUMNS"));
        columns = given && *given >= 1 && *given <= 10000 ? static_cast<int>(*given) : 100;
    }
    return std::clamp(columns, 40, 160);
}

// Unless the locale says that it is something else, text is UTF-8.
bool shows_unicode() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        std::string locale(environment(name));
        if (locale.empty()) continue;
        std::ranges::transform(locale, locale.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
    }
    return true;
}

bool colours(Colour wanted, int descriptor) {
    if (wanted != Colour::automatic) return wanted == Colour::always;
    return environment("NO_COLOR").empty() && environment("TERM") != "dumb" && isatty(descriptor);
}

// Everything, or errno.
int write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

std::string one_line(std::string_view text) {
    std::string line(text);
    std::ranges::replace(line, '\n', ' ');
    return without_controls(line);
}

}  // namespace

ExitCode worse(ExitCode a, ExitCode b) {
    static constexpr ExitCode kOrder[] = {ExitCode::fine, ExitCode::expectation_failed, ExitCode::infeasible,
                                          ExitCode::wrong_input, ExitCode::internal, ExitCode::interrupted};
    return *std::max({std::ranges::find(kOrder, a), std::ranges::find(kOrder, b)});
}

Colour colour_in(const std::vector<std::string>& words) {
    std::string value;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--color" && i + 1 < words.size()) value = words[i + 1];
        if (words[i].starts_with("--color=")) value = words[i].substr(8);
    }
    return value == "always" ? Colour::always : value == "never" ? Colour::never : Colour::automatic;
}

Console::Console(Colour colour) {
    style_.colour = colours(colour, STDOUT_FILENO);
    style_.width = terminal_width();
    style_.unicode = shows_unicode();
    colour_errors_ = colours(colour, STDERR_FILENO);
    stderr_is_terminal_ = isatty(STDERR_FILENO) != 0;
}

TableStyle Console::file_style() { return {false, 100, true}; }

void Console::print(std::string_view text) {
    if (closed_) return;
    const int error = write_all(STDOUT_FILENO, text);
    if (error == 0) return;
    closed_ = true;
    if (error == EPIPE) return;
    ok_ = false;
    to_stderr("error", "31", std::string("the output could not be written: ") + std::strerror(error));
}

ExitCode Console::report(const Problems& problems) {
    auto code = problems.empty() ? ExitCode::fine : ExitCode::infeasible;
    for (const auto& problem : problems) {
        to_stderr("error", "31", to_text(problem));
        if (problem.kind == ProblemKind::wrong_input) code = ExitCode::wrong_input;
    }
    return code;
}

void Console::note(std::string_view text) { to_stderr("note", "36", text); }

void Console::tell(std::string_view label, std::string_view text) { to_stderr(label, "33", text); }

void Console::to_stderr(std::string_view label, std::string_view code, std::string_view text) {
    std::string line;
    if (colour_errors_) line.append("\x1b[1;").append(code).append("m").append(label).append(":\x1b[0m ");
    else line.append(label).append(": ");
    line.append(one_line(text)).append("\n");
    (void)write_all(STDERR_FILENO, line);
}

std::string Console::bold(std::string_view text) const {
    return style_.colour ? "\x1b[1m" + std::string(text) + "\x1b[0m" : std::string(text);
}

std::string Console::dim(std::string_view text) const {
    return style_.colour ? "\x1b[2m" + std::string(text) + "\x1b[0m" : std::string(text);
}

void guard_streams() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        // Opened the wrong way round: reading or writing it fails as it would have when closed.
        if (fcntl(descriptor, F_GETFD) < 0)
            (void)open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
    std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace moeplan::cli
