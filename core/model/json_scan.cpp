#include "core/model/json_scan.h"

#include <algorithm>

namespace moeplan {
namespace {

struct Frame {
    bool object = false;
    bool wants_key = false;
    std::size_t index = 0;  // of the element, in a list
    std::string path;       // of the container
    std::string key;        // last key read
};

class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) { out_.text.reserve(text.size()); }

    JsonScan run() {
        while (at_ < text_.size() && !out_.too_deep_line) step();
        return std::move(out_);
    }

private:
    void step() {
        const char c = text_[at_];
        if (c == '"') return string();
        if (replace("Infinity") || replace("NaN")) return;
        if (c == '\n') ++line_;
        if (c == '{' || c == '[') open(c == '{');
        if ((c == '}' || c == ']') && !stack_.empty()) stack_.pop_back();
        if (c == ',' && !stack_.empty()) {
            stack_.back().wants_key = stack_.back().object;
            ++stack_.back().index;
        }
        out_.text += c;
        ++at_;
    }

    std::string here() const {
        if (stack_.empty()) return {};
        const Frame& f = stack_.back();
        if (!f.object) return f.path + "[" + std::to_string(f.index) + "]";
        return f.path.empty() ? f.key : f.path + "." + f.key;
    }

    void open(bool object) {
        if (stack_.size() >= kDeepestJson) {
            out_.too_deep_line = line_;
            return;
        }
        stack_.push_back({object, object, 0, here(), {}});
    }

    void string() {
        const std::size_t start = at_++;
        while (at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] == '\n') ++line_;
            at_ += std::size_t{text_[at_] == '\\' && at_ + 1 < text_.size() ? 2U : 1U};
        }
        at_ = std::min(at_ + 1, text_.size());
        out_.text += text_.substr(start, at_ - start);
        if (!stack_.empty() && stack_.back().wants_key && at_ - start >= 2) {
            stack_.back().wants_key = false;
            stack_.back().key = text_.substr(start + 1, at_ - start - 2);
            const std::string path = here();
            if (!out_.lines.emplace(path, line_).second) out_.duplicates.emplace_back(path, line_);
        }
    }

    bool replace(std::string_view word) {
        if (text_.substr(at_, word.size()) != word) return false;
        const bool minus = !out_.text.empty() && out_.text.back() == '-';
        if (minus) out_.text.pop_back();
        out_.text += '"' + std::string(minus ? "-" : "") + std::string(word) + '"';
        at_ += word.size();
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int line_ = 1;
    std::vector<Frame> stack_;
    JsonScan out_;
};

}  // namespace

JsonScan scan_json(std::string_view text) { return Scanner(text).run(); }

int line_of(std::string_view text, std::size_t byte) {
    return 1 +
           static_cast<int>(std::count(
               text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(byte, text.size())), '\n'));
}

}  // namespace moeplan
