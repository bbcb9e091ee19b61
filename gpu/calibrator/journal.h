#pragma once
// Everything a calibration run was told by its worker, on disk before anything is made of it: a header line, then one
// JSON line for every probe answered or failed, in the order they happened, flushed and synced one by one. A run killed
// at any moment loses at most the line it was writing; reading cuts that line off and says so. Blank lines are passed over.
//
//   {"moeplan_journal":1,"worker":"moeplan-probe","plan":"9f0c…","seed":1,"hello":{…as the worker greeted…}}
//   {"probe":{…as asked…},"answer":{…as answered…},"seconds":0.41}
//   {"probe":{…},"failure":"hung","message":"no answer within 22 s; …","seconds":22}

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "gpu/calibrator/probe_worker.h"
#include "gpu/protocol/protocol.h"

namespace moeplan {

constexpr int kJournalVersion = 1;

struct JournalHeader {
    WorkerHello hello;
    std::string worker;  // the command line
    std::string plan;  // hash of what was to be measured: plan_hash()
    std::uint64_t seed = 1;
    std::string study = {};  // the file the plan was made around; empty: none
    bool operator==(const JournalHeader&) const = default;
};

struct JournalEntry {
    ProbeRequest request;
    AnswerKind kind = AnswerKind::ok;
    ProbeReply reply;  // when ok
    std::string message;  // otherwise: what went wrong
    double seconds = 0;  // it took, the worker's start not counted
    bool operator==(const JournalEntry&) const = default;
};

struct JournalContent {
    JournalHeader header;
    std::vector<JournalEntry> entries;
    std::vector<std::string> notes;  // "the last line was cut short and is left out"; "2 damaged lines are left out …"
};

// One line without the newline.
std::string write_journal_header(const JournalHeader& header);
std::string write_journal_entry(const JournalEntry& entry);

// A line that is no entry is left out and noted: its kernel is asked again. Errors: not there, a folder, empty, no header,
// another version.
Result<JournalContent> read_journal(const std::string& file);
// The same of a text; `kept` (may be null) gets the bytes up to and including the last whole line.
Result<JournalContent> parse_journal(std::string_view text, const std::string& file, std::size_t* kept);

// A journal being written: open and locked, so that two runs never share one. A killed run leaves no lock behind.
class Journal {
public:
    // Errors: it holds something already (`--resume` goes on with it), is written by another run, cannot be written.
    static Result<Journal> create(const std::string& file, const JournalHeader& header);
    // Opens one to go on with; a line cut short at its end is removed from the file. Errors: read_journal()'s, is
    // written by another run, cannot be written.
    static Result<Journal> resume(const std::string& file, JournalContent& content);
    // Whether there is a journal with at least its header to go on with.
    static bool exists(const std::string& file);

    Journal(Journal&& other) noexcept;
    Journal& operator=(Journal&& other) noexcept;
    ~Journal();

    // On disk when it returns. Errors: the system's reason; the file then ends with the last whole line.
    Result<void> append(const JournalEntry& entry);
    const std::string& file() const { return file_; }

private:
    Journal(std::string file, int fd) : file_(std::move(file)), fd_(fd) {}
    static Result<Journal> open(const std::string& file, int flags);
    Result<void> add_line(std::string line);
    Problem trouble(const std::string& what) const;

    std::string file_;
    int fd_ = -1;
};

}  // namespace moeplan
