# vmlan_layer(NAME [DEPENDS layer...] [LIBRARIES lib...])
# Builds NAME/*.cpp as library vmlan_NAME and NAME/*_test.cpp as test program NAME_test.
# Extra libraries of a layer are named in NAME/layer.cmake, if it exists.
function(vmlan_layer name)
  cmake_parse_arguments(LAYER "" "" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  set(kind STATIC)
  set(scope PUBLIC)
  if(NOT sources)
    set(kind INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(vmlan_${name} ${kind} ${sources})
  target_link_libraries(vmlan_${name} ${scope} vmlan_flags fmt::fmt)
  foreach(layer ${LAYER_DEPENDS})
    target_link_libraries(vmlan_${name} ${scope} vmlan_${layer})
  endforeach()
  if(EXISTS ${PROJECT_SOURCE_DIR}/${name}/layer.cmake)
    include(${PROJECT_SOURCE_DIR}/${name}/layer.cmake)
  endif()

  if(VMLAN_BUILD_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE vmlan_${name} GTest::gtest_main GTest::gmock)
    # Tests run in the root of the repository, where tests/golden lies.
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
                         DISCOVERY_TIMEOUT 60 PROPERTIES LABELS unit)
  endif()
endfunction()
