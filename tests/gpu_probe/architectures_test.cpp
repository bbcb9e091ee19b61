// Which GPUs the kernels are compiled for, asked of compilers that are not there.

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/catch.h"

namespace {

namespace fs = std::filesystem;

// What moeplan_cuda_architectures() finds with a compiler that is this shell script.
std::string found_with(const std::string& compiler) {
    const fs::path folder = fs::path(MOEPLAN_BINARY_DIR) / ("architectures_test_" + std::to_string(getpid()));
    fs::create_directories(folder);
    const std::string nvcc = (folder / "nvcc").string(), script = (folder / "ask.cmake").string(), said = (folder / "said").string();
    std::ofstream(nvcc) << "#!/bin/sh\n" << compiler << "\n";
    REQUIRE(chmod(nvcc.c_str(), 0755) == 0);
    std::ofstream(script) << "cmake_minimum_required(VERSION 3.25)\ninclude([==[" MOEPLAN_SOURCE_DIR "/cmake/CudaArchitectures.cmake]==])\n"
                          << "moeplan_cuda_architectures([==[" << nvcc << "]==] found)\n"
                          << "file(WRITE [==[" << said << "]==] \"${found}\")\n";
    REQUIRE(std::system(("cmake -P '" + script + "'").c_str()) == 0);
    std::ifstream in(said);
    const std::string found{std::istreambuf_iterator<char>(in), {}};
    fs::remove_all(folder);
    return found;
}

}  // namespace

TEST_CASE("kernels are compiled for the GPUs that nvcc names, the newest with PTX") {
    const std::string names = R"([ "$1" = --list-gpu-arch ] && printf 'compute_%s\n' )";
    CHECK(found_with(names + "75 80 86 87 88 89 90 100 110 103 120 121") == "80-real;89-real;90-real;100-real;120");
    CHECK(found_with(names + "50 80 86 87 89 90") == "80-real;89-real;90");
    CHECK(found_with(names + "35 70 80") == "80");
}

TEST_CASE("a compiler that names none of them, or cannot be asked, gives none") {
    CHECK(found_with("echo compute_35; echo compute_70; echo compute_800") == "");
    CHECK(found_with("echo compute_90; exit 1") == "");
    CHECK(found_with("exit 0") == "");
}
