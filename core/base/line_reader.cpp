#include "core/base/line_reader.h"

namespace moeplan {
namespace {

constexpr std::size_t kBuffer = std::size_t{256} << 10;
constexpr std::size_t kEndless = std::size_t{256} << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

LineReader::LineReader(std::istream& stream, std::size_t longest) : stream_(stream), longest_(longest) {
    buffer_.resize(kBuffer);
}

bool LineReader::fill() {
    begin_ = 0;
    end_ = 0;
    if (!stream_) return false;
    stream_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    end_ = static_cast<std::size_t>(stream_.gcount());
    return end_ > 0;
}

// Adds a part of the line; a line over the bound is dropped here, not held.
void LineReader::take(std::string_view part) {
    if (too_long_ || joined_.size() + part.size() > longest_) {
        too_long_ = true;
        passed_over_ += part.size();
        endless_ = passed_over_ > kEndless;
        joined_.clear();
        return;
    }
    joined_.append(part);
}

bool LineReader::next(std::string_view& line) {
    if (endless_) return false;
    too_long_ = false;
    passed_over_ = 0;
    joined_.clear();
    if (begin_ == end_ && !fill()) return false;
    ++number_;
    for (;;) {
        const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
        const std::size_t newline = rest.find('\n');
        if (newline != std::string_view::npos) {
            begin_ += newline + 1;
            const std::string_view part = rest.substr(0, newline);
            if (joined_.empty() && !too_long_ && part.size() <= longest_) {
                line = part;  // the usual case copies nothing
            } else {
                take(part);
                line = joined_;
            }
            break;
        }
        take(rest);
        begin_ = end_;
        if (endless_ || !fill()) {
            line = joined_;
            break;
        }
    }
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (number_ == 1 && line.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
        line.remove_prefix(kByteOrderMark.size());
    }
    return true;
}

}  // namespace moeplan
