"""A real nginx with deploy/nginx.conf."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.paths import PROJECT
from tests.e2e.server import free_port
from tests.support.web import wait_until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
needs_nginx = pytest.mark.skipif(NGINX is None, reason="NO NGINX: nothing is tested behind it; apt-get install nginx")
MAIN_CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {blocks}
}}
"""


def nginx_config(folder: Path, server_ports: Sequence[int], proxy_port: int, certificate: Path, key: Path) -> Path:
    """A file with deploy/nginx.conf, with the ports and files of the test."""
    text = (PROJECT / "deploy" / "nginx.conf").read_text()
    nodes = (PROJECT / "deploy" / "faces-nodes.conf").read_text()
    (folder / "faces-nodes.conf").write_text("".join(nodes.replace(":5000", f":{port}") for port in server_ports))
    for written, used in {
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "listen 443 ssl": f"listen 127.0.0.1:{proxy_port} ssl",
        "/etc/ssl/faces.example.pem": str(certificate),
        "/etc/ssl/faces.example.key": str(key),
    }.items():
        assert text.count(written) == 1, written
        text = text.replace(written, used)
    file = folder / "nginx.conf"
    file.write_text(MAIN_CONFIG.format(folder=folder, blocks=text))
    return file


@contextmanager
def running_nginx(config: Path) -> Iterator[None]:
    """A real nginx; its own check must have nothing to say against the file."""
    command = [str(NGINX), "-p", str(config.parent), "-c", str(config), "-e", str(config.parent / "error.log")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr
    nginx = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: (config.parent / "nginx.pid").stat().st_size, timeout_s=10)  # the check leaves it empty
        yield
    finally:
        nginx.terminate()
        nginx.wait(10)
