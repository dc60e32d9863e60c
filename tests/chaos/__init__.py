"""Faults on purpose: what is promised must hold while AWS, workers and machines misbehave.

`make chaos` plays every scenario at full size and writes the table of documentation/reliability.md;
`python -m tests.chaos --only NAME --seed N` plays one again; test_promises.py plays them small, in `make
test`.
"""
