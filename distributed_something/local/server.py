"""The emulated AWS as a process of its own: moto's server with our extensions, on a loopback port.

Writes its port as one line to standard output when it listens, and ends when standard input closes: that is,
when its parent ends, in whatever way.
"""

from __future__ import annotations

import os
import sys
import threading


def main() -> None:
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    from . import moto_extensions

    moto_extensions.apply()
    application = DomainDispatcherApplication(create_backend_app)
    # Keep-alive: a connection for each of some hundred requests a second is what limits the server.
    MotoRequestHandler.protocol_version = "HTTP/1.1"
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    print(server.port, flush=True)
    server.serve_forever()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
