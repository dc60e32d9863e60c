"""The Markdown of the guide as data: its pages in reading order, their blocks of code, their inline code.

A block may have a mark: an HTML comment right before it, which no reader sees.

    <!-- not run: why -->        cannot be run here; the reason is for the reader of the source
    <!-- same as FILE -->        what stands in this file, which other tests use
    <!-- printed by FILE -->     this test sees that it is printed
    <!-- save as FILE -->        what the user writes into this file
    <!-- change FILE -->         assignments that replace those of the same names in this Python file
    <!-- exit N -->              the block ends with this exit code, and not with 0
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

from markdown_it import MarkdownIt

CHECKOUT = Path(__file__).resolve().parents[2]
INDEX = CHECKOUT / "documentation" / "index.md"
_MARKS = "not run|same as|printed by|save as|change|exit"
_MARK = re.compile(rf"<!--\s*({_MARKS})(?::\s*|\s+)(.+?)\s*-->\s*$", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block of code: its place, language, and mark with its argument ('' for none)."""

    page: str
    line: int
    language: str
    text: str
    mark: str = ""
    argument: str = ""

    @property
    def where(self) -> str:
        return f"{self.page}, line {self.line}"


def read(path: Path) -> list:
    """The tokens of a page."""
    return MarkdownIt("commonmark").enable("table").parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    """The page as it is called in messages: relative to the checkout."""
    return path.resolve().relative_to(CHECKOUT).as_posix()


def in_order() -> list[Path]:
    """The pages of the index's tables of contents, in the order in which they are read."""
    pages = []
    for token in read(INDEX):
        if token.type == "fence" and token.info.startswith("{toctree}"):
            for line in token.content.splitlines():
                entry = line.strip()
                if entry and not entry.startswith(":"):
                    pages += sorted(INDEX.parent.glob(entry + ("" if entry.endswith(".md") else ".md")))
    return pages


def of_the_guide() -> list[Path]:
    """Those that are walked through; an example's README belongs to the test of that example."""
    return [path for path in in_order() if path.parent == INDEX.parent]


def blocks(path: Path) -> list[Block]:
    """The blocks of code of a page, directives of Sphinx aside. Fails for one that is only indented."""
    found, mark, argument = [], "", ""
    for token in read(path):
        where = f"{name_of(path)}, line {(token.map or [0])[0] + 1}"
        assert token.type != "code_block", f"{where}: write ``` and the language round this block"
        if token.type == "fence" and not token.info.startswith("{"):
            line = token.map[0] + 1
            found.append(Block(name_of(path), line, token.info.strip(), token.content, mark, argument))
        matched = _MARK.match(token.content.strip()) if token.type == "html_block" else None
        mark, argument = matched.groups() if matched else ("", "")
    return found


def inline_code(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of all `code` within sentences and tables."""
    for token in read(path):
        for child in token.children or []:
            if child.type == "code_inline":
                yield (token.map or [0])[0] + 1, child.content


def tables(path: Path) -> Iterator[list[list[str]]]:
    """Each table as rows of cells, in Markdown; the first row is its head."""
    rows: list[list[str]] = []
    for token in read(path):
        if token.type == "table_open":
            rows = []
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and token.level >= 3 and rows:
            rows[-1].append(token.content)
        elif token.type == "table_close":
            yield rows
            rows = []
