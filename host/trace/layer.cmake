# Filters are libpcap's, compressed traces libarchive's, digests libcrypto's, if they are there. Our reader is tested
# against files that libpcap writes, what we write against libpcap's reader.
find_package(PkgConfig REQUIRED)
get_target_property(trace_sources ${target} SOURCES)

# LIBRARY's part of the room is NAME.cpp, and NAME_absent.cpp where it is not there: then vmlan is built without WHAT.
macro(vmlan_trace_part library module name package what)
  if(VMLAN_BUILD_TESTS)
    pkg_check_modules(${library} REQUIRED IMPORTED_TARGET ${module})
  else()
    pkg_check_modules(${library} QUIET IMPORTED_TARGET ${module})
  endif()
  if(${library}_FOUND)
    list(FILTER trace_sources EXCLUDE REGEX "/${name}_absent\\.cpp$")
    target_link_libraries(${target} PRIVATE PkgConfig::${library})
  else()
    message(STATUS "vmlan is built without ${what}: ${package} is not installed")
    list(FILTER trace_sources EXCLUDE REGEX "/${name}\\.cpp$")
  endif()
endmacro()

vmlan_trace_part(LIBPCAP libpcap packet_filter libpcap-dev "filters of captures")
vmlan_trace_part(LIBARCHIVE libarchive unpacking libarchive-dev "compressed traces")
vmlan_trace_part(LIBCRYPTO libcrypto digest libssl-dev "SHA-256 of traces")
if(LIBPCAP_FOUND)
  set(test_libraries PkgConfig::LIBPCAP)
endif()
set_target_properties(${target} PROPERTIES SOURCES "${trace_sources}")
