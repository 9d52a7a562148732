# lwIP's headers describe the library whose copies are loaded at run time (cms/stack/lwip_library.h); nothing is
# linked against it, because a copy bound at link time would catch the calls of every private one.
find_path(VMLAN_LWIP_INCLUDE_DIR lwip/init.h PATH_SUFFIXES lwip)
if(NOT VMLAN_LWIP_INCLUDE_DIR)
  message(FATAL_ERROR "lwIP's headers are missing: install the package liblwip-dev")
endif()
target_include_directories(${target} SYSTEM PUBLIC ${VMLAN_LWIP_INCLUDE_DIR})
target_link_libraries(${target} PUBLIC ${CMAKE_DL_LIBS})

# What every copy of lwIP must find in the program instead of in itself (cms/stack/lwip_platform.cpp).
foreach(symbol sys_now rand tcpip_try_callback sys_arch_protect sys_arch_unprotect
               ip4_route mem_malloc mem_calloc mem_free)
  target_link_options(${target} INTERFACE LINKER:--export-dynamic-symbol=${symbol})
endforeach()
