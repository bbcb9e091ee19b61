#include "cli/plot_program.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include "core/base/write_file.h"
#include "core/report/report_writer.h"
#include "gpu/calibrator/start_process.h"

namespace moeplan::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::seconds(30);
constexpr std::size_t kMostHeard = 4096;   // of what it says; the rest is read and dropped
constexpr const char* kName = "moeplan-plot";

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::error_code error;
        std::string name = (fs::temp_directory_path(error) / "moeplan-pictures-XXXXXX").string();
        if (!error && ::mkdtemp(name.data()) != nullptr) path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::string& path() const { return path_; }   // empty when there is none

private:
    std::string path_;
};

std::string quoted(const std::string& word) {
    std::string out = "'";
    for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

// Empty when there is no such program.
std::string program_beside() {
    std::error_code error;
    const fs::path beside = fs::read_symlink("/proc/self/exe", error).parent_path() / kName;
    return !error && ::access(beside.c_str(), X_OK) == 0 ? beside.string() : std::string();
}

int left_of(Clock::time_point end) {
    return static_cast<int>(std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count()));
}

// Until it has closed its stdout and stderr. False when time ran out.
bool listen(const StartedProcess& process, Clock::time_point end, std::string& heard) {
    std::array<pollfd, 2> open{{{process.out, POLLIN, 0}, {process.err, POLLIN, 0}}};
    while (open[0].fd >= 0 || open[1].fd >= 0) {
        const int left = left_of(end);
        if (left == 0) return false;
        if (::poll(open.data(), open.size(), left) < 0 && errno != EINTR) return false;
        for (pollfd& p : open) {
            if (p.fd < 0 || p.revents == 0) continue;
            std::array<char, 4096> buffer;
            const ssize_t n = ::read(p.fd, buffer.data(), buffer.size());
            if (n > 0 && p.fd == process.err && heard.size() < kMostHeard) heard.append(buffer.data(), static_cast<std::size_t>(n));
            if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) p.fd = -1;
        }
    }
    return true;
}

// Its exit status; nothing when it had to be ended.
std::optional<int> wait_for(pid_t pid, Clock::time_point end) {
    int status = 0;
    while (true) {
        const pid_t ended = ::waitpid(pid, &status, WNOHANG);
        if (ended == pid) return status;
        if (ended < 0 && errno != EINTR) return std::nullopt;
        if (left_of(end) == 0) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ::kill(-pid, SIGKILL);   // its group: it may have started others
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return std::nullopt;
}

std::string last_line(std::string heard) {
    while (!heard.empty() && (heard.back() == '\n' || heard.back() == '\r' || heard.back() == ' ')) heard.pop_back();
    const std::size_t at = heard.find_last_of('\n');
    std::string line = at == std::string::npos ? heard : heard.substr(at + 1);
    constexpr std::size_t kMost = 300;
    return line.size() > kMost ? line.substr(0, kMost) + "…" : line;
}

struct Ended {
    std::string why;     // it failed; empty when all went well
    bool late = false;
};

Ended run(const std::string& command) {
    const auto end = Clock::now() + kPatience;
    const auto process = start_process(command);
    if (!process) return {fmt::format("{} cannot be started", kName)};
    ::close(process->in);
    std::string heard;
    listen(*process, end, heard);
    const auto status = wait_for(process->pid, end);
    ::close(process->out);
    ::close(process->err);
    if (!status) return {fmt::format("{} took longer than {} s", kName, kPatience.count()), true};
    if (WIFEXITED(*status) && WEXITSTATUS(*status) == 0) return {};
    const std::string ended = WIFEXITED(*status) ? fmt::format("ended with {}", WEXITSTATUS(*status)) : fmt::format("was ended by signal {}", WTERMSIG(*status));
    const std::string why = last_line(heard);
    return {fmt::format("{} {}{}{}", kName, ended, why.empty() ? "" : ": ", why)};
}

}  // namespace

DrawnPictures PlotProgram::draw(const Report& report) {
    if (!gave_up_.empty()) return {{}, gave_up_};
    const char* named = std::getenv("MOEPLAN_PLOT");
    const bool asked = named && *named;
    if (asked && std::string_view(named) == "none") return {{}, "MOEPLAN_PLOT is none"};
    const std::string program = asked ? named : program_beside();
    if (program.empty()) return {{}, fmt::format("{} is not installed beside moeplan", kName)};
    if (asked && ::access(named, X_OK) != 0) return {{}, fmt::format("MOEPLAN_PLOT names {}, which is no program here", named)};
    const TemporaryFolder folder;
    const std::string json = folder.path() + "/report.json";
    if (folder.path().empty() || !write_file_atomically(json, make_json_writer({})->write(report)).empty()) return {{}, "no temporary folder to draw in"};
    const std::string out = folder.path() + "/pictures";
    std::error_code error;
    fs::create_directory(out, error);
    const Ended ended = run(fmt::format("{} {} --out {} --format svg --look both --no-titles", quoted(program), quoted(json), quoted(out)));
    if (ended.late) gave_up_ = ended.why;
    if (!ended.why.empty()) return {{}, ended.why};
    auto pictures = read_picture_folder(out);
    if (!pictures) {
        Problem problem = pictures.error().front();
        problem.where = fs::path(problem.where).filename().string();   // the folder is gone when this is read
        return {{}, fmt::format("{} wrote something else: {}", kName, to_text(problem))};
    }
    if (pictures->empty()) return {{}, fmt::format("{} found nothing to draw", kName)};
    return {std::move(*pictures), {}};
}

std::string PlotProgram::page(const Report& report) {
    const DrawnPictures drawn = draw(report);
    return write_html(report, drawn.pictures, drawn.why_plain);
}

}  // namespace moeplan::cli
