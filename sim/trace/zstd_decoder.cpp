// zstd by libzstd. Source of the form: RFC 8878.
#include <zstd.h>

#include <string>

#include "core/base/require.h"
#include "sim/trace/source_buffer.h"

namespace moeplan::trace {
namespace {

class Zstd final : public Decoder {
public:
    explicit Zstd(Blocks& blocks) : blocks_(blocks), state_(ZSTD_createDStream()) {
        require(state_ != nullptr, "libzstd starts");
    }
    ~Zstd() override { ZSTD_freeDStream(state_); }
    Zstd(const Zstd&) = delete;
    Zstd& operator=(const Zstd&) = delete;

    // libzstd goes on to the next frame by itself, and bounds the window at 128 MiB unless told otherwise.
    std::size_t read(char* out, std::size_t size) override {
        ZSTD_outBuffer into{out, size, 0};
        while (into.pos < size) {
            const std::string_view rest = blocks_.rest();
            ZSTD_inBuffer from{rest.data(), rest.size(), 0};
            const std::size_t before = into.pos;
            if (rest.empty() && !inside_) break;
            const std::size_t answer = ZSTD_decompressStream(state_, &into, &from);
            blocks_.take(from.pos);
            if (ZSTD_isError(answer)) {
                error = std::string("damaged zstd data: ") + ZSTD_getErrorName(answer);
                break;
            }
            inside_ = answer != 0;
            if (rest.empty() && into.pos == before && inside_) {
                error = "zstd data cut short: the file ends before its last frame does";
                break;
            }
        }
        return into.pos;
    }

private:
    Blocks& blocks_;
    ZSTD_DStream* state_;
    bool inside_ = false;   // a frame
};

}  // namespace

std::unique_ptr<Decoder> decode_zstd(Blocks& blocks) { return std::make_unique<Zstd>(blocks); }

}  // namespace moeplan::trace
