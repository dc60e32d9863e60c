"""One thing that `check` found: a mistake that would keep a run from working, or something to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Iterable, Iterator, Sequence

from ..aws.errors import explain
from ..errors import DistributedSomethingError


@dataclass(frozen=True)
class Finding:
    """``mend``: what to do about it, '' for what is only good to know."""

    what: str
    mend: str = ""

    @property
    def is_mistake(self) -> bool:
        return bool(self.mend)

    def line(self) -> str:
        return f"wrong: {self.what}. {self.mend}" if self.mend else f"note:  {self.what}"


def mistake(
    error: DistributedSomethingError, otherwise: str, marks: Sequence[str] = ("\n", "; ", ". ")
) -> Finding:
    """Our errors say what is wrong, and then what to do: here apart, at the first of ``marks``.

    ``otherwise``: what to do about an error that does not say it.
    """
    text = str(error)
    for mark in marks:
        what, found, mend = text.rpartition(mark) if mark == "\n" else text.partition(mark)
        if found:
            return Finding(what.replace("\n", "; "), mend[:1].upper() + mend[1:])
    return Finding(text, otherwise)


def gathered(subject: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """The findings; what AWS refuses to tell is a note, and what the user wrote wrong a mistake."""
    try:
        yield from look()
    except DistributedSomethingError as error:
        yield mistake(error, "Mend it and check again")
    except Exception as error:
        told = explain(error)
        if told is None:
            raise
        yield Finding(f"{subject} could not be checked: {told}")
