"""Caches what moto looks up repeatedly although it never changes.

For every request: its own folders and the methods of its classes. In every session of boto3, of which it
makes many: botocore's descriptions of the services, some megabytes of JSON.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any


def apply() -> None:
    """Comes before the other extensions: loading moto's EC2 reads such descriptions."""
    from botocore.loaders import JSONFileLoader
    from moto import backends
    from moto.core import responses

    read = lru_cache(None)(JSONFileLoader().load_file)

    def load_file(self: Any, file_path: str) -> Any:
        return read(file_path)

    JSONFileLoader.load_file = load_file  # type: ignore[method-assign]  # botocore has no setting for it
    services = frozenset(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: services
    responses.method_names_from_class = lru_cache(None)(responses.method_names_from_class)
