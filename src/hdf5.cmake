# HDF5, asked for by the name that Debian gives each kind, so that a parallel one that is installed
# beside it does not get into a serial build; elsewhere whatever CMake finds. Sets
# HDF5_C_INCLUDE_DIRS, HDF5_C_LIBRARIES, HDF5_VERSION, and what the option asks for.
if(RIATA_PARALLEL_HDF5)
  set(RIATA_OTHER_HDF5 serial) # of src/cluster/{serial,parallel}_hdf5.c, the one that is left out
  set(RIATA_HDF5_KIND " (parallel HDF5)")
  set(kind RIATA_MPI_HDF5)
  pkg_search_module(${kind} QUIET hdf5-openmpi hdf5-mpich hdf5-mpi)
else()
  set(RIATA_OTHER_HDF5 parallel)
  set(kind RIATA_SERIAL_HDF5)
  pkg_search_module(${kind} QUIET hdf5-serial)
endif()

if(${kind}_FOUND)
  set(HDF5_C_INCLUDE_DIRS ${${kind}_INCLUDE_DIRS})
  set(HDF5_C_LIBRARIES ${${kind}_LINK_LIBRARIES})
  set(HDF5_VERSION ${${kind}_VERSION})
else()
  set(HDF5_PREFER_PARALLEL ${RIATA_PARALLEL_HDF5})
  find_package(HDF5 REQUIRED COMPONENTS C)
  if(RIATA_PARALLEL_HDF5 AND NOT HDF5_IS_PARALLEL)
    message(FATAL_ERROR "RIATA_PARALLEL_HDF5: no parallel HDF5 was found (on Debian and Ubuntu: "
      "apt-get install libhdf5-openmpi-dev; elsewhere name its folder in HDF5_ROOT)")
  endif()
endif()

if(RIATA_PARALLEL_HDF5) # whose header includes <mpi.h>
  list(APPEND HDF5_C_INCLUDE_DIRS ${MPI_C_INCLUDE_DIRS})
  list(APPEND HDF5_C_LIBRARIES ${MPI_C_LIBRARIES})
  set(RIATA_MPI_IO_INCLUDE_DIRS ${HDF5_C_INCLUDE_DIRS})
  set(RIATA_MPI_IO_LIBRARIES ${HDF5_C_LIBRARIES})
endif()
message(STATUS "HDF5: ${HDF5_VERSION}${RIATA_HDF5_KIND}: ${HDF5_C_LIBRARIES}")
