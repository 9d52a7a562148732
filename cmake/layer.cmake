# vmlan_layer(NAME [HOT_PATH] [TESTS_APART] [DEPENDS layer...])
# Builds NAME/*.cpp as a library and NAME/*_test.cpp as a test program. NAME is a floor ("wire") or a room of one
# ("qdio/queues"): the library is vmlan_wire or vmlan_qdio_queues. Extra libraries of a layer are named in
# NAME/layer.cmake, if it exists, which finds the library's name in `target` and may name in `test_libraries`
# what only its tests need.
#
# clang++ gets a precompiled header of what nearly every source includes: a third of its time; g++ gains nothing by
# it. The presets release, asan and fuzz compile several sources of a room as one (CMAKE_UNITY_BUILD), half of the time: names
# in unnamed namespaces are the room's, not the file's. A source that leans on a header it does not include fails
# in the presets dev and tsan. Rooms a datagram passes (HOT_PATH) are compiled file by file: in a large source g++ 12
# gives up inlining, 10 % more instructions for each datagram. TESTS_APART: the room's tests too are compiled one by
# one; they include headers of the system and of libraries that do not bear each other.
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  file(WRITE ${PROJECT_BINARY_DIR}/common_headers.cpp "")
  add_library(vmlan_common_headers STATIC ${PROJECT_BINARY_DIR}/common_headers.cpp)
  target_link_libraries(vmlan_common_headers PRIVATE vmlan_flags fmt::fmt)
  target_precompile_headers(vmlan_common_headers PRIVATE
    <fmt/format.h> <algorithm> <array> <chrono> <cstdint> <cstring> <functional> <map> <memory> <optional> <span> <string>
    <string_view> <utility> <variant> <vector>)
endif()

function(vmlan_layer name)
  cmake_parse_arguments(LAYER "HOT_PATH;TESTS_APART" "" "DEPENDS" ${ARGN})
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
  if(sources AND CMAKE_CXX_COMPILER_ID MATCHES Clang)
    target_precompile_headers(${target} REUSE_FROM vmlan_common_headers)
  endif()
  if(LAYER_HOT_PATH)
    set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  endif()
  foreach(layer ${LAYER_DEPENDS})
    string(REPLACE "/" "_" layer ${layer})
    target_link_libraries(${target} ${scope} vmlan_${layer})
  endforeach()
  set(test_libraries)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${name}/layer.cmake)
    include(${PROJECT_SOURCE_DIR}/${name}/layer.cmake)
  endif()

  if(VMLAN_BUILD_TESTS AND tests)
    vmlan_test_program(${room}_test PREFIX ${dotted} LABEL unit SOURCES ${tests} LIBRARIES ${target} ${test_libraries})
    if(LAYER_TESTS_APART)
      set_target_properties(${room}_test PROPERTIES UNITY_BUILD OFF)
    endif()
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
