"""Records every AWS call through botocore's event hooks.

As a program, `recording.py FILE SCRIPT`: runs a script of the worker and writes its calls into FILE.
"""

import json
import runpy
import sys
from pathlib import Path


def record(session, note):
    """Have ``note(service, operation, parameters)`` called for each call of this botocore session."""

    def called(params, model, **rest):
        service = model.service_model
        note(service.signing_name or service.endpoint_prefix, model.name, params)

    session.get_component("event_emitter").register("provide-client-params", called)


def main(file, script):
    import botocore.session

    made = botocore.session.Session.__init__

    def noting(self, *arguments, **named):
        made(self, *arguments, **named)
        record(self, lambda *call: out.write(json.dumps(call, default=str) + "\n"))

    botocore.session.Session.__init__ = noting
    sys.argv = [script]
    sys.path[0] = str(Path(script).parent)
    with open(file, "a", buffering=1) as out:
        runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:3])
