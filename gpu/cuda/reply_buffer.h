#pragma once
// Standard output kept for the protocol: libraries loaded later print there too (NCCL with NCCL_DEBUG, cuBLASLt with
// CUBLASLT_LOG_LEVEL), and one line of theirs between replies ends the conversation.

#include <streambuf>
#include <string>

namespace moeplan::cuda {

// Writes to the file that was standard output when this was made; from then on what anything else in the process prints there
// goes to standard error. Make it before any library is loaded, once.
class ReplyBuffer : public std::streambuf {
public:
    ReplyBuffer();
    ~ReplyBuffer() override;
    ReplyBuffer(const ReplyBuffer&) = delete;
    ReplyBuffer& operator=(const ReplyBuffer&) = delete;

private:
    int_type overflow(int_type c) override;
    std::streamsize xsputn(const char* text, std::streamsize count) override;
    int sync() override;

    std::string waiting_;   // until the next flush
    int file_ = -1;         // -1: there was no standard output, so writing fails
};

}  // namespace moeplan::cuda
