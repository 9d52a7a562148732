# Our reader is tested against files that libpcap writes.
find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBPCAP REQUIRED IMPORTED_TARGET libpcap)
set(test_libraries PkgConfig::LIBPCAP)
