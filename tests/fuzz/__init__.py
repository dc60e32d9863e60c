"""Fuzzing of the parsers with atheris (`make fuzz`): the properties of tests/unit/hostile, with other input.

Bytes are chosen by what code they reach, hundreds of thousands of times, where hypothesis tries some hundred.
https://github.com/google/atheris
"""
