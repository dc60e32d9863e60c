"""The monitor without a person: the code of `run.py monitor` as a Lambda function, one step a call."""
