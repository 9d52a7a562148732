# vmlan_test_program(TARGET PREFIX p LABEL l SOURCES file... LIBRARIES lib...)
# A GoogleTest program whose tests ctest knows as PREFIX.Suite.Name. They run in the root of the repository, where
# tests/golden lies. Under a sanitizer ctest knows the whole program, as TARGET: there a test takes a tenth of the
# time that its process takes to begin; each of them in a process of its own is what the release build shows.
#
# Tests are more than half of what a build compiles, and need not be quick: they are optimized less than what they
# test, and clang++ gets a precompiled header (a third of its time; g++ gains nothing by it).
set(vmlan_test_optimization $<$<CONFIG:Release,Checked>:-O0>)

function(vmlan_test_program target)
  cmake_parse_arguments(TEST "" "PREFIX;LABEL" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${target} ${TEST_SOURCES})
  target_link_libraries(${target} PRIVATE ${TEST_LIBRARIES} GTest::gtest_main GTest::gmock)
  target_compile_definitions(${target} PRIVATE VMLAN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_compile_options(${target} PRIVATE ${vmlan_test_optimization})
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    target_precompile_headers(${target} REUSE_FROM vmlan_test_headers)
  endif()
  if(VMLAN_SANITIZE)
    add_test(NAME ${target} COMMAND ${target} --gtest_brief=1 WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${target} PROPERTIES LABELS ${TEST_LABEL} COST 20 TIMEOUT 600)
  else()
    gtest_discover_tests(${target} TEST_PREFIX ${TEST_PREFIX}. WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
                         # As bytes, values of structures are addresses: other names in each build.
                         NO_PRETTY_VALUES
                         DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${TEST_LABEL})
  endif()
endfunction()

if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  file(WRITE ${PROJECT_BINARY_DIR}/test_headers.cpp "")
  add_library(vmlan_test_headers STATIC ${PROJECT_BINARY_DIR}/test_headers.cpp)
  # Compiled as a program's sources are, whose header it is.
  set_target_properties(vmlan_test_headers PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(vmlan_test_headers PRIVATE -fPIE ${vmlan_test_optimization})
  target_link_libraries(vmlan_test_headers PRIVATE vmlan_flags fmt::fmt GTest::gtest)
  target_precompile_headers(vmlan_test_headers PRIVATE ${PROJECT_SOURCE_DIR}/tests/precompiled.h)
endif()
