"""Objects whose names hold a line feed, which S3 takes: moto's patterns for addresses stop there."""

from __future__ import annotations

from typing import Any


def apply() -> None:
    from moto.moto_server.utilities import RegexConverter

    begin = RegexConverter.__init__

    def begin_with_line_feeds(self: Any, url_map: Any, *items: Any) -> None:
        begin(self, url_map, *items)
        self.regex = f"(?s:{self.regex})"

    RegexConverter.__init__ = begin_with_line_feeds
