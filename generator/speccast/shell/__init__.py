"""Shell completion by click, with values such as `16:9 landscape, wide`, `it's` and `$(date)`.

Click's script for bash inserts values unquoted, so that a shell would expand them, and bash ends a word at every colon;
its script for fish cuts them at a comma. Those for zsh and fish do not support `--flag=value`. File names are completed and
quoted by the shell. Clients have a copy of this package.
"""

from __future__ import annotations

import os
import re
from typing import ClassVar

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

_CURSOR = "\uf8ff"
"""A private character that marks the cursor."""
_SPECIAL = re.compile(r"[^\w@%+,./:=-]")
_SPECIAL_IN_DOUBLE_QUOTES = re.compile(r'[\\"$`]')
_BACKSLASHED = r"\\\g<0>"


class _Printable(ShellComplete):
    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Security boundary: leave out values that would end a line of the protocol or steer the terminal."""
        found = super().get_completions(args, incomplete)
        return [item for item in found if str(item.value).isprintable()]


class _Bash(_Printable, BashComplete):
    """Reads the line as typed, and returns values in its quoting."""

    source_template: ClassVar[str] = """\
%(complete_func)s() {
    local item
    COMPREPLY=()
    while IFS= read -r item; do
        case $item in
            dir,*) compopt -o dirnames ;;
            file,*) compopt -o default ;;
            plain,*) COMPREPLY+=("${item#plain,}") ;;
        esac
    done < <(COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \\
        COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete "$1")
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""

    def source(self) -> str:
        """Return the script. It does not check that bash is 4.4 or newer."""
        return self.source_template % self.source_vars()

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the cursor, and the incomplete word at the cursor."""
        line = os.environ.get("COMP_LINE")
        if line is None:
            return super().get_completion_args()
        *words, _ = split_arg_string(line + _CURSOR)
        return words[1:], _last_word(line)

    def format_completion(self, item: CompletionItem) -> str:
        """Security boundary: return a value so that bash inserts a quoted form of it and never expands it."""
        line = os.environ.get("COMP_LINE")
        value = str(item.value)
        if line is None or item.type != "plain":
            return f"{item.type},{value}"
        quote, start = _open_quote(line)
        if quote:
            # Bash replaces only what follows the quote, which may be open within the word: --flag=a"b
            value = value[len(_without_flag(_last_word(line[:start]))) :]
        match quote:
            # Bash adds a closing quote unless the value ends in the same character.
            case "'":
                escaped = value.replace("'", r"'\''")
                return "plain," + (escaped[:-1] if value.endswith("'") else escaped)
            case '"':
                # Bash expands an exclamation mark in double quotes, even after a backslash.
                escaped = _SPECIAL_IN_DOUBLE_QUOTES.sub(_BACKSLASHED, value)
                escaped = escaped.replace("!", "\"'!'\"")
                return "plain," + (escaped + '"' if escaped.endswith('"') else escaped)
            case _:
                pass
        typed = _without_flag(_last_word(line))
        # Bash replaces only what follows the last of these characters.
        breaks = set(":=") & set(os.environ.get("COMP_WORDBREAKS", ":="))
        kept = max((typed.rfind(character) + 1 for character in breaks), default=0)
        return "plain," + _SPECIAL.sub(_BACKSLASHED, value[kept:])


class _Zsh(_Printable, ZshComplete):
    """Completes the value after `--flag=` separately. Zsh quotes values."""

    def source(self) -> str:
        """Return click's script, changed to ignore the flag."""
        script = super().source().replace("\n    for type ", "\n    compset -P '--*='\n    for type ", 1)
        return script.replace("compadd -U ", 'compadd -U -i "$IPREFIX" ')


class _Fish(_Printable, FishComplete):
    """Keeps commas in values and the flag before `=`. Fish quotes values."""

    source_template: ClassVar[str] = """\
function %(complete_func)s
    set -l token (commandline -ct)
    set -l flag (string match -r -- '^--[^=]+=' $token)
    set -l path (string replace -- "$flag" "" $token)
    set -l path (string unescape -- $path; or string unescape -- $path\\'; or string unescape -- $path\\")
    for completion in (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp) COMP_CWORD=$token %(prog_name)s)
        set -l item (string split -m 1 , -- $completion)
        switch $item[1]
            case dir
                __fish_complete_directories "$path" | string replace -r -- '^' "$flag"
            case file
                __fish_complete_path "$path" | string replace -r -- '^' "$flag"
            case plain
                echo -- "$flag$item[2]"
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}

for _class in SHELLS.values():
    add_completion_class(_class)  # click completes with these


def _last_word(line: str) -> str:
    """Return the word at the end of a line, as typed so far but without quotes and escapes."""
    return split_arg_string(line + _CURSOR)[-1].partition(_CURSOR)[0]


def _without_flag(word: str) -> str:
    """Return the value in a word such as `--flag=value`."""
    return word.partition("=")[2] if word.startswith("-") else word


def _open_quote(line: str) -> tuple[str, int]:
    """Return the quote that is open at the end of a line, and where it begins; an empty text if none is."""
    quote, start = "", 0
    characters = iter(enumerate(line))
    for index, character in characters:
        if character == "\\" and quote != "'":
            next(characters, None)
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote, start = character, index
    return quote, start
