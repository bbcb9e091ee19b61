# cmake --install puts the programs, what they read, their documents and the desktop's files where each is looked for.
# Components are the packages of Package.cmake: moeplan, gui, mpi. The programs find ../share/moeplan from where they lie.
include(GNUInstallDirs)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME moeplan)
set(MOEPLAN_PACKAGE_MAINTAINER "The moeplan authors <moeplan@moeplan.invalid>" CACHE STRING "Who is named in the packages")
string(TIMESTAMP MOEPLAN_DATE "%Y-%m-%d" UTC)   # SOURCE_DATE_EPOCH where it is set
string(TIMESTAMP MOEPLAN_DATE_RFC "%a, %d %b %Y %H:%M:%S +0000" UTC)
set(package_source ${CMAKE_SOURCE_DIR}/cmake/package)
set(package_binary ${CMAKE_BINARY_DIR}/package)
find_program(GZIP_PROGRAM gzip)

# moeplan_install_packed(FILE DESTINATION NAME COMPONENT): compressed where gzip is, as manual pages and change logs of a
# distribution are.
function(moeplan_install_packed file destination name component)
  if(GZIP_PROGRAM)
    set(packed ${package_binary}/${component}/${name}.gz)
    file(MAKE_DIRECTORY ${package_binary}/${component})
    execute_process(COMMAND ${GZIP_PROGRAM} -9nc ${file} OUTPUT_FILE ${packed} COMMAND_ERROR_IS_FATAL ANY)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    install(FILES ${packed} DESTINATION ${destination} COMPONENT ${component})
  else()
    install(FILES ${file} DESTINATION ${destination} RENAME ${name} COMPONENT ${component})
  endif()
endfunction()

# moeplan_install_about(COMPONENT PACKAGE COPYRIGHT): what every package says about itself.
configure_file(${package_source}/changelog.in ${package_binary}/changelog @ONLY)
function(moeplan_install_about component package copyright)
  set(folder ${CMAKE_INSTALL_DATADIR}/doc/${package})
  install(FILES ${package_source}/${copyright} DESTINATION ${folder} RENAME copyright COMPONENT ${component})
  moeplan_install_packed(${package_binary}/changelog ${folder} changelog ${component})
endfunction()

# ---- the command line, the probes, what they read ----
install(TARGETS moeplan moeplan-probe RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
foreach(program IN ITEMS moeplan-probe-cuda moeplan-gpu-info)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endforeach()
foreach(folder IN ITEMS studies claims routing traces)   # the catalog is inside the programs
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/scenarios/${folder} DESTINATION ${CMAKE_INSTALL_DATADIR}/moeplan/scenarios)
endforeach()
file(GLOB documents CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/*.md)
install(FILES ${documents} DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/moeplan/docs)
install(FILES ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/NOTICE ${CMAKE_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/moeplan)
moeplan_install_about(moeplan moeplan copyright)
moeplan_install_packed(${CMAKE_SOURCE_DIR}/docs/moeplan.1 ${CMAKE_INSTALL_MANDIR}/man1 moeplan.1 moeplan)
moeplan_install_packed(${CMAKE_SOURCE_DIR}/docs/moeplan-probe.1 ${CMAKE_INSTALL_MANDIR}/man1 moeplan-probe.1 moeplan)

foreach(shell IN ITEMS bash zsh fish)
  set(script ${package_binary}/completion.${shell})
  add_custom_command(OUTPUT ${script} COMMAND moeplan completion ${shell} -o ${script} DEPENDS moeplan VERBATIM)
  list(APPEND completion_scripts ${script})
endforeach()
add_custom_target(completion_scripts ALL DEPENDS ${completion_scripts})
install(FILES ${package_binary}/completion.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME moeplan)
# zsh looks in site-functions below /usr/local, in vendor-completions below /usr.
foreach(folder IN ITEMS site-functions vendor-completions)
  install(FILES ${package_binary}/completion.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/${folder} RENAME _moeplan)
endforeach()
install(FILES ${package_binary}/completion.fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d RENAME moeplan.fish)

# ---- sweeps under mpirun: where the program looks when the module is not beside it ----
if(TARGET moeplan_mpi)
  install(TARGETS moeplan_mpi LIBRARY DESTINATION lib/moeplan COMPONENT mpi)
  moeplan_install_about(mpi moeplan-mpi copyright)
endif()

# ---- the desktop program: GPL-3.0 as a whole, because it links QCustomPlot ----
if(TARGET moeplan-gui)
  set(desktop ${CMAKE_SOURCE_DIR}/gui/desktop)
  install(TARGETS moeplan-gui moeplan-plot RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT gui)
  install(FILES ${desktop}/moeplan-gui.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications COMPONENT gui)
  install(FILES ${desktop}/moeplan-study.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/mime/packages COMPONENT gui)
  configure_file(${desktop}/moeplan-gui.metainfo.xml.in ${package_binary}/moeplan-gui.metainfo.xml @ONLY)
  install(FILES ${package_binary}/moeplan-gui.metainfo.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo COMPONENT gui)
  set(icons ${CMAKE_INSTALL_DATADIR}/icons/hicolor)
  install(FILES ${desktop}/icons/moeplan-gui.svg DESTINATION ${icons}/scalable/apps COMPONENT gui)
  foreach(size IN ITEMS 48 64 128 256)
    install(FILES ${desktop}/icons/moeplan-gui-${size}.png DESTINATION ${icons}/${size}x${size}/apps
      RENAME moeplan-gui.png COMPONENT gui)
  endforeach()
  moeplan_install_about(gui moeplan-gui copyright-gui)
  install(FILES ${CMAKE_SOURCE_DIR}/gui/LICENSE.GPL-3.0 DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/moeplan-gui COMPONENT gui)
  foreach(page IN ITEMS moeplan-gui.1 moeplan-plot.1)
    moeplan_install_packed(${CMAKE_SOURCE_DIR}/docs/${page} ${CMAKE_INSTALL_MANDIR}/man1 ${page} gui)
  endforeach()
endif()
