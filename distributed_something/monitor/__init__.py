"""The monitor, for `run.py monitor` and the Lambda function: observe, decide, act, end the run."""
