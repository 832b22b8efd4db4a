# hostwatch_embed_assets(TARGET FOLDER): compiles the files that FOLDER/assets.txt lists (a name and a path a line) into
# TARGET, as hostwatch::http::embedded_files().
function(hostwatch_embed_assets target folder)
  set(list ${folder}/assets.txt)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list})
  file(STRINGS ${list} lines REGEX "^[^#]")
  set(assembly "  .section .rodata\n")
  set(declarations "")
  set(entries "")
  set(files "")
  set(index 0)
  foreach(line IN LISTS lines)
    string(REGEX MATCH "^([^ \t]+)[ \t]+([^ \t]+)$" matched "${line}")
    if(NOT matched)
      message(FATAL_ERROR "${list}: '${line}' is not 'name path'")
    endif()
    set(name ${CMAKE_MATCH_1})
    set(file ${folder}/${CMAKE_MATCH_2})
    if(NOT EXISTS ${file})
      message(FATAL_ERROR "${file} is missing: run 'npm ci' in ${folder} (scripts/run does)")
    endif()
    set(symbol hostwatch_asset_${index})
    string(APPEND assembly
      "  .global ${symbol}_begin\n${symbol}_begin:\n  .incbin \"${file}\"\n"
      "  .global ${symbol}_end\n${symbol}_end:\n  .byte 0\n")
    string(APPEND declarations "extern \"C\" const char ${symbol}_begin[], ${symbol}_end[];\n")
    string(APPEND entries
      "      {\"${name}\", {${symbol}_begin, static_cast<std::size_t>(${symbol}_end - ${symbol}_begin)}},\n")
    list(APPEND files ${file})
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND assembly "  .section .note.GNU-stack,\"\",%progbits\n")

  set(directory ${CMAKE_CURRENT_BINARY_DIR}/assets)
  file(GENERATE OUTPUT ${directory}/assets_data.S CONTENT "${assembly}")
  file(GENERATE OUTPUT ${directory}/assets_list.cpp CONTENT
"// Made by cmake/EmbedAssets.cmake.
#include \"server/http/assets.h\"

${declarations}
namespace hostwatch::http {

std::vector<EmbeddedFile> embedded_files() {
  return {
${entries}  };
}

}  // namespace hostwatch::http
")
  set_source_files_properties(${directory}/assets_data.S PROPERTIES OBJECT_DEPENDS "${files}")
  target_sources(${target} PRIVATE ${directory}/assets_data.S ${directory}/assets_list.cpp)
endfunction()
