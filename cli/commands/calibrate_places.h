#pragma once
// Where `moeplan calibrate run` puts what it measures, and what a journal says of how it was begun.

#include <string>
#include <vector>

#include "core/base/result.h"

namespace moeplan::cli {

// profile.json, or profile-2.json for the second of several.
std::string numbered(const std::string& file, std::size_t i, std::size_t of);

// "h100.json" -> "h100.journal.jsonl"; "h100.sxm" -> "h100.sxm.journal.jsonl", so that h100.pcie has another.
std::string journal_beside(const std::string& profile);

// What would keep a file from being written at the end: a folder of its name, no folder for it, no right to write there.
Problems not_writable(const std::string& option, const std::string& file);

// How the journal was begun, for what --resume is not told again.
struct Begun {
    std::string worker, study;   // empty: there is no journal, or it does not say
};
// Errors: read_journal()'s.
Result<Begun> begun_with(const std::string& journal);

}  // namespace moeplan::cli
