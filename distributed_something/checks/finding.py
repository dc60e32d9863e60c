"""One result of `check`: a mistake that would break the run, or a note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Iterable, Iterator, Sequence

from ..aws.errors import explain
from ..errors import DistributedSomethingError


@dataclass(frozen=True)
class Finding:
    """``fix``: what to do about a mistake; '' for a note."""

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
    """Split the text of one of our errors, at the first of ``marks``, into what is wrong and what to do.

    ``otherwise``: what to do if the error does not say.
    """
    text = str(error)
    for mark in marks:
        what, found, mend = text.rpartition(mark) if mark == "\n" else text.partition(mark)
        if found:
            return Finding(what.replace("\n", "; "), mend[:1].upper() + mend[1:])
    return Finding(text, otherwise)


def gathered(subject: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """The findings of ``look``. An error of AWS becomes a note, a user's error a mistake."""
    try:
        yield from look()
    except DistributedSomethingError as error:
        yield mistake(error, "Mend it and check again")
    except Exception as error:
        told = explain(error)
        if told is None:
            raise
        yield Finding(f"{subject} could not be checked: {told}")
