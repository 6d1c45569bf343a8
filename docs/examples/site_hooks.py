"""A receiver of what a site's server is told, to begin with: docs/webhooks.md says what it has to do.

It needs Python 3.9 or newer, and nothing else.

    WEBHOOK_SECRET="$(cat webhook-secret)" python3 site_hooks.py

What you change is `act`.
"""

import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

SECRET = os.environ["WEBHOOK_SECRET"]
BODY_BYTES_MAX = 64 * 1024
OLD_SECONDS = 300

if not SECRET.startswith("whsec_"):
    raise SystemExit("WEBHOOK_SECRET is not set")
KEY = base64.b64decode(SECRET[len("whsec_"):])


def act(message):
    """Does what is to be done of a message."""
    kind, data = message["type"], message["data"]
    if kind == "cleared":
        print("cleared", data["level"], data["wallet"], flush=True)
    elif kind == "drip":
        print("drip", data["amount"], data["wallet"], flush=True)
    elif kind == "budget.low":
        print("low", data["campaign"], data["percent"], flush=True)


def is_signed(name, seconds, signatures, body):
    """Whether a message is from the faucet, and was sent just now."""
    if not name or not seconds.isdecimal() or len(seconds) > 15 or abs(time.time() - int(seconds)) > OLD_SECONDS:
        return False
    expected = hmac.new(KEY, f"{name}.{seconds}.".encode() + body, hashlib.sha256).digest()
    # There are two while the secret is changed.
    for signature in signatures.split(" "):
        version, _, code = signature.partition(",")
        try:
            given = base64.b64decode(code, validate=True)
        except ValueError:
            continue
        if version == "v1" and hmac.compare_digest(given, expected):
            return True
    return False


# What was done. Yours are on disk, beside what was done, and are kept for some days.
done = set()
one_at_a_time = Lock()


class Hooks(BaseHTTPRequestHandler):
    def do_POST(self):
        if self.path != "/hooks":
            return self.answer(404)
        try:
            length = int(self.headers.get("content-length", ""))
        except ValueError:
            return self.answer(411)
        if not 0 <= length <= BODY_BYTES_MAX:
            return self.answer(413)
        body = self.rfile.read(length)
        name, seconds, signatures = (
            self.headers.get(header, "") for header in ("webhook-id", "webhook-timestamp", "webhook-signature")
        )
        if not is_signed(name, seconds, signatures, body):
            return self.answer(401)
        with one_at_a_time:
            if name not in done:
                act(json.loads(body))
                done.add(name)
        return self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Says nothing of each request."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Hooks)
    print(f"listening on http://127.0.0.1:{server.server_port}/hooks", flush=True)
    server.serve_forever()
