#include "core/model/gguf_file.h"

#include <bit>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

namespace moeplan {
namespace {

static_assert(std::endian::native == std::endian::little, "GGUF is read in place");

constexpr std::uint64_t kMostTensors = 1'000'000;
constexpr std::uint64_t kMostKeys = 1'000'000;
constexpr std::uint64_t kLongestText = std::uint64_t{16} << 20;
constexpr std::uint64_t kLargestTensor = std::uint64_t{1} << 44;  // elements
constexpr std::uint64_t kKeptNumbers = 10'000;
constexpr int kDeepestList = 4;

// Thrown and caught in this file only: the cursor fails from deep inside nested values.
struct Bad {
    std::string what;
    bool needs_more = false;
};

class Cursor {
public:
    Cursor(std::string_view bytes, std::uint64_t size) : bytes_(bytes), size_(size) {}

    std::uint64_t at() const { return at_; }
    std::uint64_t left() const { return size_ - at_; }

    template <class T>
    T read(std::string_view what) {
        T value{};
        std::memcpy(&value, take(sizeof(T), what), sizeof(T));
        return value;
    }

    std::string text(std::string_view what) {
        const auto length = read<std::uint64_t>(what);
        if (length > kLongestText) {
            throw Bad{fmt::format("byte {}: {} is {} bytes long, expected at most {}", at_ - 8, what, length,
                                  kLongestText)};
        }
        return {take(length, what), static_cast<std::size_t>(length)};
    }

