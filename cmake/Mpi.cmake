# What speaks MPI is a module beside the program, loaded only under mpirun or srun: libmpi would cost every other start
# of the program its loading, and a build without Open MPI lacks nothing else.
set(MOEPLAN_MPI AUTO CACHE STRING "Sweeps under mpirun and srun: ON, OFF, or AUTO where Open MPI is found")
set_property(CACHE MOEPLAN_MPI PROPERTY STRINGS AUTO ON OFF)
if(MOEPLAN_MPI)
  set(MPI_CXX_SKIP_MPICXX ON)
  if(MOEPLAN_MPI STREQUAL "AUTO")
    find_package(MPI QUIET COMPONENTS CXX)
  else()
    find_package(MPI REQUIRED COMPONENTS CXX)
  endif()
endif()
if(TARGET MPI::MPI_CXX)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sim/sweep/mpi/*.cpp)
  add_library(moeplan_mpi MODULE ${sources})
  target_link_libraries(moeplan_mpi PRIVATE moeplan_options MPI::MPI_CXX)
  set_target_properties(moeplan_mpi PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY} POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET default)
endif()
