"""A pattern like `{Plate}/{Well}_{Site}.tif`, and how it matches the name of a file. Pure.

A placeholder matches one or more characters of a folder's or file's name, `*` any number of them, and `**`
spans folders too. A name that matches in two ways is reported, never guessed: `{Well:well}`, `{Site:number}`
and `{Name:word}` restrict what a placeholder matches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Iterable, Iterator, NamedTuple

from worker.protocol.placeholders import OWN

from ...errors import UserError

# Each is greedy from where it begins, so that only one end is possible.
SHAPES = {
    "well": re.compile(r"(?:A[A-F]|[A-Z])[0-9]{1,2}(?![0-9])", re.IGNORECASE),
    "number": re.compile(r"(?<![0-9])[0-9]+"),
    "word": re.compile(r"[^\W_]+"),
}
_SHAPED = "{Well:well} (A01 to AF48), {Site:number} (digits) or {Name:word} (letters and digits)"
# The most ways examined for a key that matches in very many ways.
_MOST_WAYS = 1000
_NAME = re.compile(r"\w[\w .-]*\Z")
_TOKEN = re.compile(r"\{([^{}]*)\}|(\*\*?)|([{}])")


class PatternPart(NamedTuple):
    """A part of a pattern: literal ``text``, or a placeholder or star of this ``kind``."""

    kind: str  # 'text', 'star' (*), 'folders' (**), 'free' ({Name}), or one of SHAPES
    text: str  # the literal text, or the placeholder's name; '' for stars

    @property
    def is_name(self) -> bool:
        return self.kind == "free" or self.kind in SHAPES

    @property
    def is_loose(self) -> bool:
        """Whether only the next part determines where it ends."""
        return self.kind in ("star", "folders", "free")

    def __str__(self) -> str:
        return {"text": self.text, "star": "*", "folders": "**"}.get(self.kind, f"{{{self.text}}}")

    def ends(self, key: str, start: int) -> Iterable[int]:
        """The possible ends in the key if it begins at ``start``."""
        if self.kind == "text":
            return (start + len(self.text),) if key.startswith(self.text, start) else ()
        if self.kind in SHAPES:
            found = SHAPES[self.kind].match(key, start)
            return (found.end(),) if found else ()
        if self.kind == "folders":
            return range(start, len(key) + 1)
        slash = key.find("/", start)
        end = len(key) if slash < 0 else slash
        return range(start + (self.kind == "free"), end + 1)


class Reading(NamedTuple):
    """How a pattern matches one key. ``values`` is None if it does not.

    ``depth``: how many parts matched. ``other``: a second way to match, if there is one.
    """

    values: dict[str, str] | None
    depth: int
    other: dict[str, str] | None = None


NOT_READ = Reading(None, 0)


@dataclass(frozen=True)
class Pattern:
    """A parsed pattern."""

    text: str
    parts: tuple[PatternPart, ...]

    @property
    def names(self) -> list[str]:
        """The distinct placeholders, in order."""
        return list(dict.fromkeys(part.text for part in self.parts if part.is_name))

    @property
    def beginning(self) -> str:
        """The literal beginning of every matching key."""
        return self.parts[0].text if self.parts[0].kind == "text" else ""

    def read(self, key: str, kept: Iterable[str] | None = None) -> Reading:
        """The values of the placeholders in the key; only of those in ``kept``, if given.

        In the worst case, time grows with the square of the key's length.
        """
        steps: list[dict[int, list[int]]] = []  # for each part: where it may begin -> where it may end
        starts = {0}
        for part in self.parts:
            step = {start: list(part.ends(key, start)) for start in sorted(starts)}
            starts = {end for ends in step.values() for end in ends}
            if not starts:
                return Reading(None, len(steps))
            steps.append(step)
        depth = len(steps)
        wanted = {len(key)}
        for step in reversed(steps):  # only what leads to the key's end is kept
            for start, ends in step.items():
                step[start] = [end for end in ends if end in wanted]
            wanted = {start for start, ends in step.items() if ends}
        if 0 not in wanted:
            return Reading(None, depth)
        names = self.names if kept is None else list(kept)
        found: list[dict[str, str]] = []
        for way in islice(self._ways(key, steps, 0, 0, {}), _MOST_WAYS):
            values = way and {name: way[name] for name in names}
            if values and values not in found:
                found.append(values)
                if len(found) == 2:
                    return Reading(found[0], depth, found[1])
        return Reading(found[0] if found else None, depth)

    def _ways(
        self, key: str, steps: list[dict[int, list[int]]], number: int, start: int, values: dict[str, str]
    ) -> Iterator[dict[str, str] | None]:
        """Each way to match the key from a part on; None for one where a repeated placeholder differs."""
        if number == len(steps):
            yield values
            return
        part = self.parts[number]
        for end in steps[number][start]:
            if not part.is_name:
                yield from self._ways(key, steps, number + 1, end, values)
            elif values.get(part.text, key[start:end]) == key[start:end]:
                added = {**values, part.text: key[start:end]}
                yield from self._ways(key, steps, number + 1, end, added)
            else:
                yield None

    def template(self, kept: Iterable[str]) -> str:
        """The pattern as INPUT of config.py, with '*' for what is not in the job."""
        chosen = set(kept)
        parts = [_as_template(part, chosen) for part in self.parts]
        return re.sub(r"\*+", "*", "".join(parts))


def _as_template(part: PatternPart, kept: set[str]) -> str:
    if part.kind == "text":
        return part.text.replace("{", "{{").replace("}", "}}")
    return f"{{{part.text}}}" if part.is_name and part.text in kept else "*"


def parse_pattern(text: str) -> Pattern:
    """Parse a pattern. Raises UserError saying how to fix it."""
    parts: list[PatternPart] = []
    end = 0
    for found in _TOKEN.finditer(text):
        if found.start() > end:
            parts.append(PatternPart("text", text[end : found.start()]))
        end = found.end()
        stars, brace = found.group(2), found.group(3)
        if brace:
            raise UserError(
                f"--pattern {text}: a {brace!r} without its partner; a placeholder is written {{Name}}"
            )
        if stars:
            parts.append(PatternPart("star" if stars == "*" else "folders", ""))
        else:
            parts.append(_placeholder(found.group(1), text))
    if end < len(text):
        parts.append(PatternPart("text", text[end:]))
    made = Pattern(text, tuple(parts))
    if not any(part.is_name for part in parts):
        raise UserError(
            f"--pattern {text!r}: has no placeholder; write for example {{Plate}}/{{Well}}_{{Site}}.tif: "
            "what differs from job to job stands in braces"
        )
    for one, following in zip(parts, parts[1:]):
        if one.is_loose and following.is_loose:
            raise UserError(
                f"--pattern {text}: where {one} ends and {following} begins cannot be seen; write what "
                f"stands between them, or what they look like: {_SHAPED}"
            )
    return made


def _placeholder(inside: str, text: str) -> PatternPart:
    name, colon, shape = inside.partition(":")
    if not _NAME.match(name):
        raise UserError(
            f"--pattern {text}: {{{inside}}} is no placeholder; write a name of letters and digits in braces"
        )
    if name in OWN:
        raise UserError(
            f"--pattern {text}: {{{name}}} is filled in by the worker itself; choose another name, for "
            f"example {{{name.capitalize()}}}"
        )
    if "_comment" in name:
        raise UserError(f"--pattern {text}: keys with _comment in them are dropped; choose another name")
    if colon and shape not in SHAPES:
        raise UserError(f"--pattern {text}: {{{inside}}} is not known; it may be {_SHAPED}")
    return PatternPart(shape if colon else "free", name)


def ambiguous(key: str, reading: Reading) -> UserError:
    """The error for a key that matches in two ways."""
    ways = [
        ", ".join(f"{name} {value!r}" for name, value in way.items())
        for way in (reading.values or {}, reading.other or {})
    ]
    return UserError(
        f"{key!r} can be read in more than one way: {ways[0]}; or {ways[1]}. Say in --pattern what "
        f"a placeholder looks like: {_SHAPED}"
    )


class Nearest:
    """Keeps the few keys that came closest to a pattern, of any number that do not match it."""

    def __init__(self, most: int = 3) -> None:
        self.count = 0
        self._most = most
        self._kept: list[tuple[int, int, str]] = []

    def add(self, key: str, depth: int) -> None:
        self.count += 1
        if len(self._kept) < self._most or -depth < self._kept[-1][0]:
            self._kept = sorted([*self._kept, (-depth, self.count, key)])[: self._most]

    def __str__(self) -> str:
        return ", ".join(repr(key) for _, _, key in self._kept)
