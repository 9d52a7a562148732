find_package(Threads REQUIRED)
target_link_libraries(vmlan_${name} PUBLIC Threads::Threads ${CMAKE_DL_LIBS})
