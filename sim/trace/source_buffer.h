#pragma once
// The bytes of a file as they were before gzip or zstd: told by its first bytes, never by its name. Nothing is ever
// sought, so a pipe will do. Private to sim/trace.

#include <memory>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

namespace moeplan::trace {

// What a decoder reads from: a block of the file after the other.
class Blocks {
public:
    explicit Blocks(std::streambuf& raw) : raw_(raw), block_(kBlock) {}
    // What is left of the current block, or the next one; empty at the end of the file.
    std::string_view rest();
    void take(std::size_t bytes) { begin_ += bytes; }
    // At least this many bytes, where the file has them.
    std::string_view peek(std::size_t bytes);

private:
    static constexpr std::size_t kBlock = std::size_t{64} << 10;
    std::streambuf& raw_;
    std::vector<char> block_;
    std::size_t begin_ = 0, end_ = 0;
};

class Decoder {
public:
    virtual ~Decoder() = default;
    // Fills `out`; how many bytes were written. Fewer than asked for, or 0, only at the end or with `error` set.
    virtual std::size_t read(char* out, std::size_t size) = 0;
    std::string error;   // empty = all is well
};

// The formats, each a file. Members (gzip) and frames (zstd) one after the other are one text; zeros after the last gzip
// member are padding. Errors: data cut short, data that is damaged, a zstd window over 128 MiB.
std::unique_ptr<Decoder> decode_nothing(Blocks& blocks);
std::unique_ptr<Decoder> decode_gzip(Blocks& blocks);
std::unique_ptr<Decoder> decode_zstd(Blocks& blocks);

class SourceBuffer final : public std::streambuf {
public:
    // `raw` must outlive the buffer.
    explicit SourceBuffer(std::streambuf& raw);

    // The first 64 KiB, or all there is: they are still to be read from the buffer.
    std::string_view opening();
    // Why the text ended before it should have; empty when it did not.
    const std::string& error() const { return decoder_->error; }

protected:
    int_type underflow() override;

private:
    Blocks blocks_;
    std::unique_ptr<Decoder> decoder_;
    std::vector<char> text_;
};

}  // namespace moeplan::trace
