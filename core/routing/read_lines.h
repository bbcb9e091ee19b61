#pragma once
// Internal to routing: text files line by line in bounded memory, and problems by line.

#include <cstdint>
#include <fstream>
#include <istream>
#include <optional>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace moeplan::lines {

constexpr std::size_t kLongestLine = 1 << 20;

// A stream over text that lives elsewhere.
class ViewStream : private std::streambuf, public std::istream {
public:
    explicit ViewStream(std::string_view text) : std::istream(static_cast<std::streambuf*>(this)) {
        char* begin = const_cast<char*>(text.data());  // std::streambuf reads through char*
        setg(begin, begin, begin + text.size());
    }
};

// A regular file of at most 2 GiB, or why not.
Result<std::ifstream> open(const std::string& path);

// Lines without their end (LF or CRLF), the last one with or without one; a byte order mark is skipped.
class Reader {
public:
    explicit Reader(std::istream& in) : in_(in) {}
    // Valid until the next call. A line beyond kLongestLine comes cut, with too_long() true.
    bool next(std::string_view& line);
    std::int64_t number() const { return number_; }
    bool too_long() const { return too_long_; }

private:
    bool fill();
    std::istream& in_;
    std::string line_;
    std::vector<char> chunk_;
    std::size_t at_ = 0, size_ = 0;
    std::int64_t number_ = 0;
    bool too_long_ = false;
};

// The first 20 problems of a file by line, and how many more there are.
class LineProblems {
public:
    explicit LineProblems(std::string file) : file_(std::move(file)) {}
    void add(std::int64_t line, std::string what);
    bool empty() const { return count_ == 0; }
    Problems take();

private:
    std::string file_;
    Problems problems_;
    std::int64_t count_ = 0;
};

std::string_view trim(std::string_view text);
std::string lower(std::string_view text);

// Fields of a CSV line; quotes around a field are taken off (doubled quotes inside stay doubled).
void split(std::string_view line, std::vector<std::string_view>& fields);

std::optional<std::int64_t> to_integer(std::string_view text);
std::optional<double> to_number(std::string_view text);

// Where a column is, by any of its names (lower case).
std::optional<std::size_t> column(const std::vector<std::string>& header,
                                  std::initializer_list<const char*> names);

// Text of a line for a message: cut and without control characters.
std::string quoted(std::string_view text);

}  // namespace moeplan::lines
