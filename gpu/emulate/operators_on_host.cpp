// The CUDA kernels as host code on emulated threads.
#include "gpu/cuda/operators.cu"
