"""The image that the guide has its readers make: built, given its worker, and run in a container."""

import json
import subprocess
import sys

from PIL import Image

from tests.docker.conftest import derive
from tests.end_to_end.conftest import COUNT_OBJECTS

TOOL = "rehearsal/count-objects:1"


def test_the_guides_image_finds_the_coins(engine, base, build, shell, tmp_path):
    bucket = tmp_path / "bucket"
    subprocess.run([sys.executable, str(COUNT_OBJECTS / "prepare_images.py"), str(bucket)], check=True)
    program = (COUNT_OBJECTS / "count_objects.py").read_text()
    derive(
        engine,
        TOOL,
        (COUNT_OBJECTS / "Dockerfile").read_text(),
        {"count_objects.py": (program, 0o755)}.items(),
    )
    tag = "rehearsal/count-objects:worker"
    build(TOOL, tag)
    config = tmp_path / "config.py"
    config.write_text(
        (COUNT_OBJECTS / "config.py").read_text() + f"\nDOCKERHUB_TAG = {tag!r}\nCLUSTER_MACHINES = 1\n"
    )
    jobs = tmp_path / "job.json"
    jobs.write_text(json.dumps({"method": "otsu", "groups": [{"image": "coins.png"}]}))
    printed = shell.run("--config", config, "local", jobs, "--docker", "--bucket", bucket)
    assert "1 jobs done, 0 skipped (done before), 0 failed" in printed
    results = bucket / "results" / "coins.png-otsu"
    directly = tmp_path / "directly"
    directly.mkdir()
    engine.containers.run(
        TOOL,
        ["count_objects.py", "/images/coins.png", "/out", "--method", "otsu"],
        volumes={
            str(bucket / "images"): {"bind": "/images", "mode": "ro"},
            str(directly): {"bind": "/out", "mode": "rw"},
        },
        remove=True,
    )
    table = (results / "objects.csv").read_text()
    assert table == (directly / "objects.csv").read_text()
    assert len(table.splitlines()) == 1 + 24
    assert Image.open(results / "outlines.png").size == Image.open(bucket / "images" / "coins.png").size
