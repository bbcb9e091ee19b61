#include "core/base/write_file.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace moeplan {
namespace {

namespace fs = std::filesystem;

Problems problem(const std::string& path, const std::string& what, int error) {
    return {{path, "", what + ": " + std::generic_category().message(error), "", ProblemKind::wrong_input}};
}

// Writes all of it; returns 0 or errno.
int write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = ::write(file, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return 0;
}

int close_file(int file) { return ::close(file) == 0 || errno == EINTR ? 0 : errno; }

// A new file under a name nobody has; the kernel applies the umask.
int create_beside(const fs::path& folder, std::string& name) {
    static std::atomic<unsigned> counter{0};
    for (int attempt = 0; attempt < 1000; ++attempt) {
        name =
            (folder / (".moeplan-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp"))
                .string();
        const int file = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file >= 0 || errno != EEXIST) return file;
    }
    errno = EEXIST;
    return -1;
}

Problems write_through(const std::string& path, std::string_view text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) return problem(path, "cannot open for writing", errno);
    int error = write_all(file, text);
    if (const int at_close = close_file(file); error == 0) error = at_close;
    return error ? problem(path, "cannot write", error) : Problems{};
}

// The rename is on disk once its folder is. Some file systems refuse to sync a folder: nothing is lost then.
void sync_folder(const fs::path& folder) {
    const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (handle < 0) return;
    (void)::fsync(handle);
    (void)::close(handle);
}

}  // namespace

Problems write_file_atomically(const std::string& path, std::string_view text) {
    if (path.empty()) return {{"", "", "cannot write a file without a name", "", ProblemKind::wrong_input}};
    struct stat old {};
    const bool exists = ::stat(path.c_str(), &old) == 0;
    if (exists && S_ISDIR(old.st_mode)) return problem(path, "cannot write a file", EISDIR);
    if (exists && !S_ISREG(old.st_mode)) return write_through(path, text);

    std::error_code ignored;
    const fs::path resolved = exists ? fs::canonical(path, ignored) : fs::path(path);
    const fs::path target = resolved.empty() ? fs::path(path) : resolved;
    const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
    std::string temporary;
    const int file = create_beside(folder, temporary);
    if (file < 0) return problem(path, "cannot create a file in " + folder.string(), errno);

    int error = write_all(file, text);
    if (error == 0 && exists && ::fchmod(file, old.st_mode & 07777) != 0) error = errno;
    if (error == 0 && ::fsync(file) != 0) error = errno;
    if (const int at_close = close_file(file); error == 0) error = at_close;
    if (error == 0 && ::rename(temporary.c_str(), target.c_str()) != 0) error = errno;
    if (error != 0) {
        (void)::unlink(temporary.c_str());
        return problem(path, "cannot write", error);
    }
    sync_folder(folder);
    return {};
}

}  // namespace moeplan
