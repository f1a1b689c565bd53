# How every target of this repository is compiled: language, warnings, sanitizers.

find_program(WSCAST_CCACHE ccache)
if(WSCAST_CCACHE AND PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${WSCAST_CCACHE})
endif()

add_library(wscast_build INTERFACE)
target_compile_features(wscast_build INTERFACE cxx_std_20)
target_compile_options(wscast_build INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor)
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
