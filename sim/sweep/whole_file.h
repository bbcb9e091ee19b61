#pragma once
// A file too large to hold that is whole or not there: written under another name, on the disk, then renamed.

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace moeplan {

class WholeFile {
public:
    explicit WholeFile(std::string path);
    ~WholeFile();   // removes what was not published
    WholeFile(const WholeFile&) = delete;
    WholeFile& operator=(const WholeFile&) = delete;

    void write(std::string_view text);   // the first error is kept for publish()
    // Errors: cannot be written, made or renamed; the file that was there stays.
    Problems publish();

private:
    void flush();

    std::string path_, temporary_, buffer_;
    int file_ = -1;
    int error_ = 0;
};

}  // namespace moeplan
