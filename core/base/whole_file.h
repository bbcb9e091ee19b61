#pragma once
// A file that is whole or not there, written piece by piece.

#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace moeplan {

// Writes beside `path` under a temporary name; publish() flushes it to the disk and renames it. A crash or a full disk leaves
// the old file (or none) and no half of the new one. A symbolic link is followed; an existing file keeps its permissions.
// Something that is not a regular file (/dev/stdout, a pipe) is written straight through.
class WholeFile {
public:
    explicit WholeFile(std::string path);
    ~WholeFile();   // removes what was not published
    WholeFile(const WholeFile&) = delete;
    WholeFile& operator=(const WholeFile&) = delete;

    const std::string& path() const { return path_; }
    void write(std::string_view text);   // the first error is kept for publish()
    // The same as a stream; bad after an error.
    std::ostream& stream();
    // Once. Empty when all went well; otherwise one problem naming the path and the reason, and the file that was there stays.
    Problems publish();

private:
    class Buffer;   // of the stream

    void open();
    void create_beside(const std::string& target);
    void flush();
    void failed(const char* what);

    std::string path_, target_, temporary_, pending_;
    int file_ = -1;
    int mode_ = -1;              // of the file that was there
    std::string what_;           // went wrong; empty = nothing
    int error_ = 0;
    std::unique_ptr<Buffer> buffer_;
    std::unique_ptr<std::ostream> stream_;
};

}  // namespace moeplan
