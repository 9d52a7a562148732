target_compile_definitions(${target} PUBLIC VMLAN_VERSION="${PROJECT_VERSION}")
