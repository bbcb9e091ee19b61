#pragma once
// Texts compressed by the libraries that the readers decompress with, and streams that cannot be rewound.

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <stdexcept>
#include <streambuf>
#include <string>
#include <utility>

namespace moeplan {

inline std::string gzipped(const std::string& text) {
    z_stream state{};
    if (deflateInit2(&state, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("zlib");
    std::string out(deflateBound(&state, text.size()) + 64, '\0');
    state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    state.avail_in = static_cast<uInt>(text.size());
    state.next_out = reinterpret_cast<Bytef*>(out.data());
    state.avail_out = static_cast<uInt>(out.size());
    if (deflate(&state, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("zlib");
    out.resize(out.size() - state.avail_out);
    deflateEnd(&state);
    return out;
}

inline std::string zstd_packed(const std::string& text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    const std::size_t size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3);
    if (ZSTD_isError(size)) throw std::runtime_error("zstd");
    out.resize(size);
    return out;
}

// Like a pipe: bytes come a few at a time, and nothing can be sought.
class Pipe final : public std::streambuf {
public:
    explicit Pipe(std::string text, std::size_t at_once = 7) : text_(std::move(text)), at_once_(at_once) {}

protected:
    int_type underflow() override {
        if (at_ == text_.size()) return traits_type::eof();
        const std::size_t n = std::min(at_once_, text_.size() - at_);
        part_.assign(text_, at_, n);
        at_ += n;
        setg(part_.data(), part_.data(), part_.data() + n);
        return traits_type::to_int_type(*gptr());
    }

private:
    std::string text_, part_;
    std::size_t at_once_, at_ = 0;
};

}  // namespace moeplan
