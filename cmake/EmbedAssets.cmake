# hostwatch_embed_page(TARGET FOLDER): bundles the page in FOLDER (its build.mjs, with Node) and compiles the files that come of it
# into TARGET, as hostwatch::api::embedded_files(). Done again when a source of the page, or what npm brought, changes.
#
# Run as a script with -DFILES=FOLDER -DINTO=FOLDER it writes the assembly and the list of the files: their names are known
# only once they are made.

function(hostwatch_embed_page target folder)
  find_program(HOSTWATCH_NODE NAMES node nodejs REQUIRED)
  if(NOT EXISTS ${folder}/node_modules/esbuild)
    message(FATAL_ERROR "${folder}/node_modules is missing: run 'npm ci' in ${folder} (scripts/run does)")
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.js ${folder}/*.mjs ${folder}/*.html ${folder}/*.svg ${folder}/*/*.js ${folder}/*/*.css)
  list(FILTER sources EXCLUDE REGEX /node_modules/)
  set(directory ${CMAKE_CURRENT_BINARY_DIR}/assets)
  add_custom_command(
    OUTPUT ${directory}/assets_data.S ${directory}/assets_list.cpp
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${directory}/files
    COMMAND ${HOSTWATCH_NODE} ${folder}/build.mjs ${directory}/files
    COMMAND ${CMAKE_COMMAND} -DFILES=${directory}/files -DINTO=${directory} -P ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
    DEPENDS ${sources} ${folder}/package-lock.json ${folder}/node_modules/.package-lock.json ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
    COMMENT "Bundling the page"
    VERBATIM)
  target_sources(${target} PRIVATE ${directory}/assets_data.S ${directory}/assets_list.cpp)
endfunction()

function(hostwatch_write_assets files into)
  set(assembly "  .section .rodata\n")
  set(declarations "")
  set(entries "")
  set(index 0)
  file(GLOB names RELATIVE ${files} ${files}/*)
  list(FILTER names EXCLUDE REGEX "\\.gz$")
  list(SORT names)
  foreach(name IN LISTS names)
    set(parts "")
    foreach(file IN ITEMS ${name} ${name}.gz)
      set(symbol hostwatch_asset_${index})
      string(APPEND assembly
        "  .global ${symbol}_begin\n${symbol}_begin:\n  .incbin \"${files}/${file}\"\n"
        "  .global ${symbol}_end\n${symbol}_end:\n  .byte 0\n")
      string(APPEND declarations "extern \"C\" const char ${symbol}_begin[], ${symbol}_end[];\n")
      string(APPEND parts ",\n       {${symbol}_begin, static_cast<std::size_t>(${symbol}_end - ${symbol}_begin)}")
      math(EXPR index "${index} + 1")
    endforeach()
    string(APPEND entries "      {\"${name}\"${parts}},\n")
  endforeach()
  string(APPEND assembly "  .section .note.GNU-stack,\"\",%progbits\n")
  file(WRITE ${into}/assets_data.S "${assembly}")
  file(WRITE ${into}/assets_list.cpp
"// Made by cmake/EmbedAssets.cmake.
#include \"server/api/page/assets.h\"

${declarations}
namespace hostwatch::api {

std::vector<EmbeddedFile> embedded_files() {
  return {
${entries}  };
}

}  // namespace hostwatch::api
")
endfunction()

if(CMAKE_SCRIPT_MODE_FILE)
  hostwatch_write_assets(${FILES} ${INTO})
endif()
