#include "sim/trace/source_buffer.h"

#include <algorithm>
#include <cstring>

namespace moeplan::trace {
namespace {

constexpr std::size_t kText = std::size_t{64} << 10;

class Plain final : public Decoder {
public:
    explicit Plain(Blocks& blocks) : blocks_(blocks) {}
    std::size_t read(char* out, std::size_t size) override {
        std::size_t done = 0;
        while (done < size) {
            const std::string_view rest = blocks_.rest();
            if (rest.empty()) break;
            const std::size_t n = std::min(rest.size(), size - done);
            std::memcpy(out + done, rest.data(), n);
            blocks_.take(n);
            done += n;
        }
        return done;
    }

private:
    Blocks& blocks_;
};

std::unique_ptr<Decoder> decoder_of(Blocks& blocks) {
    const std::string_view magic = blocks.peek(4);
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(magic[i]); };
    if (magic.size() >= 2 && byte(0) == 0x1f && byte(1) == 0x8b) return decode_gzip(blocks);   // RFC 1952
    if (magic.size() >= 4) {
        // RFC 8878: a frame, or one to be skipped.
        const bool frame = byte(0) == 0x28 && byte(1) == 0xb5 && byte(2) == 0x2f && byte(3) == 0xfd;
        const bool skipped = (byte(0) & 0xf0) == 0x50 && byte(1) == 0x2a && byte(2) == 0x4d && byte(3) == 0x18;
        if (frame || skipped) return decode_zstd(blocks);
    }
    return decode_nothing(blocks);
}

}  // namespace

std::string_view Blocks::rest() {
    if (begin_ == end_) {
        begin_ = 0;
        end_ = static_cast<std::size_t>(
            std::max<std::streamsize>(0, raw_.sgetn(block_.data(), static_cast<std::streamsize>(block_.size()))));
    }
    return {block_.data() + begin_, end_ - begin_};
}

std::string_view Blocks::peek(std::size_t bytes) {
    if (end_ - begin_ < bytes) {
        std::memmove(block_.data(), block_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
        end_ += static_cast<std::size_t>(std::max<std::streamsize>(
            0, raw_.sgetn(block_.data() + end_, static_cast<std::streamsize>(block_.size() - end_))));
    }
    return {block_.data() + begin_, end_ - begin_};
}

std::unique_ptr<Decoder> decode_nothing(Blocks& blocks) { return std::make_unique<Plain>(blocks); }

SourceBuffer::SourceBuffer(std::streambuf& raw) : blocks_(raw), decoder_(decoder_of(blocks_)), text_(kText) {}

SourceBuffer::int_type SourceBuffer::underflow() {
    if (gptr() < egptr()) return traits_type::to_int_type(*gptr());
    const std::size_t n = error().empty() ? decoder_->read(text_.data(), text_.size()) : 0;
    setg(text_.data(), text_.data(), text_.data() + n);
    return n > 0 ? traits_type::to_int_type(*gptr()) : traits_type::eof();
}

std::string_view SourceBuffer::opening() {
    underflow();
    return {gptr(), static_cast<std::size_t>(egptr() - gptr())};
}

}  // namespace moeplan::trace
