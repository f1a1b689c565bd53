# How every target of this repository is compiled: language, warnings, sanitizers.

find_program(WSCAST_CCACHE ccache)
if(WSCAST_CCACHE AND PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${WSCAST_CCACHE})
  if(WSCAST_SANITIZE)  # What ccache wants before it takes sources with precompiled headers.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros ${WSCAST_CCACHE})
  endif()
endif()

# WSCAST_UNITY: several sources are compiled as one, in half the time or less; for a build from
# nothing. Those whose unnamed namespaces share a name are kept out by wscast_compile_alone().
option(WSCAST_UNITY "Compile several sources as one: for a build from nothing" OFF)

add_library(wscast_build INTERFACE)
target_compile_features(wscast_build INTERFACE cxx_std_20)
target_compile_options(wscast_build INTERFACE -Wall -Wextra -Wpedantic -Wnon-virtual-dtor)
if(NOT WSCAST_UNITY)  # There a local name would shadow one of another source.
  target_compile_options(wscast_build INTERFACE -Wshadow)
endif()
if(WSCAST_WARNINGS_AS_ERRORS)
  target_compile_options(wscast_build INTERFACE -Werror)
endif()

set(wscast_sanitize_flags "")
if(WSCAST_SANITIZE STREQUAL "address")
  # The vptr check opens a pipe to look at memory: wrong where a test leaves no descriptor free.
  set(wscast_sanitize_flags -fsanitize=address,undefined -fno-sanitize=vptr
                            -fno-sanitize-recover=all
                            -fno-omit-frame-pointer)
elseif(WSCAST_SANITIZE STREQUAL "thread")
  set(wscast_sanitize_flags -fsanitize=thread -fno-omit-frame-pointer)
elseif(WSCAST_SANITIZE MATCHES "^(fuzzer|coverage)$")
  # fuzzer-no-link everywhere; each fuzz target links the engine itself.
  set(wscast_sanitize_flags -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
                            -fno-omit-frame-pointer)
  if(WSCAST_SANITIZE STREQUAL "coverage")
    list(APPEND wscast_sanitize_flags -fprofile-instr-generate -fcoverage-mapping)
  endif()
elseif(WSCAST_SANITIZE)
  message(FATAL_ERROR
          "WSCAST_SANITIZE must be address, thread, fuzzer or coverage, not ${WSCAST_SANITIZE}")
endif()
if(WSCAST_SANITIZE)
  target_compile_definitions(wscast_build INTERFACE WSCAST_SANITIZED)
endif()
target_compile_options(wscast_build INTERFACE ${wscast_sanitize_flags})
target_link_options(wscast_build INTERFACE ${wscast_sanitize_flags})

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports overlapping copies inside std::string's operator+, wrongly (GCC bug 105651).
  target_compile_options(wscast_build INTERFACE -Wno-restrict)
  # g++ reports these two inside Asio, wrongly, only when a sanitizer is on.
  if(WSCAST_SANITIZE STREQUAL "address")
    target_compile_options(wscast_build INTERFACE -Wno-mismatched-new-delete)
  elseif(WSCAST_SANITIZE STREQUAL "thread")
    target_compile_options(wscast_build INTERFACE -Wno-tsan)
  endif()
elseif(WSCAST_SANITIZE)
  target_compile_options(wscast_build INTERFACE -fno-sanitize=function)
endif()

# lld links sanitized programs in less time.
find_program(WSCAST_LLD ld.lld)
if(WSCAST_SANITIZE AND WSCAST_LLD)
  target_link_options(wscast_build INTERFACE -fuse-ld=lld)
endif()

# wscast_compile_several(<target>): follows WSCAST_UNITY.
function(wscast_compile_several target)
  if(WSCAST_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # It takes the sources for headers.
      target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
    endif()
  endif()
endfunction()

# wscast_compile_alone(<target> <file>...)
function(wscast_compile_alone target)
  set_source_files_properties(${ARGN} TARGET_DIRECTORY ${target}
                              PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# wscast_precompile(<target> <header>...): has the headers that most sources include, and these,
# parsed once for <target>. Only for sanitizers: in every other build a source stands on its own
# includes, so that a missing one is seen.
function(wscast_precompile target)
  if(NOT WSCAST_SANITIZE)
    return()
  endif()
  target_precompile_headers(${target} PRIVATE
    <algorithm> <array> <atomic> <chrono> <functional> <map> <memory> <mutex> <optional> <random>
    <span> <stdexcept> <string> <string_view> <system_error> <thread> <utility> <vector>
    <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp> <boost/asio/post.hpp>
    <boost/asio/steady_timer.hpp> ${ARGN})
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")  # ccache goes by what is in it.
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()
