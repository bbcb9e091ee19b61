# The built-in catalog as data in the library: every file below a folder becomes a raw string literal in a generated
# .cpp. Run as a script (cmake -P) by the build whenever a file changes; included, it defines moeplan_embed_catalog.

if(CMAKE_SCRIPT_MODE_FILE)
  # Compilers limit one literal (MSVC 16 KiB, the standard asks for 65536): longer files are split, and adjacent
  # literals join again.
  set(piece 12000)
  file(READ ${LIST} files)
  set(out "// Written by cmake/EmbedCatalog.cmake.\n#include \"core/catalog/embedded.h\"\n\nnamespace moeplan {\n\n")
  string(APPEND out "const std::vector<EmbeddedFile>& embedded_files() {\n    static const std::vector<EmbeddedFile> files = {\n")
  foreach(name IN LISTS files)
    if(name STREQUAL "")
      continue()
    endif()
    file(READ ${FOLDER}/${name} text)
    if(text MATCHES "\\)catalog\"")
      message(FATAL_ERROR "${name} contains )catalog\", which ends the literal it is embedded in")
    endif()
    string(LENGTH "${text}" length)
    set(literal "R\"catalog()catalog\"")
    set(at 0)
    while(at LESS length)
      string(SUBSTRING "${text}" ${at} ${piece} part)
      string(APPEND literal "\n            R\"catalog(${part})catalog\"")
      math(EXPR at "${at} + ${piece}")
    endwhile()
    string(APPEND out "        {\"${name}\",\n            ${literal}},\n")
  endforeach()
  string(APPEND out "    };\n    return files;\n}\n\n}  // namespace moeplan\n")
  file(WRITE ${OUTPUT} "${out}")
  return()
endif()

# moeplan_embed_catalog(TARGET FOLDER): FOLDER's *.yaml, models/*.json and profiles/*.json as embedded_files() in TARGET.
function(moeplan_embed_catalog target folder)
  file(GLOB files RELATIVE ${folder} CONFIGURE_DEPENDS
    ${folder}/*.yaml ${folder}/models/*.json ${folder}/models/*.yaml ${folder}/profiles/*.json)
  list(SORT files)
  set(paths ${files})
  list(TRANSFORM paths PREPEND ${folder}/)
  set(list_file ${CMAKE_CURRENT_BINARY_DIR}/${target}_files.txt)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded.cpp)
  file(GENERATE OUTPUT ${list_file} CONTENT "${files}")
  add_custom_command(OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -DLIST=${list_file} -DFOLDER=${folder} -DOUTPUT=${generated}
            -P ${CMAKE_SOURCE_DIR}/cmake/EmbedCatalog.cmake
    DEPENDS ${paths} ${list_file} ${CMAKE_SOURCE_DIR}/cmake/EmbedCatalog.cmake
    COMMENT "Embedding the catalog" VERBATIM)
  target_sources(${target} PRIVATE ${generated})
endfunction()
