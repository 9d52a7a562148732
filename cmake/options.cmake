# Language level, warnings and sanitizers for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# assert() stays on in every build: an assertion here means the fault is ours, and going on
# would write into a guest's storage on false premises.
foreach(flags CMAKE_CXX_FLAGS_RELEASE CMAKE_CXX_FLAGS_RELWITHDEBINFO)
  string(REPLACE "-DNDEBUG" "" ${flags} "${${flags}}")
endforeach()

# The build type of the sanitizers: half the time of RelWithDebInfo, and line numbers in what they report.
set(CMAKE_CXX_FLAGS_CHECKED "-O1 -gline-tables-only")

set(VMLAN_SANITIZE "" CACHE STRING "Comma-separated sanitizers, for example address,undefined")
option(VMLAN_COVERAGE "Count the lines that run (clang only)" OFF)
set(VMLAN_WERROR ON CACHE BOOL "Warnings are errors")

add_library(vmlan_flags INTERFACE)
target_compile_options(vmlan_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast)
# g++ 12 warns of impossible overlaps and overflows in std::string and std::vector at -O3 (GCC bugs 105329
# and 105651, mended in 13); clang++ and the sanitizers watch the same.
target_compile_options(vmlan_flags INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-stringop-overflow>)
if(VMLAN_WERROR)
  target_compile_options(vmlan_flags INTERFACE -Werror)
endif()
if(VMLAN_SANITIZE)
  target_compile_options(vmlan_flags INTERFACE
    -fsanitize=${VMLAN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(vmlan_flags INTERFACE -fsanitize=${VMLAN_SANITIZE})
endif()
if(VMLAN_COVERAGE)
  target_compile_options(vmlan_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(vmlan_flags INTERFACE -fprofile-instr-generate)
endif()
# Sanitizers make programs large: GNU ld needs a seventh of their build's time, lld a tenth of that.
find_program(LLD ld.lld-14)
if(LLD AND CMAKE_CXX_COMPILER_ID MATCHES Clang)
  target_link_options(vmlan_flags INTERFACE --ld-path=${LLD})
endif()
target_include_directories(vmlan_flags INTERFACE ${PROJECT_SOURCE_DIR})
find_package(fmt REQUIRED)

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # What it has to be told for sources behind a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
