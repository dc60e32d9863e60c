"""The examples through `local --docker`, their results compared with running the tools directly."""

import json
import subprocess
import sys

import pytest

from tests.docker.conftest import LOCAL_CERTIFICATES, derive
from tests.tools import EXAMPLES

TOOLS = "rehearsal/bowtie2:1"
SAMPLES = ["sample1", "sample2", "sample3", "sample4"]


@pytest.fixture(scope="module")
def tools(engine, base):
    return derive(engine, TOOLS, (EXAMPLES / "Bowtie2" / "Dockerfile").read_text())


@pytest.fixture(scope="module")
def lambda_phage(engine, tools, tmp_path_factory):
    """A folder for a bucket, with the reads and the index."""
    folder = tmp_path_factory.mktemp("lambda")
    run_directly(engine, folder, "cp -r /data/. /out")
    return folder


def run_directly(engine, folder, script):
    """What the tools' image prints for a shell's script, with the folder at /out."""
    return engine.containers.run(
        TOOLS, ["sh", "-ec", script], volumes={str(folder): {"bind": "/out", "mode": "rw"}}, remove=True
    ).decode()


def rehearse(shell, build, name, tool_image, bucket, tmp_path):
    """Build the example's image and run it."""
    tag = f"rehearsal/{name.lower()}:worker"
    folder = EXAMPLES / name
    text = (folder / "config.py").read_text() + f"\nDOCKERHUB_TAG = {tag!r}\nCLUSTER_MACHINES = 2\n"
    (tmp_path / "config.py").write_text(text)
    build(tool_image, tag)
    return shell.run(
        "--config", tmp_path / "config.py", "local", folder / "job.json", "--docker", "--bucket", bucket
    )


def test_hello_world(shell, build, bare, tmp_path):
    printed = rehearse(shell, build, "HelloWorld", bare, tmp_path / "bucket", tmp_path)
    assert "3 jobs done" in printed
    for group in json.loads((EXAMPLES / "HelloWorld" / "job.json").read_text())["groups"]:
        greeting = tmp_path / "bucket" / "hello" / group["Name"] / "hello.txt"
        assert greeting.read_text() == f"Hello, {group['Name']}!\n"


def without_command_lines(sam):
    """The program's own line holds the paths it was started with."""
    return [line for line in sam.splitlines() if not line.startswith("@PG")]


def test_bowtie2_and_samtools_give_what_they_give_directly(
    engine, shell, build, tools, lambda_phage, tmp_path
):
    printed = rehearse(shell, build, "Bowtie2", tools, lambda_phage, tmp_path)
    assert "4 jobs done, 0 skipped (done before), 0 failed" in printed
    run_directly(
        engine,
        lambda_phage,
        "mkdir /out/directly; for s in 1 2 3 4; do bowtie2 -x /data/index/lambda_virus "
        "-1 /data/reads/sample${s}_1.fq -2 /data/reads/sample${s}_2.fq -S /out/directly/sample$s.sam; done",
    )
    for sample in SAMPLES:
        ours = (lambda_phage / "alignments" / sample / f"{sample}.sam").read_text()
        theirs = (lambda_phage / "directly" / f"{sample}.sam").read_text()
        assert len(without_command_lines(ours)) > 5000
        assert without_command_lines(ours) == without_command_lines(theirs)

    printed = rehearse(shell, build, "Samtools", tools, lambda_phage, tmp_path)
    assert "4 jobs done, 0 skipped (done before), 0 failed" in printed
    for sample in SAMPLES:
        ours = f"/out/sorted/{sample}/{sample}.bam"
        told = run_directly(
            engine,
            lambda_phage,
            f"samtools quickcheck {ours}; test -s {ours}.bai; samtools view {ours} | md5sum; "
            f"samtools sort /out/directly/{sample}.sam | samtools view | md5sum; "
            f"samtools stats {ours} | grep ^SN > /tmp/a; "
            f"grep ^SN /out/sorted/{sample}/{sample}.stats.txt > /tmp/b; "
            "cmp /tmp/a /tmp/b; samtools idxstats " + ours,
        )
        first, second, aligned = told.splitlines()[:3]
        assert first == second
        assert int(aligned.split("\t")[2]) > 4000


