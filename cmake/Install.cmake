# cmake --install puts the program, its manual page and its completion scripts where a shell finds them.
include(GNUInstallDirs)
install(TARGETS moeplan RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(TARGET moeplan_mpi)   # where the program looks when it is not beside it
  install(TARGETS moeplan_mpi LIBRARY DESTINATION lib/moeplan)
endif()
install(FILES ${CMAKE_SOURCE_DIR}/docs/moeplan.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/scenarios/ DESTINATION ${CMAKE_INSTALL_DATADIR}/moeplan/scenarios
  PATTERN catalog EXCLUDE)
foreach(shell IN ITEMS bash zsh fish)
  set(script ${CMAKE_CURRENT_BINARY_DIR}/completion.${shell})
  add_custom_command(OUTPUT ${script} COMMAND moeplan completion ${shell} -o ${script} DEPENDS moeplan VERBATIM)
  list(APPEND completion_scripts ${script})
endforeach()
add_custom_target(completion_scripts ALL DEPENDS ${completion_scripts})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/completion.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME moeplan)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/completion.zsh
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions RENAME _moeplan)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/completion.fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d RENAME moeplan.fish)
