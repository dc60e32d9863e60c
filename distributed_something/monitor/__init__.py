"""One monitor, by hand and as a Lambda function: look, judge, act, and end the run."""
