# One static library per layer. A layer sees the headers of the whole tree but links only what it names;
# tests/arch checks that its #include lines follow the same graph.
add_library(moeplan_options INTERFACE)
target_include_directories(moeplan_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(moeplan_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion $<$<BOOL:${MOEPLAN_WERROR}>:-Werror>)
# g++ 12 reports impossible overlaps in std::string operator+ (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(moeplan_options INTERFACE -Wno-restrict)
endif()
if(MOEPLAN_SANITIZE)
  # Undefined behaviour ends the program: a printed line would not fail a test.
  target_compile_options(moeplan_options INTERFACE
    -fsanitize=${MOEPLAN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  target_compile_definitions(moeplan_options INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(moeplan_options INTERFACE -fsanitize=${MOEPLAN_SANITIZE})
endif()
# libFuzzer sees which branches of the layers an input takes.
if(MOEPLAN_FUZZ)
  target_compile_options(moeplan_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# moeplan_layer(NAME FOLDER [LINK targets...] [PRIVATE targets...])
function(moeplan_layer name folder)
  cmake_parse_arguments(ARG "" "" "LINK;PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  if(sources)
    add_library(moeplan_${name} STATIC ${sources})
    target_link_libraries(moeplan_${name} PUBLIC moeplan_options ${ARG_LINK} PRIVATE ${ARG_PRIVATE})
  else()
    add_library(moeplan_${name} INTERFACE)
    target_link_libraries(moeplan_${name} INTERFACE moeplan_options ${ARG_LINK})
  endif()
  add_library(moeplan::${name} ALIAS moeplan_${name})
endfunction()
