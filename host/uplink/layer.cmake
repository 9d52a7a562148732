# What is there decides what is built: without a library its device's factory says which one is missing.
get_target_property(uplink_sources ${target} SOURCES)

# VDE: libvdeplug 4. Debian's package has no .pc. It loads its modules with RTLD_DEEPBIND, at which sanitizers end the
# process: there it counts as missing.
find_path(VMLAN_VDEPLUG_INCLUDE_DIR libvdeplug.h)
find_library(VMLAN_VDEPLUG_LIBRARY vdeplug)
if(VMLAN_VDEPLUG_INCLUDE_DIR AND VMLAN_VDEPLUG_LIBRARY AND NOT VMLAN_SANITIZE)
  list(FILTER uplink_sources EXCLUDE REGEX "/vde_absent\\.cpp$")
  target_include_directories(${target} SYSTEM PRIVATE ${VMLAN_VDEPLUG_INCLUDE_DIR})
  target_link_libraries(${target} PRIVATE ${VMLAN_VDEPLUG_LIBRARY})
else()
  message(STATUS "vmlan is built without VDE: libvdeplug-dev is not installed, or a sanitizer is built in")
  list(FILTER uplink_sources EXCLUDE REGEX "/vde_connection\\.cpp$")
endif()

# NAT: libslirp 4.7. Debian's .pc asks for GLib's, which is not needed to build: it is a hint.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(VMLAN_SLIRP_HINT QUIET slirp)
endif()
find_path(VMLAN_SLIRP_INCLUDE_DIR libslirp.h HINTS ${VMLAN_SLIRP_HINT_INCLUDE_DIRS} PATH_SUFFIXES slirp)
find_library(VMLAN_SLIRP_LIBRARY slirp HINTS ${VMLAN_SLIRP_HINT_LIBRARY_DIRS})
if(VMLAN_SLIRP_INCLUDE_DIR AND VMLAN_SLIRP_LIBRARY)
  list(FILTER uplink_sources EXCLUDE REGEX "/nat_absent\\.cpp$")
  target_include_directories(${target} SYSTEM PRIVATE ${VMLAN_SLIRP_INCLUDE_DIR})
  target_link_libraries(${target} PRIVATE ${VMLAN_SLIRP_LIBRARY})
else()
  message(STATUS "vmlan is built without NAT: libslirp-dev is not installed")
  list(FILTER uplink_sources EXCLUDE REGEX "/nat_slirp[a-z_]*\\.cpp$")
endif()

set_target_properties(${target} PROPERTIES SOURCES "${uplink_sources}")
