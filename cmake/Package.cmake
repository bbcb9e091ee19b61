# cpack --preset release makes Debian packages: moeplan (command line, probes, studies), moeplan-gui (the desktop program, GPL-3.0)
# and, where Open MPI was found, moeplan-mpi, so that nobody else has to install it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME moeplan)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_VENDOR "The moeplan authors")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL moeplan)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${MOEPLAN_PACKAGE_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)

set(CPACK_DEBIAN_MOEPLAN_PACKAGE_NAME moeplan)
set(CPACK_DEBIAN_MOEPLAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_MOEPLAN_PACKAGE_SUGGESTS "moeplan-gui, moeplan-mpi")
set(CPACK_COMPONENT_MOEPLAN_DESCRIPTION "what serving a language model costs, mixture of experts against dense
Tells a team, before it rents a GPU, what it costs in time, memory and money
to serve a mixture-of-experts or a dense language model, which of the two is
the better buy, and how sure that answer is.
.
This package holds the command line, the worker that measures kernels, and
studies to start from.")

if(TARGET moeplan-gui)
  list(APPEND CPACK_COMPONENTS_ALL gui)
  set(CPACK_DEBIAN_GUI_PACKAGE_NAME moeplan-gui)
  set(CPACK_DEBIAN_GUI_PACKAGE_SECTION science)
  set(CPACK_DEBIAN_GUI_PACKAGE_DEPENDS "moeplan (= ${PROJECT_VERSION}), fonts-dejavu-core")
  set(CPACK_COMPONENT_GUI_DESCRIPTION "what serving a language model costs (desktop program)
Candidates side by side in a window: memory, latency, throughput and cost
while a slider moves, with the batch, the utilisation and the price at which
the better buy changes.
.
This package holds the window and the program that draws the pictures of
reports. Both are under GPL-3.0, because they link QCustomPlot.")
endif()

if(TARGET moeplan_mpi)
  list(APPEND CPACK_COMPONENTS_ALL mpi)
  set(CPACK_DEBIAN_MPI_PACKAGE_NAME moeplan-mpi)
  set(CPACK_DEBIAN_MPI_PACKAGE_SECTION science)
  set(CPACK_DEBIAN_MPI_PACKAGE_DEPENDS "moeplan (= ${PROJECT_VERSION})")
  set(CPACK_COMPONENT_MPI_DESCRIPTION "what serving a language model costs (sweeps under mpirun)
Lets moeplan sweep run its points on many machines when it is started by
mpirun or srun.")
endif()
include(CPack)
