find_package(Threads REQUIRED)
target_link_libraries(${target} PUBLIC Threads::Threads ${CMAKE_DL_LIBS})
