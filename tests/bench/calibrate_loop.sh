#!/bin/sh
# The whole loop on this processor: measure for a while, fit, then hold the fit against kernels and a step that were not
# measured. Prints the machine, its load, and the figures. Run it on a machine that does nothing else.
#
#   tests/bench/calibrate_loop.sh [BIN_DIR] [BUDGET] [WORKER OPTIONS…]
#
# BIN_DIR holds moeplan and moeplan-probe (build/release/bin); BUDGET is 3m unless given.
set -eu

bin=$(cd "${1:-build/release/bin}" && pwd)
budget=${2:-3m}
[ $# -gt 2 ] && shift 2 || set --
worker="$bin/moeplan-probe${*:+ $*}"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

load() { if [ -r /proc/loadavg ]; then cut -d ' ' -f 1-3 /proc/loadavg; else uptime; fi; }

"$bin/moeplan-probe" --describe | head -3
echo "worker: ${worker##*/}, budget $budget"
echo "load before: $(load)"
"$bin/moeplan" calibrate --worker "$worker" --budget "$budget" -o "$folder/processor.json"
echo "load after measuring: $(load)"
"$bin/moeplan" calibrate verify "$folder/processor.json" --worker "$worker" --probes 16
echo "load at the end: $(load)"
