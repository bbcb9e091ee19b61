#include "sim/sweep/part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "core/base/require.h"
#include "core/report/csv.h"

namespace moeplan {
namespace {

using namespace std::chrono;

constexpr milliseconds kSyncEvery{1000};
constexpr milliseconds kLockPatience{3000};   // processes of a run that was killed just now may still be ending

Problems problem(const std::string& path, const char* what, int error) {
    return {{path, {}, std::string(what) + ": " + std::generic_category().message(error), {}}};
}

std::int64_t now_ms() { return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count(); }

enum class Lock : std::uint8_t { taken, busy };

Lock take_lock(int file) {
    const std::int64_t until = now_ms() + kLockPatience.count();
    for (;;) {
        if (::flock(file, LOCK_EX | LOCK_NB) == 0) return Lock::taken;
        if (errno == EINTR) continue;
        if (errno != EWOULDBLOCK) return Lock::taken;   // no locks here
        if (now_ms() >= until) return Lock::busy;
        std::this_thread::sleep_for(milliseconds(20));
    }
}

// 0 or errno.
int write_at(int file, std::string_view text, std::uint64_t offset) {
    while (!text.empty()) {
        const ssize_t n = ::pwrite(file, text.data(), text.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
    return 0;
}

}  // namespace

PartFile::PartFile(PartFile&& other) noexcept
    : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)), end_(other.end_),
      synced_ms_(other.synced_ms_), dirty_(other.dirty_) {}

PartFile::~PartFile() {
    if (file_ >= 0) (void)::close(file_);
}

Result<PartFile> PartFile::open(const std::string& path, const PartForm& form) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) return tl::unexpected(problem(path, "cannot be written", errno));
    PartFile part(path, file);
    if (take_lock(file) == Lock::busy)
        return fail({path, {}, "is being written by another moeplan", "wait for it, or give each a --shard of its own"});
    if (auto problems = part.begin(form); !problems.empty()) return tl::unexpected(std::move(problems));
    return part;
}

Problems PartFile::begin(const PartForm& form) {
    const auto end = read_part(path_, form, [](const PartPoint&) {});
    if (!end) return end.error();
    if (::ftruncate(file_, static_cast<off_t>(*end)) != 0) return problem(path_, "cannot be written", errno);
    end_ = *end;
    synced_ms_ = now_ms();
    if (end_ > 0) return {};
    if (auto problems = append(csv_row(form.columns)); !problems.empty()) return problems;
    return sync();
}

Problems PartFile::append(std::string_view lines) {
    require(lines.ends_with("\r\n"), "PartFile::append: whole lines");
    if (const int error = write_at(file_, lines, end_); error != 0) {
        (void)::ftruncate(file_, static_cast<off_t>(end_));
        return problem(path_, "cannot be written", error);
    }
    end_ += lines.size();
    dirty_ = true;
    return now_ms() - synced_ms_ >= kSyncEvery.count() ? sync() : Problems{};
}

Problems PartFile::sync() {
    synced_ms_ = now_ms();
    if (!std::exchange(dirty_, false)) return {};
    if (::fdatasync(file_) != 0 && errno != EINVAL && errno != EROFS) return problem(path_, "cannot be written", errno);
    return {};
}

}  // namespace moeplan
