"""The example ImageMagick: the pictures are those of the programs run directly, titles included."""

import json
import subprocess
import sys

from skimage import io

from tests import tools

IMAGE_MAGICK = tools.EXAMPLES / "ImageMagick"
JOB = json.loads((IMAGE_MAGICK / "job.json").read_text())


def run_directly(mogrify, montage, images, folder, title):
    """What COMMAND does, without a shell: the thumbnails, and the montage of them."""
    thumbnails = folder / "thumbnails"
    thumbnails.mkdir(parents=True)
    size = JOB["size"]
    inputs = [str(path) for path in sorted(images.iterdir())]
    subprocess.run(
        [mogrify, "-path", str(thumbnails), "-format", "jpg", "-thumbnail", size, *inputs], check=True
    )
    outputs = [str(path) for path in sorted(thumbnails.iterdir())]
    labelled = ["-font", "DejaVu-Sans", "-title", title, "-label", "%t", "-geometry", f"{size}+6+6"]
    subprocess.run([montage, *labelled, *outputs, str(folder / "montage.jpg")], check=True)


def test_the_pictures_are_those_of_the_programs_run_directly(shell, tmp_path):
    mogrify, montage = tools.needed("mogrify"), tools.needed("montage")
    bucket = tmp_path / "bucket"
    subprocess.run([sys.executable, str(IMAGE_MAGICK / "prepare_images.py"), str(bucket)], check=True)
    printed = shell.run(
        "--config", IMAGE_MAGICK / "config.py", "local", IMAGE_MAGICK / "job.json", "--bucket", bucket
    )
    assert "3 jobs done, 0 skipped (done before), 0 failed" in printed
    for group in JOB["groups"]:
        directly = tmp_path / "directly" / group["folder"]
        run_directly(mogrify, montage, bucket / "images" / group["folder"], directly, group["title"])
        made = bucket / "overviews" / group["folder"]
        names = sorted(path.relative_to(directly) for path in directly.rglob("*.jpg"))
        assert names == sorted(path.relative_to(made) for path in made.rglob("*.jpg"))
        for name in names:
            assert (made / name).read_bytes() == (directly / name).read_bytes()
            if name.parent.name == "thumbnails":
                assert max(io.imread(made / name).shape[:2]) <= 160
