# Compiles every header of the layers alone: a header that leans on what its includers included before it fails here
# and not in somebody's next file. Not the headers that their own .cpp includes first: the presets dev and fuzz compile
# that one alone. In the preset asan the standard library's headers are there already, precompiled; in fuzz they are not.
set(stubs)
foreach(layer arch wire qdio guestlan cp cms link hercules host apps tests/kit)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/${layer}/*.h)
  list(FILTER headers EXCLUDE REGEX "hercules/vnic_(card|host)\\.h$")  # C, in front of the emulator's own headers
  foreach(header ${headers})
    string(REGEX REPLACE "\\.h$" ".cpp" own ${header})
    if(EXISTS ${PROJECT_SOURCE_DIR}/${own})
      file(STRINGS ${PROJECT_SOURCE_DIR}/${own} first REGEX "^#include" LIMIT_COUNT 1)
      if(first STREQUAL "#include \"${header}\"")
        continue()
      endif()
    endif()
    string(REPLACE "/" "_" stub ${header})
    set(stub ${PROJECT_BINARY_DIR}/headers/${stub}.cpp)
    file(CONFIGURE OUTPUT ${stub} CONTENT "#include \"@header@\"\n#include \"@header@\"\n" @ONLY)
    list(APPEND stubs ${stub})
  endforeach()
endforeach()
add_library(vmlan_headers OBJECT ${stubs})
target_link_libraries(vmlan_headers PRIVATE vmlan_test_base)
target_compile_options(vmlan_headers PRIVATE -O0)  # only that they compile
set_target_properties(vmlan_headers PROPERTIES UNITY_BUILD OFF POSITION_INDEPENDENT_CODE OFF)
target_compile_options(vmlan_headers PRIVATE -fPIE)
if(TARGET vmlan_test_headers)
  target_precompile_headers(vmlan_headers REUSE_FROM vmlan_test_headers)
endif()
