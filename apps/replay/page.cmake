# The page of `vmlan replay --html`: what apps/replay/page needs comes from npm's registry, once, when this is
# configured; the bundle is made of it when the program is built, without the network. Where that cannot be had the
# program is built all the same, and --html says what is missing.
set(VMLAN_PAGE AUTO CACHE STRING "Build the page of reports: AUTO (if npm can fetch what it needs), ON, OFF")
set(VMLAN_PAGE_MODULES "${PROJECT_SOURCE_DIR}/build/page" CACHE PATH "Where what npm has fetched is kept")

# Fetches what package-lock.json names, unless it is there; why it cannot, in `reason`.
function(vmlan_page_modules source reason)
  set(${reason} "" PARENT_SCOPE)
  file(SHA256 ${source}/package-lock.json wanted)
  set(stamp ${VMLAN_PAGE_MODULES}/fetched)
  # Two build directories may be configured at once.
  file(MAKE_DIRECTORY ${VMLAN_PAGE_MODULES})
  file(LOCK ${VMLAN_PAGE_MODULES} DIRECTORY GUARD FUNCTION TIMEOUT 300 RESULT_VARIABLE locked)
  if(EXISTS ${stamp})
    file(READ ${stamp} fetched)
    if(fetched STREQUAL wanted)
      return()
    endif()
  endif()
  find_program(NPM npm)
  if(NOT NPM)
    set(${reason} "npm is not installed (scripts/setup page)" PARENT_SCOPE)
    return()
  endif()
  file(REMOVE ${stamp})
  configure_file(${source}/package.json ${VMLAN_PAGE_MODULES}/package.json COPYONLY)
  configure_file(${source}/package-lock.json ${VMLAN_PAGE_MODULES}/package-lock.json COPYONLY)
  execute_process(
    COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error
            --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-timeout=30000
    WORKING_DIRECTORY ${VMLAN_PAGE_MODULES} TIMEOUT 240
    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE errors)
  if(failed)
    string(REGEX MATCH "[^\n]*[^\n ][^\n]*" first "${errors}")
    set(${reason} "npm ci fails (${failed}): ${first}" PARENT_SCOPE)
    return()
  endif()
  file(WRITE ${stamp} ${wanted})
endfunction()

# `result`: the C++ source that the page becomes; empty if there is none.
function(vmlan_report_page result)
  set(${result} "" PARENT_SCOPE)
  if(VMLAN_PAGE STREQUAL "OFF")
    return()
  endif()
  set(source ${PROJECT_SOURCE_DIR}/apps/replay/page)
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source}/package-lock.json)
  find_program(NODE NAMES node nodejs)
  if(NODE)
    vmlan_page_modules(${source} reason)
  else()
    set(reason "node is not installed (scripts/setup page)")
  endif()
  set(esbuild ${VMLAN_PAGE_MODULES}/node_modules/esbuild/bin/esbuild)
  if(NOT reason)
    # A program of its own for each kind of processor: whether this one's is there.
    execute_process(COMMAND ${NODE} ${esbuild} --version RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
    if(failed)
      set(reason "esbuild does not run here")
    endif()
  endif()
  if(reason)
    if(VMLAN_PAGE STREQUAL "ON")
      message(FATAL_ERROR "no page for reports: ${reason}")
    endif()
    message(STATUS "vmlan is built without the page of replay --html: ${reason}")
    return()
  endif()
  file(GLOB parts CONFIGURE_DEPENDS ${source}/*.js ${source}/*.mjs ${source}/*.css ${source}/*.html)
  set(output ${PROJECT_BINARY_DIR}/report_page_template.cpp)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${NODE} ${source}/build.mjs ${VMLAN_PAGE_MODULES} ${output}
    DEPENDS ${parts} ${VMLAN_PAGE_MODULES}/fetched
    COMMENT "Bundling the page of replay --html" VERBATIM)
  set(${result} ${output} PARENT_SCOPE)
endfunction()
