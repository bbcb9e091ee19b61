#include "sim/trace/json_values.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "sim/trace/reply.h"

namespace moeplan::trace {

using nlohmann::json;

namespace {

constexpr std::size_t kLongestKept = 200, kMostLeftOut = 60, kMostKnown = 10'000;

}  // namespace

// Builds the reduced value as the parser tells it. Its functions are named by nlohmann's SAX interface.
class Pruner {
public:
    explicit Pruner(JsonValues& of) : of_(of) {}

    bool null() { return scalar(json()); }
    bool boolean(bool value) { return scalar(json(value)); }
    bool number_integer(json::number_integer_t value) { return number(json(value), static_cast<double>(value)); }
    bool number_unsigned(json::number_unsigned_t value) { return number(json(value), static_cast<double>(value)); }
    bool number_float(json::number_float_t value, const std::string&) { return number(json(value), value); }
    bool binary(json::binary_t&) { return false; }
    bool string(std::string& text) {
        if (keep_now() == Keep::reply) return scalar(digest_reply(text));
        if (text.size() > kLongestKept) text.resize(kLongestKept);
        return scalar(json(std::move(text)));
    }
    bool key(std::string& name) {
        key_ = std::move(name);
        key_keep_ = of_.keep(key_);
        return true;
    }
    bool start_object(std::size_t) { return open(json::object(), false); }
    bool start_array(std::size_t) { return open(json::array(), true); }
    bool end_object() {
        const Frame done = frames_.back();
        frames_.pop_back();
        if (done.at->empty() && done.passing && !frames_.empty() && !frames_.back().list)
            frames_.back().at->erase(done.key);
        return true;
    }
    bool end_array() {
        const Frame done = frames_.back();
        frames_.pop_back();
        if (!is_numbers(done.keep) || !done.at->empty()) return true;
        of_.spans_.push_back({done.gaps_from, of_.gaps_.size() - done.gaps_from, done.odd, done.first});
        *done.at = json::binary({}, of_.spans_.size() - 1);
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) { return false; }

private:
    struct Frame {
        json* at;
        bool list;
        bool odd;
        bool passing;            // only what is in it may be of use
        Keep keep;               // of a list: what its entries are
        std::string key;         // it stands under, in an object
        std::size_t gaps_from;
        std::optional<double> first{}, last{};   // of stamps
    };

    static bool is_numbers(Keep keep) { return keep == Keep::gaps || keep == Keep::stamps; }
    Keep keep_now() const {
        return frames_.empty() ? Keep::value : frames_.back().list ? frames_.back().keep : key_keep_;
    }

    json* put(json&& value) {
        if (frames_.empty()) {
            of_.root_ = std::move(value);
            return &of_.root_;
        }
        json& in = *frames_.back().at;
        if (frames_.back().list) {
            in.push_back(std::move(value));
            return &in.back();
        }
        return &(in[key_] = std::move(value));
    }

    bool scalar(json&& value) {
        const Keep keep = keep_now();
        if (keep == Keep::nothing) {
            left_out();
        } else if (is_numbers(keep) && frames_.back().list) {
            frames_.back().odd = frames_.back().odd || !value.is_null();
        } else {
            put(std::move(value));
        }
        return true;
    }

    bool number(json&& value, double plain) {
        if (frames_.empty() || !frames_.back().list || !is_numbers(keep_now())) return scalar(std::move(value));
        if (keep_now() == Keep::stamps) {
            Frame& frame = frames_.back();
            const double before = frame.last.value_or(plain);
            frame.last = plain;
            if (!frame.first) {
                frame.first = plain;
                return true;
            }
            plain -= before;
        }
        if (of_.gaps_.size() == JsonValues::kMostGaps) {
            of_.problem_ = fmt::format("more than {} times between tokens in one run", JsonValues::kMostGaps);
            return false;
        }
        of_.gaps_.push_back(static_cast<float>(plain));
        return true;
    }

    bool open(json&& empty, bool list) {
        if (frames_.size() == JsonValues::kDeepest) {
            of_.problem_ = fmt::format("nested more than {} deep", JsonValues::kDeepest);
            return false;
        }
        const Keep keep = keep_now();
        const bool in_object = !frames_.empty() && !frames_.back().list;
        json* at = put(std::move(empty));
        frames_.push_back({at, list, false, keep == Keep::nothing, list ? keep : Keep::nothing,
                           in_object ? key_ : std::string(), of_.gaps_.size()});
        return true;
    }

    void left_out() {
        if (frames_.back().list || of_.left_out_.size() >= kMostLeftOut) return;
        if (std::ranges::find(of_.left_out_, key_) == of_.left_out_.end()) of_.left_out_.push_back(key_);
    }

    JsonValues& of_;
    std::vector<Frame> frames_;
    std::string key_;
    Keep key_keep_ = Keep::nothing;
};

Keep JsonValues::keep(const std::string& key) {
    const auto at = known_.find(key);
    if (at != known_.end()) return at->second;
    const Keep keep = rule_(key);
    if (known_.size() < kMostKnown) known_.emplace(key, keep);
    return keep;
}

bool JsonValues::next() {
    root_ = json();
    spans_.clear();
    gaps_.clear();
    left_out_.clear();
    if (!clean_.skip_blanks()) {
        problem_ = clean_.error();
        return false;
    }
    line_ = clean_.line();
    stream_.clear();
    Pruner pruner(*this);
    bool read = false;
    try {
        read = json::sax_parse(stream_, &pruner, json::input_format_t::json, false);
    } catch (const std::exception&) {   // what the parser tells by exceptions whatever it is asked
        read = false;
    }
    if (!clean_.error().empty()) problem_ = clean_.error();
    if (read && problem_.empty()) return true;
    if (problem_.empty()) {
        problem_ = clean_.skip_blanks() ? "not valid JSON; a result, or a request a line, is expected"
                                        : "not valid JSON: the file ends in the middle of a value";
    }
    return false;
}

}  // namespace moeplan::trace
