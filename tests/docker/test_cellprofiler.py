"""The example CellProfiler in a container: the real program, the worker, and tool.py, in one image."""

import shutil
import subprocess
import tarfile

import pytest

from tests.docker.conftest import derive
from tests.end_to_end.test_cellprofiler import (
    EXAMPLE,
    beside,
    cellprofiler,
    job_file,
    project,
    told_in_the_readme,
)

__all__ = ["cellprofiler", "project"]  # fixtures
TOOL, IMAGE = "rehearsal/cellprofiler:4.2.8", "rehearsal/cellprofiler:worker"
# What the program and its Python need of Debian.
LIBRARIES = "default-jre-headless libgomp1 libssl3 libffi8 libbz2-1.0 libsqlite3-0 libreadline8 libexpat1"


def needed(entry):
    parts = entry.name.split("/")
    left_out = {"__pycache__", "include", "share"} & set(parts) or "lib/python3.9/test/" in entry.name
    return None if left_out or entry.name.endswith(".a") else entry


@pytest.fixture
def image(engine, base, cellprofiler, tmp_path):
    """Debian with this computer's copy of CellProfiler and of its Python, at the places they have here."""
    apt = "apt-get update -qq && apt-get install -qq -y --no-install-recommends"
    derive(engine, "rehearsal/java:1", f"FROM {base}\nRUN {apt} {LIBRARIES} > /dev/null\n")
    packed = tmp_path / "cellprofiler.tar"
    with tarfile.open(str(packed), "w") as archive:
        for folder in (cellprofiler.parents[1], cellprofiler.with_name("python").resolve().parents[1]):
            archive.add(str(folder), arcname=str(folder).lstrip("/"), filter=needed)
    container = engine.containers.create("rehearsal/java:1", "true")
    with packed.open("rb") as content:
        container.put_archive("/", content)
    packed.unlink()
    container.commit(*TOOL.split(":"))
    container.remove()
    return TOOL


def test_cells_are_counted_in_a_container(engine, build, shell, image, cellprofiler, project, tmp_path):
    command = f"{cellprofiler} -c -r"
    printed = build(image, IMAGE, command, "--check", own_tool=(EXAMPLE / "tool.py").read_text())
    assert f"The tool is {cellprofiler} in the image, and the worker starts" in printed
    assert engine.images.get(IMAGE).attrs["Config"]["WorkingDir"] in ("", "/")
    bucket = shutil.copytree(project, tmp_path / "bucket")
    config = beside(tmp_path, DOCKERHUB_TAG=IMAGE, COMMAND=command, DOCKER_CORES=1)
    jobs = job_file(tmp_path, "Metadata_Plate=Fly01,Metadata_Site=002")
    rehearsal = ("local", jobs, "--docker", "--bucket", bucket, "--machines", "1")
    assert "1 jobs done" in shell.run("--config", config, *rehearsal)
    results = bucket / "projects" / "fly" / "results"
    lines = (results / "Fly01-002" / "Nuclei.csv").read_text().splitlines()
    assert str(len(lines) - 1) == told_in_the_readme()["Fly01-002"][0]
    subprocess.run(["chmod", "-R", "a+rwX", str(bucket)], check=False)  # what containers wrote is root's
