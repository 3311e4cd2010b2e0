"""A server on this machine that plays the sources: each path answers as a test says."""

import http.server
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Play:
    """One answer: what is sent, how slowly, and whether it is as long as it says."""

    body: bytes = b""
    status: int = 200
    headers: dict = field(default_factory=dict)
    waits: float = 0.0
    byte_seconds: float = 0.0
    declares: int | None = None
    etag: str = ""


class PlayingServer(http.server.ThreadingHTTPServer):
    """`plays`: path with query, or path alone -> a Play, or a list of them (the last one stays);
    `asked`: (path, headers) of each request."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.plays, self.asked = {}, []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def paths(self):
        """The paths that were asked for, in their order."""
        return [path for path, _ in self.asked]

    def handle_error(self, request, client_address):
        """A client that hangs up is no news."""


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        server.asked.append((self.path, dict(self.headers)))
        path = self.path if self.path in server.plays else self.path.split("?")[0]
        play = server.plays.get(path, Play(b"no such page", 404))
        if isinstance(play, list):
            play = play.pop(0) if len(play) > 1 else play[0]
        time.sleep(play.waits)
        if play.etag and self.headers.get("If-None-Match") == play.etag:
            play = Play(b"", 304, play.headers, etag=play.etag)
        self._send(play)

    def _send(self, play):
        self.send_response(play.status)
        headers = {"Content-Length": str(play.declares or len(play.body))} | play.headers
        if play.etag:
            headers["ETag"] = play.etag
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if not play.byte_seconds:
            self.wfile.write(play.body)
            return
        for byte in play.body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(play.byte_seconds)

    def log_message(self, *arguments):
        pass


@contextmanager
def playing():
    """A running server; it stops with the block."""
    with PlayingServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
