#include "sim/serving/whole_stream.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace moeplan {

WholeStream::WholeStream(std::string path) : path_(std::move(path)) {
    if (path_.empty()) return;
    // A device or a pipe is written straight through.
    std::error_code ignored;
    const auto status = std::filesystem::status(path_, ignored);
    temporary_ = std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) ? path_ : path_ + ".part";
    file_.open(temporary_, std::ios::binary | std::ios::trunc);
}

WholeStream::~WholeStream() {
    if (path_.empty() || published_ || temporary_ == path_) return;
    file_.close();
    std::error_code ignored;
    std::filesystem::remove(temporary_, ignored);
}

Problems WholeStream::publish() {
    if (path_.empty()) return {};
    file_.flush();
    const bool written = file_.is_open() && file_.good();
    const std::string reason = errno != 0 ? std::strerror(errno) : "unknown reason";
    file_.close();
    if (!written) return {{path_, {}, "cannot be written: " + reason, {}}};
    published_ = true;
    if (temporary_ == path_) return {};
    std::error_code error;
    std::filesystem::rename(temporary_, path_, error);
    if (error) return {{path_, {}, "cannot be written: " + error.message(), {}}};
    return {};
}

}  // namespace moeplan
