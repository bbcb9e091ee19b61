#!/usr/bin/env bash
# Sets moeplan up and runs it.
#
#   ./run.sh             installs what is missing, builds, answers the example study
#   ./run.sh test        installs what is missing, builds, runs every test
#   ./run.sh build       installs what is missing, builds
#   ./run.sh gui [FILE]  installs what is missing, builds, opens the desktop program
#
# Asks nothing of the network when the packages of packages.txt are there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
if [[ ! -t 2 || -n ${NO_COLOR:-} ]]; then say() { printf '==> %s\n' "$*" >&2; }; fi

missing_packages() {
    local wanted
    mapfile -t wanted < <(grep -Ev '^[[:space:]]*(#|$)' packages.txt)
    local package
    for package in "${wanted[@]}"; do
        [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == 'install ok installed' ]] || echo "$package"
    done
}

install_missing() {
    if ! command -v dpkg-query >/dev/null; then
        say "This is no Debian or Ubuntu: the libraries of packages.txt have to be there already."
        return
    fi
    local missing as_root=()
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]})) || return 0
    if ((EUID != 0)); then
        command -v sudo >/dev/null || { say "Missing: ${missing[*]}. Install them as root, then run this again."; exit 1; }
        as_root=(sudo)
    fi
    say "Installing ${#missing[@]} packages: ${missing[*]}"
    quietly "${as_root[@]}" apt-get -qq update
    quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${missing[@]}"
}

# Shows what a command said only when it failed.
quietly() {
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 || status=$?
    ((status == 0)) || cat "$log" >&2
    rm -f "$log"
    return "$status"
}

build() {
    if [[ ! -f build/release/build.ninja ]]; then
        say "Configuring (build/release)"
        quietly cmake --preset release
    fi
    if [[ $(ninja -C build/release -n 2>/dev/null) != *'no work to do'* ]]; then
        say "Building; the first time takes some minutes"
        # A terminal gets ninja's own line of progress.
        if [[ -t 1 ]]; then cmake --build --preset release; else quietly cmake --build --preset release; fi
    fi
}

case ${1:-run} in
    run | test | build | gui) ;;
    *) sed -n '4,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
install_missing
build
case ${1:-run} in
    run) say "moeplan run scenarios/studies/mixtral-vs-llama70b.yaml"
         exec build/release/bin/moeplan run scenarios/studies/mixtral-vs-llama70b.yaml ;;
    test) exec ctest --preset release ;;
    build) say "The programs are in build/release/bin" ;;
    gui) exec build/release/bin/moeplan-gui "${@:2}" ;;
esac
