# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Upstream's two servers, played on this machine: on a host of the lab their names lead here."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from integration.fleet import Host

NAMES = ("downloads.asterisk.org", "raw.githubusercontent.com")
#: Where Debian's ca-certificates takes certificates from that somebody has added.
TRUSTED = "/usr/local/share/ca-certificates/played-upstream.crt"


@dataclass
class Played:
    """What the servers have, by the whole address of each file, and what they were asked for."""

    files: dict[str, Path] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def asked_since(self) -> list[str]:
        """Return what was asked for since the last time."""
        asked, self.asked = self.asked, []
        return asked


@contextmanager
def played(host: Host, folder: Path) -> Iterator[Played]:
    """Play upstream for a host, which is told the address, and whose certificate to trust."""
    certificate, key = folder / "upstream.pem", folder / "upstream.key"
    subject_names = ",".join(f"DNS:{name}" for name in NAMES)
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-keyout", str(key), "-out", str(certificate), "-subj", "/CN=played upstream"),
            *("-addext", f"subjectAltName={subject_names}"),
        ],
        check=True,
        capture_output=True,
    )
    gateway = host.shell("ip route show default | sed -n 's/^default via \\([^ ]*\\).*/\\1/p'").strip()
    host.shell(f"echo '{gateway} {' '.join(NAMES)}' >> /etc/hosts")
    host.shell(f"mkdir -p {TRUSTED.rpartition('/')[0]} && cat > {TRUSTED}", certificate.read_text("utf-8"))
    upstream = Played()
    server = ThreadingHTTPServer((gateway, 443), _handler(upstream))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield upstream
    finally:
        server.shutdown()
        server.server_close()


def _handler(upstream: Played) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = f"https://{self.headers['Host']}{self.path}"
            upstream.asked.append(url)
            file = upstream.files.get(url)
            if file is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(file.stat().st_size))
            self.end_headers()
            self.wfile.write(file.read_bytes())

        def log_message(self, *_said: object) -> None:
            """Say nothing: what was asked for is told by the tests."""

    return Handler
