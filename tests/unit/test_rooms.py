"""No import runs from a lower room to a higher one, and the worker stands alone."""

import ast
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LIBRARY = "distributed_something"
# Each row may import from those below it, and from itself.
FLOORS = [
    {"cli"},
    {"commands"},
    {"chain", "checks", "account"},
    {"jobs", "monitor", "report"},
    {"local", "run", "fleet", "outcomes"},
    {"aws"},
    {"config", "terminal"},
    {"errors", "clock", "json_file", "docker_engine", "__version__"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
LOOSE = {"__init__.py", "cli.py", "clock.py", "docker_engine.py", "errors.py", "json_file.py"}
# What the library may take of the worker; the functions of a tool.py are loaded as the worker loads them.
OF_THE_WORKER = {"protocol", "aws"}
LOADS_A_TOOL = {"config.tool_module", "commands.build_image"}
# What a file of aws/ may know beside its own resource.
OF_AWS = {"session", "answers", "account", "errors"}


def imported(source, package):
    """The full names that a module imports; ``package``: where it lies, as a tuple of names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            module = (*start, *(node.module.split(".") if node.module else ()))
            yield from (".".join((*module, name.name)) for name in node.names)


def trespasses(path, source):
    """Imports of a file of the library that its room does not allow."""
    parts = path.with_suffix("").parts
    room, module = parts[1], ".".join(parts[1:])
    for name in imported(source, parts[:-1]):
        top, *rest = name.split(".")
        allowed = True
        if top == "worker":
            allowed = rest[0] in OF_THE_WORKER or module in LOADS_A_TOOL
        elif top == LIBRARY and rest[0] in FLOOR:
            allowed = FLOOR[rest[0]] >= FLOOR[room]
            if room == "aws" and rest[0] == "aws":
                allowed = rest[1] in OF_AWS
        if not allowed:
            yield f"{module} imports {name}"


def sources(folder):
    for path in sorted((CHECKOUT / folder).rglob("*.py")):
        yield path.relative_to(CHECKOUT), path.read_text(encoding="utf-8")


def test_no_room_imports_from_a_higher_one():
    files = [(path, source) for path, source in sources(LIBRARY) if path.parts[1] != "__init__.py"]
    assert len(files) > 100
    assert [one for path, source in files for one in trespasses(path, source)] == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("aws/queue.py", "from ..monitor import tick"),
        ("aws/queue.py", "from .fleet import Fleet"),
        ("aws/queue.py", "import worker.poller"),
        ("config/loader.py", "def late():\n    from ..aws.session import Aws"),
        ("jobs/generate/plate_layout.py", "from ...commands.context import Context"),
        ("clock.py", "from .terminal.signals import treat_all_alike"),
        ("run/discovery.py", "import distributed_something.checks.finding"),
    ],
)
def test_an_import_from_a_higher_room_is_noticed(path, source):
    assert len(list(trespasses(Path(LIBRARY) / path, source))) == 1


def test_the_worker_imports_nothing_of_the_library():
    for path, source in sources("worker"):
        assert not [name for name in imported(source, path.parts[:-1]) if name.startswith(LIBRARY)], path


def test_the_protocol_imports_nothing_else_of_the_worker():
    for path, source in sources("worker/protocol"):
        of_the_worker = {name for name in imported(source, path.parts[:-1]) if name.startswith("worker.")}
        assert not [name for name in of_the_worker if not name.startswith("worker.protocol.")], path


def test_nothing_lies_loose_beside_the_rooms():
    assert {path.name for path in (CHECKOUT / LIBRARY).glob("*.py")} == LOOSE
