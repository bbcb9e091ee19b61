#pragma once
// Lines of a text stream with bounded memory: a line longer than the bound is skipped whole and flagged,
// never held, and one that does not end (/dev/zero) ends the text. Strips "\n", "\r\n" and a leading UTF-8 byte order mark; a last line needs no newline.

#include <cstddef>
#include <istream>
#include <string>
#include <string_view>

namespace moeplan {

class LineReader {
public:
    // `stream` must outlive the reader. Memory: 256 KiB + the longest line, at most `longest` bytes.
    explicit LineReader(std::istream& stream, std::size_t longest = std::size_t{1} << 20);

    // The next line, valid until the next call. False at the end.
    bool next(std::string_view& line);

    // Of the line last returned: its number, from 1, and whether it was over the bound (then it is given empty).
    std::size_t number() const { return number_; }
    bool too_long() const { return too_long_; }
    // Whether it was given up on as well, after 256 MiB: nothing comes after it, and what did is not known.
    bool endless() const { return endless_; }

private:
    bool fill();
    void take(std::string_view part);

    std::istream& stream_;
    std::size_t longest_;
    std::string buffer_;
    std::size_t begin_ = 0, end_ = 0;
    std::string joined_;       // a line that spans buffers
    std::size_t number_ = 0;
    std::size_t passed_over_ = 0;   // bytes of a line over the bound
    bool too_long_ = false;
    bool endless_ = false;
};

}  // namespace moeplan
