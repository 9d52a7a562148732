set(test_libraries vmlan_kit)
