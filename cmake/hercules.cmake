# hdtvnic.so, loaded by Hercules with LDMOD: the C files of hercules/ against the headers of a Hercules, the
# C++ layers linked in. Everything of Hercules' own is left undefined: the loading program has it.
#
# Headers: Debian's Hercules 3.13 by default (scripts/fetch-hercules-headers, fetched once); SDL
# Hyperion 4.x with -DHYPERION_SOURCE=tree -DHYPERION_BUILD=configured build tree.
set(VMLAN_HERCULES AUTO CACHE STRING "Build the Hercules module: AUTO (if headers can be had), ON, OFF")
set(HYPERION_SOURCE "" CACHE PATH "Source tree of SDL Hyperion, to build the module for it")
set(HYPERION_BUILD "" CACHE PATH "Its configured build tree")
set(VMLAN_HERCULES_HEADERS "${PROJECT_SOURCE_DIR}/build/hercules-headers" CACHE PATH "Where fetched headers are kept")

function(vmlan_fetch_hercules_headers result)
  execute_process(
    COMMAND ${PROJECT_SOURCE_DIR}/scripts/fetch-hercules-headers ${VMLAN_HERCULES_HEADERS}
    RESULT_VARIABLE failed ERROR_VARIABLE reason OUTPUT_QUIET ERROR_STRIP_TRAILING_WHITESPACE)
  if(NOT failed)
    set(${result} ${VMLAN_HERCULES_HEADERS}/hercules PARENT_SCOPE)
    return()
  endif()
  set(${result} "" PARENT_SCOPE)
  if(VMLAN_HERCULES STREQUAL "ON")
    message(FATAL_ERROR "no headers of Hercules: ${reason}")
  endif()
  message(STATUS "Hercules module is not built: ${reason}")
endfunction()

# Hyperion's Makefile hands its version to the compiler, and its loader compares it; the script that the Makefile
# asks tells us too.
function(vmlan_hyperion_version result)
  set(definitions)
  foreach(part MAJ INT MIN BLD)
    execute_process(COMMAND ${HYPERION_SOURCE}/_dynamic_version ${HYPERION_SOURCE} VERS_${part}
                    OUTPUT_VARIABLE number ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT number MATCHES "^[0-9]+$")
      message(FATAL_ERROR "HYPERION_SOURCE: ${HYPERION_SOURCE}/_dynamic_version does not say VERS_${part}")
    endif()
    list(APPEND definitions VERS_${part}=${number})
  endforeach()
  set(${result} ${definitions} PARENT_SCOPE)
endfunction()

function(vmlan_hercules_module headers definitions)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/hercules/vnic_*.c)
  if(HYPERION_SOURCE)
    list(FILTER sources EXCLUDE REGEX "vnic_instruction\\.c$")
  endif()
  add_library(vmlan_hercules_c OBJECT ${sources})
  # -fno-strict-aliasing and -fomit-frame-pointer as Hercules itself is built.
  target_compile_options(vmlan_hercules_c PRIVATE -std=gnu11 -Wall -Wextra -fno-strict-aliasing
                         -fomit-frame-pointer $<$<BOOL:${VMLAN_WERROR}>:-Werror>)
  target_compile_definitions(vmlan_hercules_c PRIVATE HAVE_CONFIG_H _GNU_SOURCE
                             VMLAN_VERSION="${PROJECT_VERSION}" ${definitions})
  target_include_directories(vmlan_hercules_c SYSTEM PRIVATE ${headers})
  target_include_directories(vmlan_hercules_c PRIVATE ${PROJECT_SOURCE_DIR})
  set_target_properties(vmlan_hercules_c PROPERTIES POSITION_INDEPENDENT_CODE ON)

  add_library(hdtvnic MODULE $<TARGET_OBJECTS:vmlan_hercules_c>)
  set_target_properties(hdtvnic PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(hdtvnic PRIVATE vmlan_hercules)
  # Only the module's own entry points are visible: Hercules shall bind to nothing of the C++ layers.
  target_link_options(hdtvnic PRIVATE -Wl,--exclude-libs,ALL)
  set_target_properties(hdtvnic PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/hercules)
  if(VMLAN_BUILD_TESTS AND NOT HYPERION_SOURCE)
    vmlan_hercules_module_test("${headers}")
  endif()
endfunction()

# The module's C files with as much of Hercules 3.13 around them as they call.
function(vmlan_hercules_module_test headers)
  add_library(vmlan_hercules_emulator OBJECT ${PROJECT_SOURCE_DIR}/tests/module/emulator.c)
  foreach(property COMPILE_OPTIONS COMPILE_DEFINITIONS INCLUDE_DIRECTORIES)
    set_target_properties(vmlan_hercules_emulator PROPERTIES
                          ${property} "$<TARGET_PROPERTY:vmlan_hercules_c,${property}>")
  endforeach()
  target_include_directories(vmlan_hercules_emulator SYSTEM PRIVATE ${headers})
  vmlan_test_program(vnic_module_test PREFIX hercules.module LABEL unit
    SOURCES ${PROJECT_SOURCE_DIR}/tests/module/vnic_module_test.cpp
            $<TARGET_OBJECTS:vmlan_hercules_c> $<TARGET_OBJECTS:vmlan_hercules_emulator>
    LIBRARIES vmlan_hercules)
endfunction()

function(vmlan_hercules)
  if(VMLAN_HERCULES STREQUAL "OFF" OR VMLAN_SANITIZE)
    return()
  endif()
  set(definitions)
  if(HYPERION_SOURCE)
    if(NOT EXISTS ${HYPERION_SOURCE}/hercules.h OR NOT EXISTS ${HYPERION_BUILD}/config.h)
      message(FATAL_ERROR "HYPERION_SOURCE has to be the source tree of Hyperion (with hercules.h), "
                          "HYPERION_BUILD the tree in which it was configured (with config.h)")
    endif()
    set(headers ${HYPERION_BUILD} ${HYPERION_SOURCE})
    foreach(package crypto decNumber SoftFloat telnet)
      list(APPEND headers ${HYPERION_SOURCE}/${package}/include)
    endforeach()
    vmlan_hyperion_version(definitions)
  else()
    vmlan_fetch_hercules_headers(headers)
  endif()
  if(headers)
    vmlan_hercules_module("${headers}" "${definitions}")
  endif()
endfunction()

if(NOT VMLAN_HERCULES STREQUAL "OFF")
  enable_language(C)
endif()
vmlan_hercules()
