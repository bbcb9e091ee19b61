#pragma once
// Single lines of nccl-tests' output. Internal to core/calibrate.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moeplan {

std::vector<std::string_view> words_of(std::string_view line);

// mpirun --tag-output puts "[1,0]<stdout>:" before every line.
std::string_view without_rank_prefix(std::string_view line);
bool begins_with_number(std::string_view line);

std::optional<double> real(std::string_view word, double least, double most);
std::optional<double> whole(std::string_view word, double least, double most);

// "22808" -> "2.28.8"
std::string library_version(std::string_view code);

struct NcclRank {
    std::string rank, group, host, device;   // device as its driver names it
};
// "#  Rank  0 Group  0 Pid 12 on host device  0 [0x0f] NVIDIA A100-SXM4-40GB"
std::optional<NcclRank> rank_of(std::string_view line);

// Where a row has which word. time is followed by algbw and busbw.
struct Placement {
    std::size_t time = 0;
    std::optional<std::size_t> wrong;
    bool in_place = false;
};
struct NcclColumns {
    struct Fit {
        std::optional<std::size_t> redop;
        std::vector<Placement> placements;
    };
    std::size_t count = 0;   // of words in a row
    bool cpu_time = false;
    std::optional<std::size_t> redop, root;
    std::vector<Placement> placements;

    // For a row of so many words; operations without a reduction left redop and root empty once.
    std::optional<Fit> fit(std::size_t words) const;
};
// "#  size  count  type  redop  root  time  algbw  busbw #wrong  time  algbw  busbw #wrong"
std::optional<NcclColumns> columns_of(std::string_view line);

}  // namespace moeplan
