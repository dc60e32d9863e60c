"""What must hold for both workers, on the one emulated AWS that the security review uses."""

import pytest

both_workers = pytest.mark.parametrize("rig", ["python3-moto", "python2-moto"], indirect=True)
