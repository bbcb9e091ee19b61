#include "core/base/whole_file.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <streambuf>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace moeplan {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPending = std::size_t{1} << 20;

fs::path folder_of(const std::string& target) {
    const fs::path path(target);
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// The rename is on disk once its folder is. Some file systems refuse to sync a folder: nothing is lost then.
void sync_folder(const fs::path& folder) {
    const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (handle < 0) return;
    (void)::fsync(handle);
    (void)::close(handle);
}

}  // namespace

// Unbuffered: the file gathers what is written.
class WholeFile::Buffer final : public std::streambuf {
public:
    explicit Buffer(WholeFile& file) : file_(file) {}

protected:
    std::streamsize xsputn(const char* text, std::streamsize n) override {
        file_.write({text, static_cast<std::size_t>(n)});
        return file_.error_ == 0 ? n : 0;
    }
    int_type overflow(int_type c) override {
        const char one = traits_type::to_char_type(c);
        return traits_type::eq_int_type(c, traits_type::eof()) || xsputn(&one, 1) == 1 ? traits_type::not_eof(c) : traits_type::eof();
    }

private:
    WholeFile& file_;
};

WholeFile::WholeFile(std::string path) : path_(std::move(path)) { open(); }

WholeFile::~WholeFile() {
    if (file_ < 0) return;
    (void)::close(file_);
    if (!temporary_.empty()) (void)::unlink(temporary_.c_str());
}

void WholeFile::failed(const char* what) {
    if (error_ != 0) return;
    error_ = errno;
    what_ = what;
}

void WholeFile::open() {
    struct stat old {};
    const bool exists = ::stat(path_.c_str(), &old) == 0;
    if (exists && S_ISDIR(old.st_mode)) {
        errno = EISDIR;
        return failed("cannot write a file");
    }
    if (exists && !S_ISREG(old.st_mode)) {
        file_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
        if (file_ < 0) failed("cannot open for writing");
        return;
    }
    if (exists) mode_ = static_cast<int>(old.st_mode & 07777);
    std::error_code ignored;
    const fs::path resolved = exists ? fs::canonical(path_, ignored) : fs::path(path_);
    target_ = resolved.empty() ? path_ : resolved.string();
    create_beside(target_);
}

// A new file under a name nobody has; the kernel applies the umask.
void WholeFile::create_beside(const std::string& target) {
    static std::atomic<unsigned> counter{0};
    const fs::path folder = folder_of(target);
    for (int attempt = 0; attempt < 1000; ++attempt) {
        temporary_ = (folder / (".moeplan-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp")).string();
        file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file_ >= 0 || errno != EEXIST) break;
    }
    if (file_ < 0) failed(("cannot create a file in " + folder.string()).c_str());
}

void WholeFile::write(std::string_view text) {
    if (error_ != 0) return;
    pending_ += text;
    if (pending_.size() >= kPending) flush();
}

std::ostream& WholeFile::stream() {
    if (!stream_) {
        buffer_ = std::make_unique<Buffer>(*this);
        stream_ = std::make_unique<std::ostream>(buffer_.get());
    }
    return *stream_;
}

void WholeFile::flush() {
    std::string_view rest = pending_;
    while (error_ == 0 && !rest.empty()) {
        const ssize_t n = ::write(file_, rest.data(), rest.size());
        if (n >= 0) rest.remove_prefix(static_cast<std::size_t>(n));
        else if (errno != EINTR) failed("cannot write");
    }
    pending_.clear();
}

Problems WholeFile::publish() {
    flush();
    const bool renamed = !temporary_.empty();
    if (error_ == 0 && renamed) {
        if (mode_ >= 0 && ::fchmod(file_, static_cast<mode_t>(mode_)) != 0) failed("cannot write");
        if (::fsync(file_) != 0) failed("cannot write");
    }
    if (file_ >= 0 && ::close(std::exchange(file_, -1)) != 0 && errno != EINTR) failed("cannot write");
    if (error_ == 0 && renamed && ::rename(temporary_.c_str(), target_.c_str()) != 0) failed("cannot write");
    if (error_ != 0) {
        if (renamed) (void)::unlink(temporary_.c_str());
        return {{path_, "", what_ + ": " + std::generic_category().message(error_), "", ProblemKind::wrong_input}};
    }
    if (renamed) sync_folder(folder_of(target_));
    return {};
}

}  // namespace moeplan
