#!/usr/bin/env bash
# mypy 1.19.1, 1.20.2 and 2.4.1 beside dbt-core 1.11.16, tried on 2026-11-30.
#
# Guess: a type checker goes beside whatever it checks, the newest mypy beside the newest dbt 1.11.
# Found: since 1.20 mypy needs pathspec 1.0 or newer, and dbt-core 1.11 one before 0.13, so that pip
# installs no pair of them; mypy 1.19 is the last that goes.
#
# Seen: mypy 1.19.1: installs
#       mypy 1.20.2: does not
#       mypy 2.4.1: does not
#
# Exits 1 when that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip 2>/dev/null

try() {
    if venv/bin/python -m pip install --quiet --disable-pip-version-check --dry-run \
        dbt-core==1.11.16 "mypy==$1" >told 2>&1; then
        echo installs
    else
        # Anything but a conflict, such as a registry that is not there, ends the script.
        grep -q pathspec told && echo "does not"
    fi
}
for version in 1.19.1 1.20.2 2.4.1; do
    found=$(try "$version")
    echo "mypy $version: $found"
    echo "$found" >>all
done
[ "$(paste -sd , all)" = "installs,does not,does not" ]