    const char* take(std::uint64_t n, std::string_view what) {
        if (n > left()) {
            throw Bad{fmt::format("ends at byte {} while reading {} at byte {} ({} bytes needed)", size_,
                                  what, at_, n)};
        }
        if (at_ + n > bytes_.size()) throw Bad{"the header goes on", true};
        const char* p = bytes_.data() + at_;
        at_ += n;
        return p;
    }

private:
    std::string_view bytes_;
    std::uint64_t size_;
    std::uint64_t at_ = 0;
};

std::uint64_t bytes_of_type(std::uint32_t type) {
    constexpr std::uint64_t sizes[] = {1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8};  // a text and a list at least
    return type < std::size(sizes) ? sizes[type] : 0;
}

double number(Cursor& in, std::uint32_t type, std::string_view what) {
    switch (type) {
        case 0: return in.read<std::uint8_t>(what);
        case 1: return in.read<std::int8_t>(what);
        case 2: return in.read<std::uint16_t>(what);
        case 3: return in.read<std::int16_t>(what);
        case 4: return in.read<std::uint32_t>(what);
        case 5: return in.read<std::int32_t>(what);
        case 6: return static_cast<double>(in.read<float>(what));
        case 7: return in.read<std::uint8_t>(what) != 0 ? 1 : 0;
        case 10: return static_cast<double>(in.read<std::uint64_t>(what));
        case 11: return static_cast<double>(in.read<std::int64_t>(what));
        default: return in.read<double>(what);
    }
}

GgufValue value(Cursor& in, std::uint32_t type, const std::string& what, int depth);

GgufValue list(Cursor& in, const std::string& what, int depth) {
    if (depth >= kDeepestList) throw Bad{fmt::format("byte {}: {} nests too deep", in.at(), what)};
    const auto type = in.read<std::uint32_t>(what);
    GgufList out;
    out.length = in.read<std::uint64_t>(what);
    const std::uint64_t each = bytes_of_type(type);
    if (each == 0) throw Bad{fmt::format("byte {}: {} has elements of unknown type {}", in.at(), what, type)};
    if (out.length > in.left() / each) {
        throw Bad{fmt::format("byte {}: {} has {} elements, more than the {} bytes left can hold", in.at(),
                              what, out.length, in.left())};
    }
    if (type == 8 || type == 9) {
        for (std::uint64_t i = 0; i < out.length; ++i) value(in, type, what, depth + 1);
        return out;
    }
    if (out.length > kKeptNumbers) {
        in.take(out.length * each, what);
        return out;
    }
    for (std::uint64_t i = 0; i < out.length; ++i) out.numbers.push_back(number(in, type, what));
    return out;
}

GgufValue value(Cursor& in, std::uint32_t type, const std::string& what, int depth) {
    if (type == 8) return in.text(what);
    if (type == 9) return list(in, what, depth);
    if (bytes_of_type(type) == 0)
        throw Bad{fmt::format("byte {}: {} has unknown type {}", in.at(), what, type)};
    return number(in, type, what);
}

GgufTensor tensor(Cursor& in, std::uint64_t index) {
    const std::string what = fmt::format("tensor {}", index);
    GgufTensor t;
    const std::uint64_t start = in.at();
    t.name = in.text(what + "'s name");
    const auto dims = in.read<std::uint32_t>(what);
    if (dims > 4)
        throw Bad{
            fmt::format("byte {}: tensor '{}' has {} dimensions, expected at most 4", start, t.name, dims)};
    t.elements = 1;
    for (std::uint32_t i = 0; i < dims; ++i) {
        t.shape.push_back(in.read<std::uint64_t>(what));
        if (t.shape.back() == 0 || t.shape.back() > kLargestTensor / t.elements) {
            throw Bad{
                fmt::format("byte {}: tensor '{}' has a dimension of {}, expected 1 up to {} elements in all",
                            start, t.name, t.shape.back(), kLargestTensor)};
        }
        t.elements *= t.shape.back();
    }
    const auto type = in.read<std::uint32_t>(what);
    t.type = ggml_type(type);
    if (!t.type) throw Bad{fmt::format("byte {}: tensor '{}' has unknown type {}", start, t.name, type)};
    const std::uint64_t row = t.shape.empty() ? 1 : t.shape.front();
    if (row % t.type->elements != 0) {
        throw Bad{fmt::format("byte {}: tensor '{}' has rows of {}, expected a multiple of {}'s {}", start,
                              t.name, row, t.type->name, t.type->elements)};
    }
    t.bytes = t.elements / t.type->elements * t.type->bytes;
    t.offset = in.read<std::uint64_t>(what);
    return t;
}

std::uint64_t bounded(Cursor& in, std::string_view what, std::uint64_t least_bytes, std::uint64_t most) {
    const auto n = in.read<std::uint64_t>(what);
    if (n > most || n > in.left() / least_bytes) {
        throw Bad{fmt::format("byte {}: {} is {}, more than the {} bytes left can hold", in.at() - 8, what, n,
                              in.left())};
    }
    return n;
}

void check_start(Cursor& in) {
    if (in.left() < 4 || std::string_view(in.take(4, "the magic"), 4) != "GGUF")
        throw Bad{"is not GGUF: it does not begin with GGUF"};
    const auto version = in.read<std::uint32_t>("the version");
    if (version == 2 || version == 3) return;
    const bool big = version == 0x02000000 || version == 0x03000000;
    throw Bad{big ? std::string("is a big-endian GGUF, expected little-endian")
                  : fmt::format("is GGUF version {}, expected 2 or 3", version)};
}

bool reaches(const std::vector<GgufTensor>& tensors, std::uint64_t data_start, std::uint64_t file_size) {
    for (const auto& t : tensors) {
        if (data_start > file_size || t.offset > file_size - data_start ||
            t.bytes > file_size - data_start - t.offset) {
            return false;
        }
    }
    return true;
}

GgufFile parse(Cursor& in, std::uint64_t file_size) {
    check_start(in);
    GgufFile file;
    const auto tensors = bounded(in, "the tensor count", 24, kMostTensors);
    const auto keys = bounded(in, "the metadata count", 13, kMostKeys);
    for (std::uint64_t i = 0; i < keys; ++i) {
        const std::string key = in.text(fmt::format("metadata key {}", i));
        const std::string what = "metadata '" + key.substr(0, 80) + "'";
        const auto type = in.read<std::uint32_t>(what);
        file.metadata.insert_or_assign(key, value(in, type, what, 0));
    }
    for (std::uint64_t i = 0; i < tensors; ++i) file.tensors.push_back(tensor(in, i));
    std::uint64_t align = 32;
    if (const auto it = file.metadata.find("general.alignment"); it != file.metadata.end()) {
        const auto* n = std::get_if<double>(&it->second);
        if (!n || !(*n >= 1 && *n <= 1 << 20))
            throw Bad{"general.alignment is not a number from 1 to 1048576"};
        align = static_cast<std::uint64_t>(*n);
    }
    file.weights_are_there = reaches(file.tensors, (in.at() + align - 1) / align * align, file_size);
    return file;
}

}  // namespace

Result<GgufFile> read_gguf(std::string_view bytes, std::uint64_t file_size, const std::string& name,
                           bool& needs_more) {
    Cursor in(bytes, file_size);
    needs_more = false;
    try {
        return parse(in, file_size);
    } catch (const Bad& bad) {
        needs_more = bad.needs_more;
        return fail({name, "", bad.what, ""});
    }
}

}  // namespace moeplan
