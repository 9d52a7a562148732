# vmlan_layer(NAME [DEPENDS layer...])
# Builds NAME/*.cpp as a library and NAME/*_test.cpp as a test program. NAME is a floor ("wire") or a room of one
# ("qdio/queues"): the library is vmlan_wire or vmlan_qdio_queues. Extra libraries of a layer are named in
# NAME/layer.cmake, if it exists, which finds the library's name in `target`.
function(vmlan_layer name)
  cmake_parse_arguments(LAYER "" "" "DEPENDS" ${ARGN})
  string(REPLACE "/" "_" room ${name})
  string(REPLACE "/" "." dotted ${name})
  set(target vmlan_${room})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  set(kind STATIC)
  set(scope PUBLIC)
  if(NOT sources)
    set(kind INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(${target} ${kind} ${sources})
  target_link_libraries(${target} ${scope} vmlan_flags fmt::fmt)
  foreach(layer ${LAYER_DEPENDS})
    string(REPLACE "/" "_" layer ${layer})
    target_link_libraries(${target} ${scope} vmlan_${layer})
  endforeach()
  if(EXISTS ${PROJECT_SOURCE_DIR}/${name}/layer.cmake)
    include(${PROJECT_SOURCE_DIR}/${name}/layer.cmake)
  endif()

  if(VMLAN_BUILD_TESTS AND tests)
    add_executable(${room}_test ${tests})
    target_link_libraries(${room}_test PRIVATE ${target} GTest::gtest_main GTest::gmock)
    target_compile_definitions(${room}_test PRIVATE VMLAN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    # Tests run in the root of the repository, where tests/golden lies.
    gtest_discover_tests(${room}_test TEST_PREFIX ${dotted}. WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
                         DISCOVERY_TIMEOUT 60 PROPERTIES LABELS unit)
  endif()
endfunction()

# vmlan_floor(NAME ROOMS room...): the library vmlan_NAME, which is all its rooms.
function(vmlan_floor name)
  cmake_parse_arguments(FLOOR "" "" "ROOMS" ${ARGN})
  add_library(vmlan_${name} INTERFACE)
  foreach(room ${FLOOR_ROOMS})
    target_link_libraries(vmlan_${name} INTERFACE vmlan_${name}_${room})
  endforeach()
endfunction()
