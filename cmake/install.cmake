# What `cmake --install` and `cpack -G DEB` put where. The tests of it: tests/hercules/install.py.
#
# With prefix /usr (Debian's Hercules has it too) the module lies where Hercules looks: a VNIC statement alone
# loads it. With another prefix the configuration of Hercules names it (LDMOD).
include(GNUInstallDirs)
# Below Hercules' own prefix, whatever the distribution's folder for libraries is: /usr/lib/hercules.
set(VMLAN_HERCULES_MODULES "lib/hercules" CACHE STRING "Where Hercules looks for modules, below the prefix")

install(TARGETS vmlan RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES docs/vmlan.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES docs/MANUAL.md docs/SCALE-OUT.md docs/LINUX-WORDS.md docs/GLOSSARY.md docs/DECISIONS.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
# A Linux for guests to try it with.
install(PROGRAMS scripts/fetch-s390-linux scripts/s390_image.py scripts/s390-init scripts/s390-udhcpc
        DESTINATION ${CMAKE_INSTALL_DATADIR}/vmlan)
# What Wireshark reads captured control dialogues with.
install(FILES host/trace/vmlan.lua DESTINATION ${CMAKE_INSTALL_DATADIR}/vmlan)
if(TARGET hdtvnic)
  install(TARGETS hdtvnic LIBRARY DESTINATION ${VMLAN_HERCULES_MODULES})
  install(FILES docs/vnic.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
  install(FILES docs/TUTORIAL-HERCULES.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()

set(CPACK_PACKAGE_NAME vmlan)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGE_CONTACT "the vmlan project")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION otherosfs)
# lwIP is loaded at run time, once for each user, so no tool finds that it is needed.
set(CPACK_DEBIAN_PACKAGE_DEPENDS liblwip0)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "hercules, python3")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)
