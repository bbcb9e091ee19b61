#pragma once
// Files that are whole or not there.

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace moeplan {

// Replaces `path` by a file holding `text`: written beside it under a temporary name, flushed to the disk,
// then renamed. A crash or a full disk leaves the old file (or none) and no half of the new one. A symbolic
// link is followed; an existing file keeps its permissions. Something that is not a regular file
// (/dev/stdout, a pipe) is written straight through. Empty when all went well; otherwise one problem naming
// the path and the reason.
Problems write_file_atomically(const std::string& path, std::string_view text);

}  // namespace moeplan
