#pragma once
// A stream of JSON as Python writes it, made safe on the way to a parser: bare NaN becomes null, Infinity the text "inf";
// inside texts what is not ASCII becomes "?", which no name or number that is read here has, so that half a character, as
// streamed text may end in, harms nobody. Lines stay lines. Private to sim/trace.

#include <cstddef>
#include <streambuf>
#include <string>
#include <vector>

namespace moeplan::trace {

class CleanJson final : public std::streambuf {
public:
    static constexpr std::size_t kLongestText = std::size_t{64} << 20;

    // `source` must outlive the buffer.
    explicit CleanJson(std::streambuf& source) : source_(source), block_(kBlock) {}

    // The next character that is no blank, left to be read. False: there is none.
    bool skip_blanks();
    // Of the character to be read next, from 1.
    std::size_t line() const;
    // Why the text ended before it should have; empty when it did not.
    const std::string& error() const { return error_; }

protected:
    int_type underflow() override;

private:
    static constexpr std::size_t kBlock = std::size_t{64} << 10;
    enum class Place : unsigned char { outside, text, escape, code };

    void take(char c);
    void take_outside(char c);
    void take_in_text(char c);
    void take_code(char c);
    void end_word();

    std::streambuf& source_;
    std::vector<char> block_;
    std::string out_, word_, code_;  // word_: outside of texts; code_: digits of \uXXXX
    std::string error_;
    Place place_ = Place::outside;
    std::size_t text_length_ = 0;
    std::size_t lines_before_ = 0;  // of the block that is there
    bool started_ = false;
};

}  // namespace moeplan::trace
