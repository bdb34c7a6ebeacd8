"""Requests a health check page of the web process on this machine.

    python -m mentoring.healthcheck_cli [/readyz]


The exit code is 0 if the response is 200. Needs neither Django nor curl.
"""

from __future__ import annotations

import http.client
import os
import sys
from urllib.parse import urlsplit


def status(port: int, path: str, *, timeout: float = 0.5) -> int:
    """The status code of one GET; 0 without a response within ``timeout`` seconds."""
    # The Host header must be the site's name, because ALLOWED_HOSTS refuses any other.
    host = urlsplit(os.environ.get("BASE_URL", "")).netloc or "localhost"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else "/healthz"
    sys.exit(status(int(os.environ.get("PORT") or 8000), asked, timeout=5) != 200)
