"""Chromium, for the tests that look at pages as a reader sees them."""

from __future__ import annotations

import os
import shutil

import pytest

LACKING = "there is no Chromium (apt install chromium)"


def find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for found in map(shutil.which, names) if found), None)


def required_chromium() -> str:
    """Its path. Without it the test is skipped, or fails where EVERY_BROWSER is set."""
    found = find_chromium()
    if found is None:
        pytest.fail(LACKING) if os.environ.get("EVERY_BROWSER") else pytest.skip(LACKING)
    return found


def headless(browser: str, profile: object, *options: str) -> list[str]:
    """The command line of a browser without a window, whose profile is this folder."""
    common = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    return [browser, *common, f"--user-data-dir={profile}", *options]
