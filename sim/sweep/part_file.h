#pragma once
// One file of rows that one process appends to and everyone may read. What a crash cut off is not there for readers,
// and the next writer removes it.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace moeplan {

enum class PartKind : std::uint8_t { results, failures };

struct PartForm {
    PartKind kind = PartKind::results;
    std::vector<std::string> columns;   // "point" first; results: then "rows"
    std::uint64_t points = 0;           // of the grid; a row of any other point is not taken
};

// All rows of one point, as they stand in the file.
struct PartPoint {
    std::uint64_t point = 0;
    std::uint64_t offset = 0;    // bytes into the file
    std::string_view text;       // whole lines, valid during the call
};

// Every point whose rows are all there, in the order of the file; lines that are cut off or damaged are passed over.
// Gives the offset behind the last point that is whole (behind the header when there is none).
// Errors: cannot be read, another header.
Result<std::uint64_t> read_part(const std::string& path, const PartForm& form,
                                const std::function<void(const PartPoint&)>& take);

class PartFile {
public:
    // Opens or makes the file, takes its lock, removes what is cut off at its end. A file system without locks is
    // trusted. Errors: cannot be opened or written; another process is writing it; it has another header.
    static Result<PartFile> open(const std::string& path, const PartForm& form);
    ~PartFile();
    PartFile(PartFile&& other) noexcept;
    PartFile& operator=(PartFile&&) = delete;

    // Whole lines, in one piece. Survives this process from now on, and the machine within a second or after sync().
    // Errors: cannot be written (a full disk): the file ends where it ended before, or is repaired at the next opening.
    Problems append(std::string_view lines);
    Problems sync();
    const std::string& path() const { return path_; }

private:
    PartFile(std::string path, int file) : path_(std::move(path)), file_(file) {}
    Problems begin(const PartForm& form);

    std::string path_;
    int file_ = -1;
    std::uint64_t end_ = 0;
    std::int64_t synced_ms_ = 0;
    bool dirty_ = false;
};

}  // namespace moeplan
