"""Tables of options, made from the program itself when the site is built.

A line ``[[command NAME]]`` in a page becomes the help of a command, and ``[[options NAME]]`` the
options of a configuration class.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable

import napari_unet
from napari_unet.cli.flags.parser import build_parser
from napari_unet.core.option import options

MARK = re.compile(r"^\[\[(command|options) ([\w ]+)\]\]$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: object) -> str:
    """Called by mkdocs for each page."""
    made = {"command": command, "options": config_options}
    return MARK.sub(lambda found: made[found[1]](found[2]), markdown)


def command(name: str) -> str:
    """Usage and options of a command, a table per group."""
    parser = commands()[name]
    parts = [parser.description or "", f"```text\n{usage(parser)}\n```"]
    for group in parser._action_groups:
        rows = [(flags(action), parser_help(action)) for action in shown(group)]
        if rows:
            title = {"positional arguments": "what", "options": "general"}
            head = title.get(group.title or "", group.title or "")
            parts.append(table((head.capitalize(), "Meaning"), rows))
    return "\n\n".join(parts)


def commands() -> dict[str, argparse.ArgumentParser]:
    """The commands there are, by name, also those that stand after another, as `model export`."""
    found = dict(below(build_parser()))
    for name, parser in list(found.items()):
        found |= {f"{name} {word}": each for word, each in below(parser).items()}
    return found


def below(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The commands that follow a command's name."""
    parts = (each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
    return dict(next((each.choices for each in parts), {}))


def shown(group: argparse._ArgumentGroup) -> list[argparse.Action]:
    return [each for each in group._group_actions if not isinstance(each, argparse._HelpAction)]


def usage(parser: argparse.ArgumentParser) -> str:
    """What must be given; everything else stands in the tables."""
    needed = [
        action
        for group in parser._action_groups
        for action in shown(group)
        if action.required or not action.option_strings
    ]
    words = [flags(action).strip("`").replace("`, `", " ") for action in needed]
    return " ".join([parser.prog, *words, "[options]"])


def flags(action: argparse.Action) -> str:
    value = action.metavar or "|".join(map(str, action.choices or ()))
    value = f" {value}" if value and action.nargs != 0 else ""
    if not action.option_strings:
        forms = {"+": "`{}...`", "?": "`[{}]`"}
        return forms.get(str(action.nargs), "`{}`").format(value.strip() or action.dest)
    typed = "" if action.nargs == 0 else value or f" {action.dest.rpartition('.')[2].upper()}"
    return ", ".join(f"`{flag}{typed}`" for flag in action.option_strings)


def parser_help(action: argparse.Action) -> str:
    return (action.help or "").replace("%%", "%")


def config_options(name: str) -> str:
    """The options of a configuration class."""
    rows = []
    for entry in options(getattr(napari_unet, name)):
        about = entry.metadata
        limits = ", ".join(f"`{word}`" for word in about["choices"])
        if about["low"] is not None:
            limits = f"{about['low']:g} to {about['high']:,.10g} {about['unit']}".strip()
        rows.append((f"`{entry.name}`", f"`{entry.default!r}`", limits, about["help"]))
    return table(("Option", "Default", "Allowed", "Meaning"), rows)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    cells = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)
