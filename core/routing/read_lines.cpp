#include "core/routing/read_lines.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

namespace moeplan::lines {
namespace {
constexpr std::int64_t kMostShown = 20;
constexpr std::uintmax_t kLargestFile = 2ULL << 30;
}  // namespace

Result<std::ifstream> open(const std::string& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) return fail({path, "", "no such file", "", {}});
    if (!std::filesystem::is_regular_file(status)) return fail({path, "", "not a regular file", "", {}});
    const auto size = std::filesystem::file_size(path, error);
    if (!error && size > kLargestFile) {
        return fail(
            {path,
             "",
             fmt::format("{:.1f} GiB; files up to 2 GiB are read", static_cast<double>(size) / 0x1p30),
             "cut the file to fewer tokens",
             {}});
    }
    std::ifstream in(path, std::ios::binary);
    if (error || !in) return fail({path, "", "cannot be read", "", {}});
    return in;
}

bool Reader::fill() {
    if (chunk_.empty()) chunk_.resize(1 << 18);
    in_.read(chunk_.data(), static_cast<std::streamsize>(chunk_.size()));
    size_ = static_cast<std::size_t>(in_.gcount());
    at_ = 0;
    return size_ > 0;
}

bool Reader::next(std::string_view& line) {
    line_.clear();
    too_long_ = false;
    bool any = false;
    for (bool ended = false; !ended;) {
        if (at_ == size_ && !fill()) break;
        any = true;
        const char* from = chunk_.data() + at_;
        const auto* end = static_cast<const char*>(std::memchr(from, '\n', size_ - at_));
        ended = end != nullptr;
        const std::size_t length = ended ? static_cast<std::size_t>(end - from) : size_ - at_;
        const std::size_t room = kLongestLine - line_.size();
        too_long_ = too_long_ || length > room;
        line_.append(from, std::min(length, room));
        at_ += length + (ended ? 1 : 0);
    }
    if (!any) return false;
    ++number_;
    line = line_;
    if (number_ == 1 && line.substr(0, 3) == "\xEF\xBB\xBF") line.remove_prefix(3);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return true;
}

void LineProblems::add(std::int64_t line, std::string what) {
    if (++count_ > kMostShown) return;
    problems_.push_back({fmt::format("{}:{}", file_, line), "", std::move(what), "", {}});
}

Problems LineProblems::take() {
    if (count_ > kMostShown) {
        problems_.push_back(
            {file_,
             "",
             fmt::format("{} more lines have problems ({} in all)", count_ - kMostShown, count_),
             "",
             {}});
    }
    return std::move(problems_);
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return result;
}

void split(std::string_view line, std::vector<std::string_view>& fields) {
    fields.clear();
    for (bool more = true; more;) {
        std::size_t end = 0;
        std::string_view field = trim(line);
        if (!field.empty() && field.front() == '"') {
            const std::size_t open = line.find('"');
            std::size_t close = line.find('"', open + 1);
            while (close != line.npos && close + 1 < line.size() && line[close + 1] == '"') {
                close = line.find('"', close + 2);
            }
            field = line.substr(open + 1, close == line.npos ? line.npos : close - open - 1);
            end = close == line.npos ? line.npos : line.find(',', close);
        } else {
            end = line.find(',');
            field = trim(line.substr(0, end));
        }
        fields.push_back(field);
        more = end != line.npos;
        if (more) line.remove_prefix(end + 1);
    }
}

std::optional<std::int64_t> to_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<double> to_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::size_t> column(const std::vector<std::string>& header,
                                  std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const auto found = std::find(header.begin(), header.end(), name);
        if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
    }
    return std::nullopt;
}

std::string quoted(std::string_view text) {
    constexpr std::size_t kMost = 60;
    std::string shown(text.substr(0, kMost));
    for (char& c : shown) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return fmt::format("'{}{}'", shown, text.size() > kMost ? "..." : "");
}

}  // namespace moeplan::lines
