"""The emulated AWS of the functional tests, one for all scenarios."""

from tests.functional.conftest import moto, unique  # noqa: F401 - fixtures
