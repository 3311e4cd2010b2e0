#!/usr/bin/env bash
# requests-cache 1.3.3 with requests 2.34.2, tried on 2026-11-30.
#
# Guess: `session.get(url, refresh=True)` asks the server, whatever is in the cache; with an ETag it
# asks whether that is still right, without one it fetches the page again.
# Found: without an ETag or Last-Modified nothing is asked, and the old answer comes back as if it
# had been confirmed; only `force_refresh=True` asks.
#
# Seen: with an ETag: 2 requests, answer 2
#       without: 1 requests, answer 1
#       force_refresh: 2 requests, answer 2
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
import http.server
import threading

from requests_cache import CachedSession

asked = []


class Counting(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        body = f"answer {asked.count(self.path)}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if "tagged" in self.path:
            self.send_header("ETag", f'"{len(asked)}"')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting) as server:
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    session = CachedSession(backend="memory")
    session.trust_env = False
    for name, path, option in (
        ("with an ETag", "/tagged", "refresh"),
        ("without", "/plain", "refresh"),
        ("force_refresh", "/other", "force_refresh"),
    ):
        url = f"http://127.0.0.1:{server.server_port}{path}"
        session.get(url)
        again = session.get(url, **{option: True})
        print(f"{name}: {asked.count(path)} requests, {again.text}")
    server.shutdown()
PY
cat out.txt
cmp - out.txt <<'TXT'
with an ETag: 2 requests, answer 2
without: 1 requests, answer 1
force_refresh: 2 requests, answer 2
TXT
