"""What stands on the pages is true: variables and defaults, commands and their options, sums, links."""

import ast
import json
import re
import shlex
import subprocess
from urllib.parse import urlsplit

import pytest

from distributed_something import cli
from distributed_something.commands import COMMANDS
from distributed_something.config import loader
from distributed_something.config.settings import EXAMPLE_VALUES, VARIABLES
from distributed_something.config.variable import REQUIRED
from distributed_something.errors import UserError
from tests.guide import pages, variables

CONFIG_PAGE = pages.CHECKOUT / "documentation" / "step_1_config.md"
COSTS_PAGE = pages.CHECKOUT / "documentation" / "costs.md"
_LISTED = subprocess.run(
    ["git", "-C", str(pages.CHECKOUT), "ls-files", "*.md"], check=True, text=True, capture_output=True
)
EVERY_PAGE = [pages.CHECKOUT / name for name in _LISTED.stdout.splitlines()]
each_page = pytest.mark.parametrize("path", EVERY_PAGE, ids=pages.name_of)


def variables_of_the_page():
    """{variable: default as it stands in the table}."""
    rows = [row for table in pages.tables(CONFIG_PAGE) for row in table if row[0].startswith("`")]
    assert all(row[2] for row in rows)
    names = [row[0].strip("`") for row in rows]
    assert len(set(names)) == len(names)
    return dict(zip(names, (row[1] for row in rows)))


def test_every_variable_of_config_py_is_on_the_page_as_settings_declares_it():
    page = CONFIG_PAGE.read_text(encoding="utf-8")
    assert page == variables.with_tables(page), "run  python -m tests.guide.variables"


def test_a_default_is_what_its_row_says():
    told = variables_of_the_page()
    required = {
        name.upper(): EXAMPLE_VALUES.get(name.upper(), "Guide")
        for name, declared in VARIABLES.items()
        if declared.default is REQUIRED
    }
    true = loader.settings_from(dict(required), "config.py")
    scope = dict(required)
    for _ in VARIABLES:  # a default may be made from one that stands further down
        for name in set(told) - set(scope):
            try:
                scope[name] = eval(told[name].strip("`"), {}, scope)
            except NameError:
                continue
    assert loader.settings_from(scope, "step_1_config.md") == true


def test_every_variable_of_config_py_as_it_comes_is_on_the_page():
    scope = {}
    exec((pages.CHECKOUT / "config.py").read_text(encoding="utf-8"), scope)
    assert {name for name in scope if name.isupper()} <= set(variables_of_the_page())


@pytest.mark.parametrize("path", [COSTS_PAGE, CONFIG_PAGE.with_name("sizing.md")], ids=lambda path: path.stem)
def test_the_sums_are_right(path):
    sums = [
        (left, right)
        for table in pages.tables(path)
        for row in table
        for left, right in equations(row)
        if right
    ]
    assert len(sums) > 2
    for left, right in sums:
        digits = len(right.partition(".")[2])
        assert round(computed(left) + 1e-9, digits) == pytest.approx(computed(right)), (
            f"{left} is not {right}"
        )


def test_what_the_page_says_is_printed_stands_in_the_code():
    said = [
        row[0]
        for table in pages.tables(pages.INDEX.with_name("troubleshooting.md"))
        for row in table[1:]
        if table[0][0] == "it says"
    ]
    assert len(said) > 20
    texts = texts_of_the_code()
    assert [one for one in said if one not in texts] == []


