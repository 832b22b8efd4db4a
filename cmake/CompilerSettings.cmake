# Warnings and sanitizers for our own targets alone: link hostwatch_settings PRIVATE.
add_library(hostwatch_settings INTERFACE)
target_compile_options(hostwatch_settings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror>)
# What a mutex guards is marked (util/mutex.h), and clang checks it: in the fuzzers' build and by clang-tidy.
target_compile_options(hostwatch_settings INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wthread-safety>)
# GCC 12 sees overlaps in std::string's operator+ that are not there (GCC bug 105651).
target_compile_options(hostwatch_settings INTERFACE
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<COMPILE_LANGUAGE:CXX>>:-Wno-restrict>)
# GCC 13 and 14 take a reference into an argument for one into a temporary beside it; GCC 12 passes the option over.
target_compile_options(hostwatch_settings INTERFACE
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<COMPILE_LANGUAGE:CXX>>:-Wno-dangling-reference>)
# Several files compiled as one: what they hide of each other, or keep in types, hides nothing of themselves.
if(CMAKE_UNITY_BUILD)
  target_compile_options(hostwatch_settings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-shadow>
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<COMPILE_LANGUAGE:CXX>>:-Wno-subobject-linkage>)
endif()
target_include_directories(hostwatch_settings INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(hostwatch_settings INTERFACE HOSTWATCH_VERSION="${PROJECT_VERSION}")
if(HOSTWATCH_SANITIZE)
  target_compile_options(hostwatch_settings INTERFACE -fsanitize=${HOSTWATCH_SANITIZE} -fno-omit-frame-pointer)
  target_compile_options(hostwatch_settings INTERFACE -fno-sanitize-recover=all)
  target_link_options(hostwatch_settings INTERFACE -fsanitize=${HOSTWATCH_SANITIZE})
endif()
if(HOSTWATCH_FUZZ)
  target_compile_options(hostwatch_settings INTERFACE
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(hostwatch_settings INTERFACE -fsanitize=address,undefined)
endif()
find_package(Threads REQUIRED)
