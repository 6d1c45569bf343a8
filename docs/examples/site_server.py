"""The server of a site that lets nobody in who has not cleared its level, to begin with: docs/verification.md says what it has to do.

It needs Python 3.9 or newer, and nothing else.

    DRIPLINE_URL=https://faucet.example DRIPLINE_SECRET="$(cat site-secret)" ORIGIN=https://shop.example LEVEL=catch-1 python3 site_server.py

It takes comments: `POST /comments` with `{"token": "…", "text": "…"}`. What you change is `keep`.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DRIPLINE_URL = os.environ.get("DRIPLINE_URL", "http://127.0.0.1:8080")
SECRET = os.environ["DRIPLINE_SECRET"]
# The origin of this site's own pages.
ORIGIN = os.environ.get("ORIGIN", "https://shop.example")
# The level that they show. Where any will do, take out what compares it.
LEVEL = os.environ.get("LEVEL", "catch-1")
BODY_BYTES_MAX = 16 * 1024
TRIES = 3
WAIT_SECONDS = 0.3


def keep(text, verified):
    """Keeps a comment of somebody who has cleared the level."""
    return {"text": text, "by": verified["wallet"], "level": verified["level"], "stars": verified["stars"]}


class Away(Exception):
    """The faucet does not answer."""


def verify(token):
    """What was played, or None where the token is not good. Raises `Away` where the faucet does not answer."""
    # The same key for each try: should the answer to the first one be lost, the second one gets it.
    body = json.dumps({"secret": SECRET, "token": token, "idempotency_key": str(uuid.uuid4())}).encode()
    for attempt in range(TRIES):
        if attempt:
            time.sleep(WAIT_SECONDS)
        request = urllib.request.Request(
            f"{DRIPLINE_URL}/api/v1/siteverify", body, {"content-type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            # Whatever else is wrong with a request stays wrong: a token that is too long, for example.
            if error.code in (400, 413, 422):
                return None
            print(f"the faucet answers {error.code}", file=sys.stderr)
            continue
        except (OSError, HTTPException, ValueError) as error:
            print(f"the faucet does not answer: {error}", file=sys.stderr)
            continue
        if not answer["success"]:
            print("not verified:", ", ".join(reason["code"] for reason in answer["reasons"]), file=sys.stderr)
            return None
        return answer["verified"]
    raise Away


class Comments(BaseHTTPRequestHandler):
    def do_POST(self):
        if self.path != "/comments":
            return self.answer(404, {"error": "not found"})
        try:
            length = int(self.headers.get("content-length", ""))
            if not 0 <= length <= BODY_BYTES_MAX:
                raise ValueError
            comment = json.loads(self.rfile.read(length))
            token, text = comment["token"], comment["text"]
            if not isinstance(token, str) or not isinstance(text, str):
                raise ValueError
        except (ValueError, KeyError, TypeError):
            return self.answer(400, {"error": "expected a token and a text"})
        try:
            verified = verify(token)
        except Away:
            # Nobody gets in because the faucet is away.
            return self.answer(503, {"error": "try again"})
        if verified is None or verified["origin"] != ORIGIN or verified["level"] != LEVEL:
            return self.answer(403, {"error": "clear the level first"})
        return self.answer(201, keep(text, verified))

    def answer(self, status, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Says nothing of each request."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Comments)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
