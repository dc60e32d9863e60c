"""A real Docker engine: the one that is there, or one started for the tests (root, Debian's docker.io)."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests import interpreters
from tests.docker.engine import NoEngine
from tests.docker.engine import engine as running_engine
from tests.end_to_end.conftest import CHECKOUT, Shell

BASE = "debian:bookworm-slim"
LOCAL_CERTIFICATES = Path("/usr/local/share/ca-certificates")


def lacking(message):
    """Without an engine there is nothing to prove; where everything must be proved that is a failure."""
    if os.environ.get("EVERY_ENGINE"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def engine():
    """A client of the engine; an engine of our own is ended with the tests."""
    pytest.importorskip("docker")
    with contextlib.ExitStack() as stack:
        try:
            client = stack.enter_context(running_engine())
        except NoEngine as problem:
            lacking(str(problem))
        yield client


@pytest.fixture(scope="session")
def base(engine, tmp_path_factory):
    """Debian, pulled, or made here where no registry can be reached."""
    import docker

    try:
        engine.images.get(BASE)
        return BASE
    except docker.errors.ImageNotFound:
        pass
    try:
        engine.images.pull(BASE)
        return BASE
    except docker.errors.APIError:
        pass
    if shutil.which("debootstrap") is None:
        lacking(f"{BASE} cannot be pulled, and there is no debootstrap to make it with")
    folder = tmp_path_factory.mktemp("debian") / "root"
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", str(folder)], check=True, stdout=-3)
    import_image(engine, folder, BASE)
    shutil.rmtree(str(folder), ignore_errors=True)
    return BASE


def import_image(engine, folder, name):
    """Make a folder an image; its files as they are."""
    tar = subprocess.Popen(["tar", "-C", str(folder), "-c", "."], stdout=subprocess.PIPE)
    repository, tag = name.rsplit(":", 1)
    engine.api.import_image_from_stream(tar.stdout, repository=repository, tag=tag)
    tar.stdout.close()
    assert tar.wait() == 0


def derive(engine, name, dockerfile, files=()):
    """Build an image from a Dockerfile's text and {name: (content, mode)}; the network is this computer's."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, (content, mode) in {"Dockerfile": (dockerfile, 0o644), **dict(files)}.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content.encode()), mode
            archive.addfile(entry, io.BytesIO(content.encode()))
    packed.seek(0)
    engine.images.build(fileobj=packed, custom_context=True, tag=name, network_mode="host", rm=True)
    return name


@pytest.fixture(scope="session")
def bare(engine, tmp_path_factory):
    """An image like BioContainers': busybox and a tool; no package manager, no Python, no C library."""
    busybox = shutil.which("busybox")
    if busybox is None or not is_static(busybox):
        lacking("there is no static busybox (Debian: busybox-static)")
    folder = tmp_path_factory.mktemp("bare")
    for name in ("bin", "tmp", "etc"):
        (folder / name).mkdir()
    (folder / "tmp").chmod(0o1777)
    shutil.copy(busybox, folder / "bin" / "busybox")
    for name in ("sh", "cat", "echo", "sleep", "wc", "head", "tail", "test", "kill", "ls", "id", "tr"):
        (folder / "bin" / name).symlink_to("busybox")
    import_image(engine, folder, "rehearsal/bare:1")
    return "rehearsal/bare:1"


def is_static(program):
    told = subprocess.run(["ldd", program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return "not a dynamic executable" in told.stdout or "statically linked" in told.stdout


@pytest.fixture(scope="session")
def build(engine, base, tmp_path_factory):
    """A function that types `run.py buildImage` for a tool's image; returns what it printed."""
    folder = tmp_path_factory.mktemp("build")
    certificates = folder / "proxy.pem"
    certificates.write_text("".join(path.read_text() for path in sorted(LOCAL_CERTIFICATES.glob("*.crt"))))

    def build(tool_image, tag, command="cat {input}/{n}", *options, code=0, own_tool=None, tool_python=""):
        config, tool = folder / "config.py", folder / "tool.py"
        tool.write_text(own_tool) if own_tool else tool.unlink(missing_ok=True)
        settings = f"\nDOCKERHUB_TAG = {tag!r}\nCOMMAND = {command!r}\nTOOL_PYTHON = {tool_python!r}\n"
        config.write_text((CHECKOUT / "config.py").read_text() + settings)
        trust = ["--ca", str(certificates)] if certificates.stat().st_size else []
        told = subprocess.run(
            [sys.executable, "run.py", "--config", str(config), "buildImage", tool_image, "--network", "host"]
            + [*trust, *options],
            cwd=str(CHECKOUT),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert told.returncode == code, told.stdout
        return told.stdout

    return build


@pytest.fixture
def shell(engine):
    made = Shell()
    # Shell leaves DOCKER_* out of its environment; these tests are about Docker.
    made.environment.update({key: value for key, value in os.environ.items() if key.startswith("DOCKER_")})
    yield made
    made.close()


@pytest.fixture(scope="session")
def only_python2(engine, base, tmp_path_factory):
    """An image whose only Python is 2.7: Debian with this computer's copy of it."""
    found = interpreters.find("2.7")
    if found is None:
        lacking("there is no Python 2.7 here to make an image with")
    folder = tmp_path_factory.mktemp("python2")
    place = folder / "opt" / "python2"
    shutil.copytree(Path(found).resolve().parent.parent, place, symlinks=True, ignore=_not_needed)
    (place / "libraries").mkdir()
    linked = subprocess.check_output(["ldd", found, *map(str, place.rglob("*.so"))], text=True)
    for library in {word for word in linked.split() if word.startswith("/") and ".so" in word}:
        name = Path(library.rstrip(":")).name
        if not name.startswith(("libc.", "ld-", "libm.", "libdl", "libpthread", "librt")):
            shutil.copy(library.rstrip(":"), place / "libraries" / name)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(str(folder), arcname=".")
    container = engine.containers.create(base, "true")
    container.put_archive("/", packed.getvalue())
    container.commit("rehearsal/python2-files", "1")
    container.remove()
    return derive(
        engine,
        "rehearsal/python2:1",
        "FROM rehearsal/python2-files:1\n"
        "ENV PATH=/opt/python2/bin:/usr/bin:/bin LD_LIBRARY_PATH=/opt/python2/libraries\n",
    )


def _not_needed(folder, names):
    return [
        name for name in names if name in ("test", "share", "include", "site-packages") or name.endswith(".a")
    ]
