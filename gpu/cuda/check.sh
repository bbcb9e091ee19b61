#!/bin/sh
# On a machine with an NVIDIA GPU: builds the probe worker, compares its kernels with plain host code, and calibrates for
# two minutes. Run from anywhere, as often as you like; the build folder may be given:
#   gpu/cuda/check.sh [BUILD_FOLDER] [DEVICE] [BUDGET]
# Exit code: that of the first step that fails.
set -eu

source=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$source/build/cuda-check}
device=${2:-0}
budget=${3:-2m}
probe=$build/bin/moeplan-probe-cuda
journal=$build/profile.journal.jsonl

# For the shell that starts the worker.
quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"; }

echo "== build"
if ! cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release -DMOEPLAN_GUI=OFF -DMOEPLAN_BENCH=OFF -DMOEPLAN_TESTS=OFF; then
    echo "check.sh: the build could not be configured: the first error above says why; packages.txt lists what is needed, and" \
        "a folder configured by another compiler or toolkit ($build) has to be removed first" >&2
    exit 4
fi
if ! cmake --build "$build" --parallel "$(nproc)" --target moeplan moeplan-probe-cuda; then
    echo "check.sh: the build failed; without nvcc there is no moeplan-probe-cuda (see 'CUDA programs' above)" >&2
    exit 4
fi

echo "== what this GPU can measure"
"$probe" --device "$device" --describe

echo "== self-test"
"$probe" --device "$device" --self-test

# Measured anew: what an earlier build measured is no check of this one. Its journal is kept beside.
echo "== calibration, $budget"
if [ -e "$journal" ]; then mv -f "$journal" "$journal.previous"; fi
"$build/bin/moeplan" calibrate --worker "$(quoted "$probe") --device $device" --budget "$budget" -o "$build/profile.json"
echo "profile: $build/profile.json"
