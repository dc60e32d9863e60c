"""What must hold with and without a tool.py in Python 2.7, on the one emulated AWS of the security review."""

import pytest

both_pythons = pytest.mark.parametrize("rig", ["python3-moto", "shim2.7-moto"], indirect=True)
