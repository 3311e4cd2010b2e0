#!/usr/bin/env bash
# requests-cache 1.3.3 with requests 2.34.2, tried on 2026-11-30.
#
# Guess: two sessions over one cache object share what is stored, and each keeps the times to live
# and the error handling that it was made with.
# Found: a session's settings live in the cache object. The session made last sets them for both:
# one made with an hour, then one with a day, and both have a day; so with stale_if_error.
#
# Seen: before: 1:00:00 True
#       after:  1 day, 0:00:00 False
#
# Exits 1 when that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
    requests-cache==1.3.3 requests==2.34.2 2>/dev/null
venv/bin/python >out.txt <<'PY'
from datetime import timedelta

from requests_cache import CachedSession, SQLiteCache

cache = SQLiteCache("shared.sqlite")
prices = CachedSession(backend=cache, expire_after=timedelta(hours=1), stale_if_error=True)
print("before:", prices.settings.expire_after, prices.settings.stale_if_error)
boards = CachedSession(backend=cache, expire_after=timedelta(days=1))
print("after: ", prices.settings.expire_after, prices.settings.stale_if_error)
PY
cat out.txt
printf 'before: 1:00:00 True\nafter:  1 day, 0:00:00 False\n' | cmp - out.txt
