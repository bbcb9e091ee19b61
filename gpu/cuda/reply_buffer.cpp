#include "gpu/cuda/reply_buffer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace moeplan::cuda {

ReplyBuffer::ReplyBuffer() {
    file_ = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    static_cast<void>(::dup2(STDERR_FILENO, STDOUT_FILENO));
}

ReplyBuffer::~ReplyBuffer() {
    sync();
    if (file_ >= 0) ::close(file_);
}

ReplyBuffer::int_type ReplyBuffer::overflow(int_type c) {
    if (!traits_type::eq_int_type(c, traits_type::eof())) waiting_.push_back(traits_type::to_char_type(c));
    return traits_type::not_eof(c);
}

std::streamsize ReplyBuffer::xsputn(const char* text, std::streamsize count) {
    waiting_.append(text, static_cast<std::size_t>(count));
    return count;
}

// What cannot be written is dropped: nobody reads it.
int ReplyBuffer::sync() {
    std::size_t written = 0;
    while (written < waiting_.size()) {
        const ssize_t part = ::write(file_, waiting_.data() + written, waiting_.size() - written);
        if (part < 0 && errno == EINTR) continue;
        if (part <= 0) break;
        written += static_cast<std::size_t>(part);
    }
    const bool all = written == waiting_.size();
    waiting_.clear();
    return all ? 0 : -1;
}

}  // namespace moeplan::cuda
