#!/bin/sh
# On a machine with an NVIDIA GPU: builds the probe worker, compares its kernels with plain host code, and calibrates for
# two minutes. Run from anywhere; the build folder may be given:  gpu/cuda/check.sh [BUILD_FOLDER] [DEVICE]
# Exit code: that of the first step that fails.
set -eu

source=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$source/build/cuda-check}
device=${2:-0}
probe=$build/bin/moeplan-probe-cuda

echo "== build"
cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release -DMOEPLAN_GUI=OFF -DMOEPLAN_BENCH=OFF -DMOEPLAN_TESTS=OFF
if ! cmake --build "$build" --parallel --target moeplan moeplan-probe-cuda; then
    echo "check.sh: the build failed; without nvcc there is no moeplan-probe-cuda (see 'CUDA programs' above)" >&2
    exit 4
fi

echo "== what this GPU can measure"
"$probe" --device "$device" --describe

echo "== self-test"
"$probe" --device "$device" --self-test

echo "== calibration, two minutes"
"$build/bin/moeplan" calibrate --worker "$probe --device $device" --budget 2m -o "$build/profile.json"
echo "profile: $build/profile.json"
