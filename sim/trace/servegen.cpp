#include "sim/trace/servegen.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "sim/trace/trace_parts.h"

namespace moeplan {
namespace {

using trace::wrong;

constexpr std::size_t kMostClients = 100'000;
constexpr std::size_t kMostLengths = 100'000'000;
constexpr std::size_t kMostProblems = 20;

struct Pair {
    std::string windows, lengths;   // their paths; empty = missing
};

// N of "chunk-N" + `suffix`.
std::optional<std::int64_t> number_of(std::string_view name, std::string_view suffix) {
    constexpr std::string_view kPrefix = "chunk-";
    if (name.substr(0, kPrefix.size()) != kPrefix || name.size() <= kPrefix.size() + suffix.size()) return std::nullopt;
    if (name.substr(name.size() - suffix.size()) != suffix) return std::nullopt;
    const std::string_view digits = name.substr(kPrefix.size(), name.size() - kPrefix.size() - suffix.size());
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size() || number < 0) return std::nullopt;
    return number;
}

Result<std::map<std::int64_t, Pair>> pairs_in(const std::string& folder) {
    std::error_code error;
    std::map<std::int64_t, Pair> pairs;
    std::filesystem::directory_iterator entries(folder, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        const std::string name = entries->path().filename().string();
        if (const auto n = number_of(name, "-trace.csv")) pairs[*n].windows = entries->path().string();
        if (const auto n = number_of(name, "-dataset.json")) pairs[*n].lengths = entries->path().string();
    }
    if (error) return fail(wrong(folder, "cannot be read; a folder of ServeGen's chunk-N files is expected"));
    if (pairs.empty())
        return fail(wrong(folder, "holds no chunk-N-trace.csv; a folder of ServeGen's files is expected"));
    if (pairs.size() > kMostClients) return fail(wrong(folder, fmt::format("more than {} clients", kMostClients)));
    return pairs;
}

template <class T, class Parse>
T read_file(const std::string& path, Parse parse, Problems& problems) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        problems.push_back(wrong(path, "cannot be opened"));
        return {};
    }
    auto read = parse(stream, path);
    if (read) return std::move(*read);
    append(problems, read.error());
    return {};
}

ServeGenClient read_client(std::int64_t number, const Pair& pair, const std::string& folder, Problems& problems) {
    ServeGenClient client;
    client.number = number;
    if (pair.windows.empty() || pair.lengths.empty()) {
        const bool no_windows = pair.windows.empty();
        problems.push_back(wrong(
            folder, fmt::format("chunk-{0}-{1} without chunk-{0}-{2}", number,
                                no_windows ? "dataset.json" : "trace.csv", no_windows ? "trace.csv" : "dataset.json")));
        return client;
    }
    const std::size_t before = problems.size();
    client.windows = read_file<std::vector<ServeGenWindow>>(pair.windows, parse_servegen_windows, problems);
    client.lengths = read_file<std::vector<ServeGenLengths>>(pair.lengths, parse_servegen_lengths, problems);
    bool sends = false;
    for (const ServeGenWindow& window : client.windows) sends = sends || window.rate > 0;
    if (sends && client.lengths.empty() && problems.size() == before) {
        problems.push_back(wrong(pair.lengths, "no window with lengths, though the client sends requests"));
    }
    return client;
}

}  // namespace

Result<std::vector<ServeGenClient>> read_servegen(const std::string& folder) {
    const auto pairs = pairs_in(folder);
    if (!pairs) return fail(pairs.error());
    std::vector<ServeGenClient> clients;
    Problems problems;
    std::size_t held = 0;
    for (const auto& [number, pair] : *pairs) {
        clients.push_back(read_client(number, pair, folder, problems));
        for (const ServeGenLengths& lengths : clients.back().lengths)
            held += lengths.input.size() + lengths.output.size();
        if (held > kMostLengths) problems.push_back(wrong(folder, "more than 100 million lengths in all"));
        if (held > kMostLengths || problems.size() >= kMostProblems) break;
    }
    if (!problems.empty()) return fail(std::move(problems));
    return clients;
}

}  // namespace moeplan
