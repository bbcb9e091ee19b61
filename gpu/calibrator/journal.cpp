#include "gpu/calibrator/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

namespace moeplan {
namespace {

constexpr off_t kLargestJournal = off_t{1} << 30;

Problem blamed(const std::string& file, const std::string& what, int error) {
    return {file, {}, fmt::format("{}: {}", what, std::strerror(error)), {}};
}

Result<std::string> whole_text(int fd, const std::string& file) {
    struct stat about{};
    if (::fstat(fd, &about) != 0) return fail(blamed(file, "cannot be read", errno));
    if (S_ISDIR(about.st_mode)) return fail(Problem{file, {}, "is a folder; expected a journal", {}});
    if (!S_ISREG(about.st_mode)) return fail(Problem{file, {}, "is no file", {}});
    if (about.st_size > kLargestJournal)
        return fail(Problem{file, {}, "is larger than 1 GiB: no calibration journal", {}});
    std::string text(static_cast<std::size_t>(about.st_size), '\0');
    std::size_t have = 0;
    while (have < text.size()) {
        const ssize_t got = ::pread(fd, text.data() + have, text.size() - have, static_cast<off_t>(have));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(blamed(file, "cannot be read", errno));
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    text.resize(have);
    return text;
}

// A new file's name is on disk only once its folder is.
void sync_folder(const std::string& file) {
    const std::filesystem::path folder = std::filesystem::path(file).parent_path();
    const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    ::fsync(fd);
    ::close(fd);
}

}  // namespace

Result<JournalContent> read_journal(const std::string& file) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return fail(blamed(file, "cannot be read", errno));
    const auto text = whole_text(fd, file);
    ::close(fd);
    return text ? parse_journal(*text, file, nullptr) : tl::unexpected(text.error());
}

bool Journal::exists(const std::string& file) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return errno != ENOENT;   // what cannot be read is there; opening it will say why
    const auto text = whole_text(fd, file);
    ::close(fd);
    return !text || text->find('\n') != std::string::npos;
}

Result<Journal> Journal::open(const std::string& file, int flags) {
    const int fd = ::open(file.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | O_NONBLOCK | flags, 0666);
    if (fd < 0) return fail(blamed(file, "the journal cannot be written", errno));
    Journal journal(file, fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return journal;
    if (errno == EWOULDBLOCK)
        return fail(
            Problem{file, {}, "another calibration is writing this journal", "name another one with --journal FILE"});
    return fail(blamed(file, "the journal cannot be locked", errno));
}

Result<Journal> Journal::create(const std::string& file, const JournalHeader& header) {
    auto journal = open(file, O_CREAT);
    if (!journal) return journal;
    const auto text = whole_text(journal->fd_, file);
    if (!text) return tl::unexpected(text.error());
    // A first line cut short holds no measurement; anything else is not ours to overwrite.
    const bool torn_header = text->find('\n') == std::string::npos && text->rfind("{\"moeplan_journal\"", 0) == 0;
    if (!text->empty() && !torn_header)
        return fail(Problem{
            file, {}, "is there already and is left alone", "--resume goes on with it; --journal FILE names another"});
    if (::ftruncate(journal->fd_, 0) != 0) return fail(journal->trouble("cannot be written"));
    if (auto added = journal->add_line(write_journal_header(header)); !added) return tl::unexpected(added.error());
    sync_folder(file);
    return journal;
}

Result<Journal> Journal::resume(const std::string& file, JournalContent& content) {
    auto journal = open(file, 0);
    if (!journal) return journal;
    const auto text = whole_text(journal->fd_, file);
    if (!text) return tl::unexpected(text.error());
    std::size_t kept = 0;
    auto read = parse_journal(*text, file, &kept);
    if (!read) return tl::unexpected(read.error());
    content = std::move(*read);
    if (kept < text->size() && ::ftruncate(journal->fd_, static_cast<off_t>(kept)) != 0)
        return fail(journal->trouble("cannot be written"));
    return journal;
}

Journal::Journal(Journal&& other) noexcept : file_(std::move(other.file_)), fd_(std::exchange(other.fd_, -1)) {}

Journal& Journal::operator=(Journal&& other) noexcept {
    std::swap(file_, other.file_);
    std::swap(fd_, other.fd_);
    return *this;
}

Journal::~Journal() {
    if (fd_ >= 0) ::close(fd_);
}

Problem Journal::trouble(const std::string& what) const { return blamed(file_, what, errno); }

Result<void> Journal::append(const JournalEntry& entry) { return add_line(write_journal_entry(entry)); }

Result<void> Journal::add_line(std::string line) {
    line += '\n';
    const off_t before = ::lseek(fd_, 0, SEEK_END);
    std::size_t sent = 0;
    while (sent < line.size()) {
        const ssize_t written = ::write(fd_, line.data() + sent, line.size() - sent);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            const Problem problem = trouble("the journal cannot be written");
            static_cast<void>(::ftruncate(fd_, before) == 0);   // a line cut short would be cut off on reading, too
            return fail(problem);
        }
        sent += static_cast<std::size_t>(written);
    }
    if (::fsync(fd_) != 0 && errno != EINVAL && errno != EROFS) return fail(trouble("the journal cannot be synced"));
    return {};
}

}  // namespace moeplan
