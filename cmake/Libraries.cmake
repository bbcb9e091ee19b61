# Third-party packages, from the distribution. Each is linked by its one owner layer only.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(tl-expected REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(TBB REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)   # its CMake files are not in every distribution
find_package(Boost 1.74 REQUIRED)   # headers: Boost.Math

# yaml-cpp 0.7 (Debian 12) exports yaml-cpp, 0.8 exports yaml-cpp::yaml-cpp.
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()
find_package(NLopt REQUIRED)   # bounded minimisation, for core/fit
