#include "sim/sweep/whole_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace moeplan {

namespace {
constexpr std::size_t kBuffer = 1u << 20;
}

WholeFile::WholeFile(std::string path) : path_(std::move(path)) {
    temporary_ = path_ + "." + std::to_string(::getpid()) + ".tmp";
    file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file_ < 0) error_ = errno;
}

WholeFile::~WholeFile() {
    if (file_ < 0) return;
    (void)::close(file_);
    (void)::unlink(temporary_.c_str());
}

void WholeFile::write(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() >= kBuffer) flush();
}

void WholeFile::flush() {
    std::string_view rest = buffer_;
    while (error_ == 0 && !rest.empty()) {
        const ssize_t n = ::write(file_, rest.data(), rest.size());
        if (n >= 0) rest.remove_prefix(static_cast<std::size_t>(n));
        else if (errno != EINTR) error_ = errno;
    }
    buffer_.clear();
}

Problems WholeFile::publish() {
    flush();
    if (error_ == 0 && ::fsync(file_) != 0) error_ = errno;
    if (file_ >= 0 && ::close(std::exchange(file_, -1)) != 0 && error_ == 0) error_ = errno;
    if (error_ == 0 && ::rename(temporary_.c_str(), path_.c_str()) != 0) error_ = errno;
    if (error_ == 0) return {};
    (void)::unlink(temporary_.c_str());
    return {{path_, {}, "cannot be written: " + std::generic_category().message(error_), {}}};
}

}  // namespace moeplan
