"""The emulated AWS as a process of its own: moto's server with our extensions, on a loopback port.

Writes its port as one line to standard output when it listens, and ends when standard input closes: that is,
when its parent ends, in whatever way.
"""

from __future__ import annotations

import gc
import os
import sys
import threading

# A short request does not wait longer for one that takes long; Python's own value is 0.005.
_SWITCH_SECONDS = 0.0005


def main() -> None:
    gc.disable()  # nothing of what is loaded is garbage, and looking for some takes as long as loading it
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    from . import moto_extensions
    from .kept_connections import KeptConnection

    moto_extensions.apply()
    gc.freeze()
    gc.enable()
    sys.setswitchinterval(_SWITCH_SECONDS)
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=KeptConnection)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    print(server.port, flush=True)
    server.serve_forever()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
