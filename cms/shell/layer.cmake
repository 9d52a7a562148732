# CMS's banner shows it.
set_source_files_properties(${PROJECT_SOURCE_DIR}/cms/shell/cms.cpp PROPERTIES
  COMPILE_DEFINITIONS "VMLAN_VERSION=\"${PROJECT_VERSION}\"")
