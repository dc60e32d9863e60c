import pytest

from tests.functional.worker.rig import Rig


@pytest.fixture
def rig(emulator, unique, tmp_path):
    made = Rig(emulator, unique, tmp_path)
    yield made
    made.close()
