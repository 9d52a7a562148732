# Captures are read with libpcap.
find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBPCAP REQUIRED IMPORTED_TARGET libpcap)
target_link_libraries(${target} PUBLIC PkgConfig::LIBPCAP)