@pytest.fixture(scope="module")
def python_base(engine, base):
    """An image with pip for what Dockerfiles call python:3.12-slim; it trusts what this computer trusts."""
    certificates = {path.name: (path.read_text(), 0o644) for path in LOCAL_CERTIFICATES.glob("*.crt")}
    copy = f"COPY {' '.join(certificates)} {LOCAL_CERTIFICATES}/\n" if certificates else ""
    install = (
        "apt-get update -qq && apt-get install -qq -y --no-install-recommends ca-certificates python3-pip"
    )
    trusted = "/etc/ssl/certs/ca-certificates.crt"
    return derive(
        engine,
        "rehearsal/python:1",
        f"FROM {base}\n{copy}RUN {install} > /dev/null && update-ca-certificates\n"
        f"ENV PIP_CERT={trusted} PIP_BREAK_SYSTEM_PACKAGES=1\n",
        certificates.items(),
    )


def python_tool(engine, python_base, name):
    """The image of an example whose tool is on PyPI."""
    folder = EXAMPLES / name
    dockerfile = (folder / "Dockerfile").read_text()
    assert "FROM python:3.12-slim\n" in dockerfile
    return derive(
        engine,
        f"rehearsal/{name.lower()}:1",
        dockerfile.replace("python:3.12-slim", python_base),
        [("requirements.txt", ((folder / "requirements.txt").read_text(), 0o644))],
    )


def test_ome_zarr_gives_what_it_gives_directly(engine, python_base, shell, build, tmp_path):
    image, bucket = python_tool(engine, python_base, "OmeZarr"), tmp_path / "bucket"
    subprocess.run([sys.executable, EXAMPLES / "OmeZarr" / "prepare_images.py", bucket], check=True)
    printed = rehearse(shell, build, "OmeZarr", image, bucket, tmp_path)
    assert "4 jobs done, 0 skipped (done before), 0 failed" in printed
    script = (
        "for i in cell microaneurysms retina tissue; do"
        " ngff-zarr -q -i /bucket/images/$i.ome.tif -o /tmp/$i.ome.zarr -m dask_bin_shrink;"
        " diff -r /tmp/$i.ome.zarr /bucket/zarr/$i/$i.ome.zarr; done; echo the same"
    )
    assert in_bucket(engine, image, bucket, script) == "the same\n"


def in_bucket(engine, image, bucket, script, *arguments):
    """What an image prints for a shell's script, with the bucket's folder at /bucket."""
    return engine.containers.run(
        image,
        ["sh", "-ec", script, "sh", *arguments],
        volumes={str(bucket): {"bind": "/bucket", "mode": "ro"}},
        remove=True,
    ).decode()


def test_image_magick_gives_what_it_gives_directly(engine, base, shell, build, tmp_path):
    image = derive(engine, "rehearsal/imagemagick:1", (EXAMPLES / "ImageMagick" / "Dockerfile").read_text())
    bucket, job = tmp_path / "bucket", json.loads((EXAMPLES / "ImageMagick" / "job.json").read_text())
    subprocess.run([sys.executable, EXAMPLES / "ImageMagick" / "prepare_images.py", bucket], check=True)
    assert "3 jobs done, 0 skipped (done before), 0 failed" in rehearse(
        shell, build, "ImageMagick", image, bucket, tmp_path
    )
    for group in job["groups"]:
        arguments = (group["folder"], group["title"], job["size"])
        assert in_bucket(engine, image, bucket, IMAGE_MAGICK, *arguments) == "the same\n"


# Arguments: folder, title, size.
IMAGE_MAGICK = """
mkdir -p /directly/thumbnails && cd /directly
mogrify -path thumbnails -format jpg -thumbnail "$3" /bucket/images/$1/*
montage -font DejaVu-Sans -title "$2" -label %t -geometry "$3+6+6" thumbnails/* montage.jpg
diff -r . /bucket/overviews/$1 && echo the same
"""


@pytest.fixture(autouse=True)
def owned(lambda_phage):
    """What containers wrote belongs to root; nothing of it is left for others to remove."""
    yield
    subprocess.run(["chmod", "-R", "a+rwX", str(lambda_phage)], check=False)
