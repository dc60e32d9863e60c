"""The security review, as tests; what each promises stands in documentation/security.md."""

from tests.end_to_end.conftest import shell  # noqa: F401 - a fixture
from tests.functional.commands.conftest import bench  # noqa: F401 - a fixture
from tests.functional.conftest import moto, unique  # noqa: F401 - fixtures
from tests.functional.worker.conftest import rig, shim  # noqa: F401 - fixtures
