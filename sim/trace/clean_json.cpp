#include "sim/trace/clean_json.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <fmt/format.h>

namespace moeplan::trace {
namespace {

constexpr std::size_t kLongestWord = 400;   // no number is longer; what is goes through as it comes

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '+' || c == '.'; }

}  // namespace

void CleanJson::end_word() {
    if (word_ == "NaN") out_ += "null";
    else if (word_ == "Infinity") out_ += "\"inf\"";
    else if (word_ == "-Infinity") out_ += "\"-inf\"";
    else out_ += word_;
    word_.clear();
}

void CleanJson::take_outside(char c) {
    if (is_word(c) && word_.size() < kLongestWord) {
        word_ += c;
        return;
    }
    end_word();
    out_ += c;
    if (c == '"') {
        place_ = Place::text;
        text_length_ = 0;
    }
}

void CleanJson::take_in_text(char c) {
    if (++text_length_ > kLongestText && error_.empty()) error_ = fmt::format("a text over {} MiB", kLongestText >> 20);
    if (c == '\\') place_ = Place::escape;
    else if (c == '"') place_ = Place::outside;
    if (c != '\\') out_ += static_cast<unsigned char>(c) < 0x80 ? c : '?';
}

void CleanJson::take_code(char c) {
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) {   // not JSON: the parser shall say so
        out_ += "\\u" + code_;
        place_ = Place::text;
        take_in_text(c);
        return;
    }
    code_ += c;
    if (code_.size() < 4) return;
    out_ += '?';
    place_ = Place::text;
}

void CleanJson::take(char c) {
    switch (place_) {
        case Place::outside: return take_outside(c);
        case Place::text: return take_in_text(c);
        case Place::code: return take_code(c);
        case Place::escape: break;
    }
    place_ = Place::text;
    if (c == 'u') {
        place_ = Place::code;
        code_.clear();
    } else {
        out_ += '\\';
        out_ += c;
    }
}

CleanJson::int_type CleanJson::underflow() {
    lines_before_ += static_cast<std::size_t>(std::count(eback(), egptr(), '\n'));
    out_.clear();
    setg(nullptr, nullptr, nullptr);
    while (out_.empty() && error_.empty()) {
        const auto got = source_.sgetn(block_.data(), static_cast<std::streamsize>(block_.size()));
        std::string_view part(block_.data(), static_cast<std::size_t>(std::max<std::streamsize>(got, 0)));
        if (!started_ && part.substr(0, 3) == "\xEF\xBB\xBF") part.remove_prefix(3);
        started_ = true;
        if (part.empty()) {
            end_word();
            if (out_.empty()) return traits_type::eof();
        }
        for (const char c : part) take(c);
    }
    if (!error_.empty()) return traits_type::eof();
    setg(out_.data(), out_.data(), out_.data() + out_.size());
    return traits_type::to_int_type(*gptr());
}

bool CleanJson::skip_blanks() {
    while (true) {
        const int_type c = sgetc();
        if (traits_type::eq_int_type(c, traits_type::eof())) return false;
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return true;
        sbumpc();
    }
}

std::size_t CleanJson::line() const {
    return 1 + lines_before_ + static_cast<std::size_t>(std::count(eback(), gptr(), '\n'));
}

}  // namespace moeplan::trace
