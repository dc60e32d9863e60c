"""The emulated AWS as a separate process: moto's server with our extensions, on a loopback port.

Prints its port as one line once it listens, and ends when its standard input closes: that is, when its parent
ends, for whatever reason. It answers only requests signed with the access key in the environment: whoever can
write to the emulated AWS decides what the workers run, and a loopback port is open to everyone on this
computer, and to every web page in its browsers.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from typing import TYPE_CHECKING, Iterable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# The variable that holds the access key; other users' processes cannot read it.
ACCESS_KEY = "EMULATOR_ACCESS_KEY"
# The longest wait of a short request for a long one; Python's default is 0.005.
_SWITCH_SECONDS = 0.0005


class OnlyWithKey:
    """A WSGI application that passes on only requests signed with the access key."""

    def __init__(self, application: WSGIApplication, access_key: str) -> None:
        self._application = application
        self._credential = f"Credential={access_key}/"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._credential in environ.get("HTTP_AUTHORIZATION", ""):
            return self._application(environ, start_response)
        refusal = b"This is not your emulated AWS.\n"
        start_response(
            "403 Forbidden", [("Content-Type", "text/plain"), ("Content-Length", str(len(refusal)))]
        )
        return [refusal]


def main() -> None:
    gc.disable()  # nothing of what is loaded is garbage, and looking for some takes as long as loading it
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    from . import moto_extensions
    from .moto_extensions.kept_connections import KeptConnection

    moto_extensions.apply()
    gc.freeze()
    gc.enable()
    sys.setswitchinterval(_SWITCH_SECONDS)
    application = OnlyWithKey(DomainDispatcherApplication(create_backend_app), os.environ[ACCESS_KEY])
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=KeptConnection)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    print(server.port, flush=True)
    server.serve_forever()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
