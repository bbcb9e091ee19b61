#!/bin/sh
# Runs a test of the window where windows are mapped, moved and given the focus by somebody else: under Xvfb with openbox.
#
#   xvfb-run -a tests/gui/under_window_manager.sh PROGRAM
set -eu

openbox --sm-disable >/dev/null 2>&1 &
manager=$!
trap 'kill "$manager" 2>/dev/null || true' EXIT
# It has taken over once the root window names it.
for _ in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 "$manager"
    if command -v xprop >/dev/null && xprop -root _NET_SUPPORTING_WM_CHECK 2>/dev/null | grep -q 'window id'; then break; fi
    sleep 0.1
done
QT_QPA_PLATFORM=xcb "$@"
