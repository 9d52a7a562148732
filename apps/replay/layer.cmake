# Reports for programs are JSON.
find_package(nlohmann_json 3.11 REQUIRED)
target_link_libraries(${target} PUBLIC nlohmann_json::nlohmann_json)
target_compile_definitions(${target} PRIVATE VMLAN_VERSION="${PROJECT_VERSION}")

# The page of --html, where it can be bundled.
include(${CMAKE_CURRENT_LIST_DIR}/page.cmake)
vmlan_report_page(page)
get_target_property(replay_sources ${target} SOURCES)
if(page)
  list(FILTER replay_sources EXCLUDE REGEX "/report_page_absent\\.cpp$")
  list(APPEND replay_sources ${page})
  set_source_files_properties(${page} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endif()
set_target_properties(${target} PROPERTIES SOURCES "${replay_sources}")
