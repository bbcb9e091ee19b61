# The GPUs our kernels are compiled for. Which of them nvcc knows is asked of nvcc, as every toolkit knows others and CMake
# ends the whole configuration when it is asked for one it does not know.
# moeplan_cuda_architectures(NVCC OUT): of the wanted ones those NVCC can compile for, in the words of
# CMAKE_CUDA_ARCHITECTURES, the newest with PTX, which later GPUs compile when they load it. Empty when there are none, and
# when NVCC cannot be asked.
set(MOEPLAN_CUDA_WANTED 80 89 90 100 120)

function(moeplan_cuda_architectures nvcc out)
  set(${out} "" PARENT_SCOPE)
  execute_process(COMMAND ${nvcc} --list-gpu-arch OUTPUT_VARIABLE listed ERROR_QUIET RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    return()
  endif()
  string(REGEX MATCHALL "compute_[0-9]+" known "${listed}")
  set(found "")
  foreach(number IN LISTS MOEPLAN_CUDA_WANTED)
    if("compute_${number}" IN_LIST known)
      list(APPEND found ${number})
    endif()
  endforeach()
  list(JOIN found "-real;" joined)
  set(${out} "${joined}" PARENT_SCOPE)
endfunction()
