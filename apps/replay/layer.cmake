# Reports for programs are JSON.
find_package(nlohmann_json 3.11 REQUIRED)
target_link_libraries(${target} PUBLIC nlohmann_json::nlohmann_json)
target_compile_definitions(${target} PRIVATE VMLAN_VERSION="${PROJECT_VERSION}")
