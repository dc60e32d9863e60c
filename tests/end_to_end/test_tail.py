"""The end of a run: machines with nothing left to do go while another still works."""

import json
import re


def test_idle_machines_are_released_while_a_long_job_runs(shell, tmp_path):
    config = tmp_path / "config.py"
    config.write_text(
        "APP_NAME = 'Tail'\nDOCKERHUB_TAG = 'me/tool:1'\nAWS_BUCKET = 'tail-bucket'\nDOCKER_CORES = 1\n"
        "CLUSTER_MACHINES = 3\nCOMMAND = 'sleep {seconds}'\n"
    )
    jobs = [{"seconds": "25"}] + [{"seconds": f"0.{n}"} for n in range(1, 7)]
    (tmp_path / "job.json").write_text(json.dumps({"groups": jobs}))
    printed = shell.run(
        "--config", config, "local", tmp_path / "job.json", "--machines", 3, "--bucket", tmp_path / "data"
    )
    assert "7 jobs done, 0 skipped (done before), 0 failed; 7 attempts, 0 interrupted" in printed
    released = sum(map(int, re.findall(r"(\d+) released: nothing left", printed)))
    assert released == 2, printed
    assert "machines: 1 of 1" in printed