def texts_of_the_code():
    """All texts of the library and the worker, a text that stands on several lines as one."""
    sources = [
        path for part in ("distributed_something", "worker") for path in (pages.CHECKOUT / part).rglob("*.py")
    ]
    return "\n".join(
        node.value
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def equations(row):
    """`left = right` within a cell, or a sum in the second cell and what it comes to in the third."""
    yield from (re.findall(r"([\d ,.×+()/-]*[×+/][\d ,.×+()/-]*) = ([\d,.]*\d)", " | ".join(row)))
    if len(row) == 3 and re.fullmatch(r"[$\d ,.×+()/-]*[×+/][$\d ,.×+()/-]*", row[1]):
        yield row[1], row[2]


def computed(text):
    plain = text.replace("$", "").replace(",", "").replace("×", "*")
    assert re.fullmatch(r"[\d .*+()/-]+", plain), text
    return eval(plain)


def command_lines(path):
    """Every command of ours that a page names: in blocks and in sentences."""
    for token in pages.read(path):
        if token.type in ("fence", "code_block"):
            text = re.sub(r"\\\n\s*", " ", token.content)
            yield from (line.strip() for line in text.splitlines() if not line.lstrip().startswith(">"))
    for _, code in pages.inline_code(path):
        yield f"python run.py {code}" if code.split(" ")[0] in COMMANDS else code


@each_page
def test_every_command_that_is_named_exists_with_its_options(path):
    for line in command_lines(path):
        line = re.split(r"   | \| | > ", line)[0]
        if line.startswith("python run.py ") and "TOOL_IMAGE" not in line and "COMMAND" not in line:
            try:
                cli.parser().parse_args(shlex.split(line, comments=True)[2:])
            except UserError as error:
                # A sentence may name a command without what it needs.
                assert "are required" in str(error), f"{pages.name_of(path)}: {line}: {error}"
            except SystemExit as end:
                assert end.code == 0, line
        elif re.match(r"make [a-z]", line):
            makefile = (pages.CHECKOUT / "Makefile").read_text(encoding="utf-8")
            target = line.split()[1]
            assert f"\n{target}:" in makefile, f"{pages.name_of(path)}: there is no `make {target}`"


def test_what_the_readme_says_to_type_is_typed_by_the_walk_through_the_guide():
    typed = {
        line.strip()
        for path in pages.of_the_guide()
        for block in pages.blocks(path)
        if block.language == "shell" and block.mark != "not run"
        for line in block.text.splitlines()
    }
    typed.add("make test")  # this is part of it
    for block in pages.blocks(pages.CHECKOUT / "README.md"):
        for line in block.text.splitlines():
            command = line.split("  ")[0].replace("exampleJob.json", "coins.json")
            given = line.split("  ")[0] in typed or command in typed
            assert given, f"README.md says {line!r}, which nobody runs"


def test_the_index_lists_what_its_tables_of_contents_hold():
    """The lists are for those who read it in the repository, the tables for Sphinx; in the same order."""
    linked = [pages.INDEX.parent / target for target in targets(pages.INDEX)]
    linked = [path.resolve() for path in linked if path.parent.resolve() == pages.INDEX.parent]
    ordered = [path for path in pages.of_the_guide() if path in linked]
    assert linked == ordered
    here = pages.INDEX.parent.glob("*.md")
    assert {path.name for path in here} - {path.name for path in linked} <= {
        "index.md",
        "README.md",
        "reliability.md",
        "security.md",
    }


def test_the_readme_is_a_screen_and_a_half():
    assert len((pages.CHECKOUT / "README.md").read_text(encoding="utf-8").splitlines()) <= 75


@each_page
def test_links_lead_somewhere(path):
    for target in targets(path):
        parts = urlsplit(target)
        if parts.scheme:
            assert parts.scheme in ("https", "mailto") and (parts.netloc or parts.path), target
            assert " " not in target
            continue
        there = (path.parent / parts.path).resolve() if parts.path else path
        assert there.exists(), f"{pages.name_of(path)}: there is no {target}"
        if parts.fragment:
            assert parts.fragment in anchors(there), f"{pages.name_of(path)}: no heading {target}"


def targets(path):
    for token in pages.read(path):
        for child in token.children or []:
            address = child.attrGet("href") if child.type == "link_open" else child.attrGet("src")
            if child.type in ("link_open", "image"):
                yield address


def anchors(path):
    """Headings as repository pages name them."""
    tokens = pages.read(path)
    headings = [tokens[at + 1].content for at, one in enumerate(tokens) if one.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("path", sorted((pages.CHECKOUT / "documentation" / "pictures").glob("*")), ids=str)
def test_a_picture_is_small_and_shown(path):
    assert path.stat().st_size < 200_000
    assert any(path.name in page.read_text(encoding="utf-8") for page in EVERY_PAGE)


def test_the_version_is_the_same_everywhere():
    citation = (pages.CHECKOUT / "CITATION.cff").read_text(encoding="utf-8")
    setup = (pages.CHECKOUT / "setup.py").read_text(encoding="utf-8")
    version = json.loads(re.search(r"version=(\".+?\")", setup).group(1))
    assert f"\nversion: {version}\n" in citation
