// Runs the files of the given folders through one fuzz target without libFuzzer: as they are, and cut short at
// 32 places each, so that every reader also meets the ends that files have after a broken download.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

// In a block of its own, so that AddressSanitizer sees a read beyond the end.
void run(const std::string& text, std::size_t size) {
    const auto bytes = std::make_unique<std::uint8_t[]>(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(text[i]);
    LLVMFuzzerTestOneInput(bytes.get(), size);
}

void run_file(const std::filesystem::path& path) {
    // Said first: the last line names the file that ended the program.
    std::fprintf(stderr, "%s\n", path.c_str());
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    constexpr std::size_t kCuts = 32;
    for (std::size_t i = 0; i < kCuts; ++i) run(text, text.size() * i / kCuts);
    run(text, text.size());
}

}  // namespace

int main(int argc, char** argv) {
    int files = 0;
    for (int i = 1; i < argc; ++i) {
        const int before = files;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
            if (!entry.is_regular_file()) continue;
            run_file(entry.path());
            ++files;
        }
        if (files == before) {
            std::fprintf(stderr, "no file in %s\n", argv[i]);
            return 1;
        }
    }
    std::fprintf(stderr, "%d files\n", files);
    return files > 0 ? 0 : 1;
}
