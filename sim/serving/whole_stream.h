#pragma once
// A stream to a file that appears only when it is complete.

#include <fstream>
#include <string>

#include "core/base/result.h"

namespace moeplan {

class WholeStream {
public:
    // Opens "PATH.part"; an empty path gives a stream that nothing is written to.
    explicit WholeStream(std::string path);
    ~WholeStream();   // removes what was not published
    WholeStream(const WholeStream&) = delete;
    WholeStream& operator=(const WholeStream&) = delete;

    bool wanted() const { return !path_.empty(); }
    const std::string& path() const { return path_; }
    std::ostream& stream() { return file_; }
    // Errors: it could not be opened, written or renamed; the file that was there stays.
    Problems publish();

private:
    std::string path_, temporary_;
    std::ofstream file_;
    bool published_ = false;
};

}  // namespace moeplan
