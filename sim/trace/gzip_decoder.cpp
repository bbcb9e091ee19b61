// gzip by zlib. Source of the form: RFC 1952.
#include <zlib.h>

#include <algorithm>
#include <string>

#include "core/base/require.h"
#include "sim/trace/source_buffer.h"

namespace moeplan::trace {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;   // zlib's way to ask for a gzip header
constexpr const char* kCutShort = "gzip data cut short: the file ends before its last member does";

class Gzip final : public Decoder {
public:
    explicit Gzip(Blocks& blocks) : blocks_(blocks) {
        require(inflateInit2(&state_, kGzipOnly) == Z_OK, "zlib starts");
    }
    ~Gzip() override { inflateEnd(&state_); }
    Gzip(const Gzip&) = delete;
    Gzip& operator=(const Gzip&) = delete;

    std::size_t read(char* out, std::size_t size) override {
        std::size_t done = 0;
        while (done < size && error.empty()) {
            if (between_ && !another_member()) break;
            const std::string_view rest = blocks_.rest();
            if (rest.empty()) {
                error = kCutShort;
                break;
            }
            done += inflate_some(rest, out + done, size - done);
        }
        return done;
    }

private:
    // After a member: is there one more? Zeros up to the end are padding.
    bool another_member() {
        for (std::string_view next = blocks_.peek(2); !next.empty(); next = blocks_.peek(2)) {
            if (next.size() >= 2 && next.substr(0, 2) == "\x1f\x8b") {
                between_ = false;
                return inflateReset(&state_) == Z_OK;
            }
            if (next.front() != '\0') {
                error = "something that is not gzip data after the last gzip member";
                return false;
            }
            blocks_.take(1);
        }
        return false;
    }

    std::size_t inflate_some(std::string_view rest, char* out, std::size_t size) {
        const std::size_t most = std::min<std::size_t>(size, std::size_t{1} << 30);
        // zlib only reads its input, but takes a pointer to non-const.
        state_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(rest.data()));
        state_.avail_in = static_cast<uInt>(rest.size());
        state_.next_out = reinterpret_cast<Bytef*>(out);
        state_.avail_out = static_cast<uInt>(most);
        const int answer = inflate(&state_, Z_NO_FLUSH);
        blocks_.take(rest.size() - state_.avail_in);
        if (answer == Z_STREAM_END) {
            between_ = true;
        } else if (answer != Z_OK) {
            error = std::string("damaged gzip data") + (state_.msg ? ": " + std::string(state_.msg) : "");
        }
        return most - state_.avail_out;
    }

    Blocks& blocks_;
    z_stream state_{};
    bool between_ = false;   // members
};

}  // namespace

std::unique_ptr<Decoder> decode_gzip(Blocks& blocks) { return std::make_unique<Gzip>(blocks); }

}  // namespace moeplan::trace
