// The kernels of this folder in one translation unit. Compiled by nvcc for the device, and by a host compiler through
// gpu/emulate/operators_on_host.cpp.

#include "gpu/cuda/operators.h"

#include "gpu/cuda/kernels/decode_attention.cuh"
#include "gpu/cuda/kernels/elementwise.cuh"
#include "gpu/cuda/kernels/memory.cuh"
#include "gpu/cuda/kernels/place.cuh"
#include "gpu/cuda/kernels/router.cuh"
#include "gpu/cuda/kernels/rows.cuh"
