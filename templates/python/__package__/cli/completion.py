"""Shell completion by click, with scripts that support values such as `16:9 landscape, wide`.

Click's script for bash inserts them unquoted, and bash ends a word at every colon; its script for fish cuts them at a comma.
Those for zsh and fish do not support `--flag=value`.
"""

from __future__ import annotations

import os
import re
from typing import ClassVar

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ZshComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from .._api import API
from .terminal import print_result

# A private character that marks the cursor.
_CURSOR = "\uf8ff"

_NEEDS_ESCAPE = re.compile(r"""([\s"'\\$`!&|;<>(){}\[\]*?#~^])""")
_BACKSLASHED = r"\\\1"


class QuotingBashComplete(BashComplete):
    """Reads the line as typed, and returns words in its quoting."""

    source_template: ClassVar[str] = """\
%(complete_func)s() {
    local kind value
    COMPREPLY=()
    while IFS=, read -r kind value; do
        case $kind in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done < <(COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \\
        COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete "$1")
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""

    def source(self) -> str:
        """The script. It does not check that bash is 4.4 or newer."""
        return self.source_template % self.source_vars()

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor, and the incomplete word at the cursor."""
        line = os.environ.get("COMP_LINE")
        if line is None:
            return super().get_completion_args()
        *words, last = split_arg_string(line + _CURSOR)
        return words[1:], last.partition(_CURSOR)[0]

    def format_completion(self, item: CompletionItem) -> str:
        """The word as bash must insert it for what it regards as the current word."""
        line = os.environ.get("COMP_LINE")
        value = str(item.value)
        if line is None or item.type != "plain" or _open_quote(line):
            return f"{item.type},{value}"
        _, typed = self.get_completion_args()
        if typed.startswith("-"):
            typed = typed.partition("=")[2]
        breaks = set(":=") & set(os.environ.get("COMP_WORDBREAKS", ":="))
        kept = max((typed.rfind(character) + 1 for character in breaks), default=0)
        return f"{item.type},{_NEEDS_ESCAPE.sub(_BACKSLASHED, value[kept:])}"


class ValueZshComplete(ZshComplete):
    """Completes the value after `--flag=` separately; zsh quotes it."""

    def source(self) -> str:
        """Click's script, changed to ignore the flag."""
        script = super().source().replace("\n    for type ", "\n    compset -P '--*='\n    for type ", 1)
        return script.replace("compadd -U ", 'compadd -U -i "$IPREFIX" ')


class ValueFishComplete(FishComplete):
    """Keeps commas in values and the flag before `=`; fish quotes them."""

    source_template: ClassVar[str] = """\
function %(complete_func)s
    set -l token (commandline -ct)
    set -l flag (string match -r -- '^--[^=]+=' $token)
    for completion in (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp) COMP_CWORD=$token %(prog_name)s)
        set -l item (string split -m 1 , -- $completion)
        switch $item[1]
            case dir
                __fish_complete_directories (string replace -- "$flag" "" $token) | string replace -r -- '^' "$flag"
            case file
                __fish_complete_path (string replace -- "$flag" "" $token) | string replace -r -- '^' "$flag"
            case plain
                echo -- "$flag$item[2]"
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


add_completion_class(QuotingBashComplete)
add_completion_class(ValueZshComplete)
add_completion_class(ValueFishComplete)


@click.command(short_help="Print a completion script.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that completes models, flags and values in a shell.

    Source it in ~/.bashrc or ~/.zshrc, or save it in ~/.config/fish/completions.
    """
    variable = f"_{API.command}_COMPLETE".replace("-", "_").upper()
    found = get_completion_class(shell)
    if found is not None:
        print_result(found(context.find_root().command, {}, API.command, variable).source().rstrip("\n"))


def _open_quote(line: str) -> str:
    """The quote that is open at the end of the line, or an empty text."""
    quote = ""
    characters = iter(line)
    for character in characters:
        if character == "\\" and quote != "'":
            next(characters, None)
        elif quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
    return quote
