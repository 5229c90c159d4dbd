"""A web server with a bucket: as much of the API of Amazon S3 as finding and reading objects takes."""

from __future__ import annotations

import http.server
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


@contextmanager
def serving(handler: Any) -> Iterator[str]:
    """Address of a server with this handler of requests."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}"
        finally:
            running.shutdown()
            thread.join()


def bucket_handler(objects: Mapping[str, bytes]) -> type[http.server.BaseHTTPRequestHandler]:
    """Handler that answers `ListObjectsV2`, `HeadObject` and `GetObject`; the ETag of an object is its key."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_HEAD(self) -> None:  # noqa: N802
            self.do_GET()

        def do_GET(self) -> None:  # noqa: N802
            path, _, query = self.path.partition("?")
            key = path.strip("/").partition("/")[2]
            if not key:
                self._answer(200, _listing(objects, urllib.parse.parse_qs(query)))
            elif key in objects:
                self._answer_part(key)
            else:
                self._answer(404, b"")

        def _answer_part(self, key: str) -> None:
            wanted = self.headers.get("Range")
            if wanted is None:
                self._answer(200, objects[key], key)
                return
            start, stop = (int(number) for number in wanted.removeprefix("bytes=").split("-"))
            self._answer(206, objects[key][start : stop + 1], key)

        def _answer(self, status: int, content: bytes, key: str = "") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("ETag", f'"{key}"')
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

    return Handler


def _listing(objects: Mapping[str, bytes], query: Mapping[str, list[str]]) -> bytes:
    """Objects below a prefix; with a delimiter, those in it and the folders."""
    prefix, is_flat = query.get("prefix", [""])[0], "delimiter" not in query
    below = {key: key[len(prefix) :] for key in objects if key.startswith(prefix)}
    files = [key for key, rest in below.items() if is_flat or "/" not in rest]
    folders = {prefix + rest.partition("/")[0] + "/" for rest in below.values() if "/" in rest and not is_flat}
    entries = [
        f"<Contents><Key>{key}</Key><Size>{len(objects[key])}</Size><ETag>&quot;{key}&quot;</ETag></Contents>"
        for key in files
    ]
    entries += [f"<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>" for folder in sorted(folders)]
    return f"<ListBucketResult>{''.join(entries)}</ListBucketResult>".encode()
