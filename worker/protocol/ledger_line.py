"""The words in a line of the ledger: the worker writes them, the library reads them.

The keys of a line are listed in documentation/contracts.md.
"""

from __future__ import annotations

# What a successful attempt is warned about: it left nothing, or fewer files than EXPECTED_NUMBER_FILES.
NO_FILES = "NO_FILES"
FEWER_FILES = "FEWER_FILES"
