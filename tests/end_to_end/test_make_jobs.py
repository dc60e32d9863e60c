"""From a folder of images to results: makeJobs, then the line that it says comes next."""

import json
import shlex

from tests.end_to_end.conftest import CHECKOUT, COUNT_OBJECTS


def test_a_folder_becomes_jobs_and_all_of_them_run(shell, tmp_path):
    data = tmp_path / "data"
    for plate in ("P1", "P2"):
        for well in ("A01", "A02"):
            for channel in (1, 2):
                path = data / "images" / plate / f"{well}_w{channel}.txt"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"{plate} {well} {channel}\n")
    pattern = "{Plate}/{Well}_*.txt"
    config = tmp_path / "config.py"
    source = (CHECKOUT / "config.py").read_text()
    config.write_text(source + "\nCOMMAND = \"sh -c 'cat {input}/* > {output}/all'\"\nJOB_NAME = ''\n")
    made = (
        "--config",
        config,
        "makeJobs",
        "--folder",
        data,
        "--bucket-folder",
        "images",
        "--pattern",
        pattern,
    )
    printed = shell.run(*made, "--save", tmp_path / "jobs.json")
    assert printed.startswith('4 jobs\nfirst: {"Plate": "P1", "Well": "A01"}\nlast:  {"Plate": "P2", "Well"')

    # What it says is to be done is done, and what it says comes next is typed.
    (wanted,) = (line for line in printed.splitlines() if "INPUT = " in line)
    config.write_text(config.read_text() + wanted[wanted.index("INPUT = ") :] + "\n")
    last = printed.rstrip().splitlines()[-1]
    assert last.startswith("Next:  python run.py --config ")
    done = shell.run(*shlex.split(last)[3:])
    assert "4 jobs done, 0 skipped (done before), 0 failed" in done
    for plate in ("P1", "P2"):
        for well in ("A01", "A02"):
            result = data / "greetings" / f"{plate}-{well}" / "all"
            assert result.read_text() == f"{plate} {well} 1\n{plate} {well} 2\n"


def test_the_demo_s_job_file_could_have_been_made(shell, bucket, tmp_path):
    """The example's images, one job each."""
    path = tmp_path / "jobs.json"
    pattern = ("--bucket-folder", "images", "--pattern", "{image}", "--set", "method=otsu", "--save", path)
    printed = shell.run("--config", COUNT_OBJECTS / "config.py", "makeJobs", "--folder", bucket, *pattern)
    matrix = json.loads((COUNT_OBJECTS / "job.json").read_text())["groups"]["matrix"]
    made = json.loads(path.read_text())
    assert [group["image"] for group in made["groups"]] == matrix["image"]
    assert printed.rstrip().splitlines()[-1].endswith(f" local {path} --bucket {bucket}")
    assert "INPUT" not in printed
