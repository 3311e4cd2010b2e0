#!/usr/bin/env bash
# ijson 3.6.0, tried on 2026-11-30.
#
# Guess: the backends of ijson give the values that Python's json gives, but for Decimal in the place
# of float, which use_float=True switches off.
# Found: the C backend, the one that is taken where it is there, puts "?" in the place of half a
# surrogate pair, without a word: two different texts become one. The backend in Python and json keep
# it. With use_float=True the C backend refuses an integer of more than 64 bits, which the others read.
#
# Seen: json:    ['\ud800'] [123456789012345678901234567890]
#       python: ['\ud800'] [123456789012345678901234567890]
#       yajl2_c: ['?'] parse error: integer overflow
#
# Exits 1 when that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check ijson==3.6.0 2>/dev/null

cat >try.py <<'PY'
import io
import json
import sys

import ijson

TEXT, NUMBER = rb'["\ud800"]', b"[123456789012345678901234567890]"


def read(backend, data):
    try:
        found = list(ijson.get_backend(backend).items(io.BytesIO(data), "item", use_float=True))
    except ijson.JSONError as error:
        return str(error).splitlines()[0]
    return ascii(found)


expected = [ascii(json.loads(TEXT)), ascii(json.loads(NUMBER))]
print("json:   ", *expected)
seen = {name: [read(name, TEXT), read(name, NUMBER)] for name in ("python", "yajl2_c")}
for name, found in seen.items():
    print(f"{name}:", *found)
sys.exit(
    seen["python"] != expected or seen["yajl2_c"] != ["['?']", "parse error: integer overflow"]
)
PY
venv/bin/python try.py
