"""Reads the request of a sample that sends a form: curl, JavaScript or Python.

    curl … -F image=@fox.png -F 'prompt=a fox'
    const form = new FormData(); form.append("image", fs.createReadStream("fox.png")); form.append("seed", 7);
    requests.post(url, files={"image": open("fox.png", "rb")}, data={"prompt": "a fox"})
    curl … --data-urlencode 'prompt=a fox'

The fields of curl are texts: what they are in the spec is what the page documents.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from speccast.pages.code import STRING, closing, without_line_numbers
from speccast.pages.literals import SampleValue, encodable, name_of, parse, single, value_of
from speccast.pages.samples import Sample
from speccast.specs.problems import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from speccast.pages.literals import Offsets

_CURL: Final = re.compile(r"\bcurl\b")
_FIELD: Final = re.compile(
    r"(?<!\S)(?P<option>-F|--form(?:-string)?|--data-urlencode)(?:\s+|=|(?<=-F))"
    r"(?:'(?P<single>[\w.\[\]-]{1,100}=[^'\n]*)'|\"(?P<double>[\w.\[\]-]{1,100}=(?:[^\"\\\n]|\\.)*)\""
    r"|(?P<bare>[\w.\[\]-]{1,100}=(?:@?\"[^\"\n]*\"|@?'[^'\n]*'|[^\s\"'\\]*)))"
)
_FORM: Final = re.compile(r"\b(?P<name>\w+)\s*=\s*new FormData\(\s*\)")
_LOOP: Final = re.compile(
    r"\.(?:append|set)\(\s*(?P<key>[A-Za-z_$][\w$]*)\s*,\s*(?:\w+\[\s*(?P=key)\s*\]|\w+)\s*\)"
)
"""A statement that fills a form from an object."""
_FILES: Final = re.compile(r"\bfiles\s*=\s*(?=[\[{])|\bMultipartEncoder\(\s*(?:fields\s*=\s*)?(?=\{)")
_ASSIGNED_FILE: Final = re.compile(
    r"\bfiles\[(?P<quote>[\"'])(?P<name>[^\"'\n]{1,200})(?P=quote)\]\s*=\s*(?!=)"
)
_FILE: Final = re.compile(
    r"createReadStream|readFile|openAsBlob|fileFrom|new (?:File|Blob)\b|\.files\b|(?i:\w*(?:file|blob|stream|buffer))\Z"
)
"""JavaScript that has the content of a file."""


def with_forms(text: str, start: int, end: int, found: Sequence[Sample]) -> list[Sample]:
    """Return the samples of a part of a page, with those that send a form. Files are added to the request they are sent with."""
    code = without_line_numbers(text[start:end])
    whole = [each.move(start) for each in _of_curl(code)]
    parts = [each.move(start) for each in _of_python(code)]
    for form, is_part in _of_javascript(code):
        (parts if is_part else whole).append(form.move(start))
    rest = [each for each in found if not any(_overlap(each.span, form.span) for form in whole)]
    for part in parts:
        beside = min(rest, key=lambda each: _distance(each.span, part.span), default=None)
        whole.append(part if beside is None else _join(beside, part))
        rest = [each for each in rest if each is not beside]
    return sorted([*rest, *whole], key=lambda each: each.span)


def _join(sample: Sample, part: Sample) -> Sample:
    """Return a request whose other fields, or whose files, are in a separate object."""
    if not part.body:
        return replace(sample, is_filled=True)
    return Sample(
        {**part.members, **{name: _as_text(each) for name, each in sample.members.items()}},
        Span(min(sample.span.start, part.span.start), max(sample.span.end, part.span.end)),
        sample.is_complete and part.is_complete,
        part.body,
    )


def _of_curl(code: str) -> Iterator[Sample]:
    """Yield the request of each curl command with fields."""
    begins = [match.start() for match in _CURL.finditer(code)]
    for begin, end in pairwise([*begins, len(code)]):
        fields = list(_FIELD.finditer(code, begin, end))
        if not fields:
            continue
        pairs = [_curl_field(match) for match in fields]
        body = "form" if all(match["option"] == "--data-urlencode" for match in fields) else "multipart"
        span = Span(fields[0].start(), fields[-1].end())
        yield Sample(_collect(pairs), span, bool(code[fields[-1].end() :].strip()), body)


def _curl_field(match: re.Match[str]) -> tuple[str, SampleValue]:
    group = next(each for each in ("single", "double", "bare") if match[each] is not None)
    name, text = match[group].split("=", 1)
    span = Span(match.start(group) + len(name) + 1, match.end(group))
    if group == "double":
        text = re.sub(r"\\([\\\"$`])", r"\1", text)
    if match["option"] in ("-F", "--form"):
        if text[:1] == "@":
            return name, SampleValue(None, span, is_exact=False, is_file=True)
        if text[:1] == "<":
            return name, SampleValue(None, span, is_exact=False)
        text = re.sub(r";\s*type=[^;]*\Z", "", text)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    return name, SampleValue(encodable(text), span, is_text=True)


def _of_javascript(code: str) -> Iterator[tuple[Sample, bool]]:
    """Yield the request of each `FormData` that is filled by `append` or `set`, and whether it is also filled from an object."""
    for form in _FORM.finditer(code):
        again = re.compile(rf"\b{form['name']}\s*=[^=]").search(code, form.end())
        end = again.start() if again else len(code)
        call = re.compile(
            rf"\b{form['name']}\.(?:append|set)\s*\(\s*(?P<quote>[\"'`])(?P<name>[^\"'`\n]{{1,200}})(?P=quote)\s*,"
        )
        pairs = []
        last = form.end()
        is_complete = True
        for match in call.finditer(code, form.end(), end):
            line = code[code.rfind("\n", 0, match.start()) + 1 : match.start()]
            if line.lstrip().startswith("//") or line.rstrip().endswith("//"):
                continue
            stop = closing(code, code.index("(", match.start()))
            if stop is None:
                is_complete = False
                break
            pairs.append((encodable(match["name"]), _javascript_value(code, match.end(), stop - 1)))
            last = stop
        is_part = _LOOP.search(code, form.end(), end) is not None
        if pairs or is_part:
            members = _collect([(name, _as_text(value)) for name, value in pairs])
            body = "multipart" if pairs else ""
            yield Sample(members, Span(form.start(), last), is_complete, body), is_part


def _javascript_value(code: str, begin: int, end: int) -> SampleValue:
    argument = code[begin:end]
    at = begin + len(argument) - len(argument.lstrip())
    stripped = re.sub(r"\bawait\s", "      ", argument).strip()
    at = begin + argument.index(stripped) if stripped in argument else at
    if (text := re.match(STRING, stripped)) is not None:
        stripped = text[0]
    elif _FILE.search(stripped.split(",")[0]) or re.search(rf",\s*(?:{STRING})\Z", stripped):
        return SampleValue(None, Span(at, at + len(stripped)), is_exact=False, is_file=True)
    known = single(stripped)
    span = Span(at, at + len(stripped))
    return SampleValue(None, span, is_exact=False) if known is None else replace(known, span=span)


def _of_python(code: str) -> Iterator[Sample]:
    """Yield the files of each request, and the texts that are sent among them."""
    for match in _FILES.finditer(code):
        begin = match.end()
        stop = closing(code, begin)
        read = None if stop is None else parse(code[begin:stop])
        if stop is None or read is None:
            continue
        are_files = match[0].startswith("files")
        pairs = [(name, each.move(begin)) for name, each in _parts(*read, are_files=are_files)]
        if pairs:
            yield Sample(_collect(pairs), Span(match.start(), stop), True, "multipart")
    for match in _ASSIGNED_FILE.finditer(code):
        if "#" not in code[code.rfind("\n", 0, match.start()) + 1 : match.start()].rstrip()[-1:]:
            value = SampleValue(None, Span(*match.span()), is_exact=False, is_file=True)
            yield Sample({encodable(match["name"]): value}, Span(*match.span()), True, "multipart")


def _parts(node: ast.expr, offsets: Offsets, *, are_files: bool) -> Iterator[tuple[str, SampleValue]]:
    """Yield the parts of a form: `(name, content)` and what is opened are files, `(None, text)` is a text."""
    pairs: Iterable[tuple[ast.expr | None, ast.expr]] = ()
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
    elif isinstance(node, ast.List):
        tuples = (each.elts for each in node.elts if isinstance(each, ast.Tuple))
        pairs = [(elements[0], elements[1]) for elements in tuples if len(elements) == 2]
    for key, value in pairs:
        name, span = name_of(key), offsets.span(value)
        if name is None:
            continue
        if isinstance(value, ast.Tuple) and len(value.elts) > 1 and value_of(value.elts[0]) == (None, True):
            text, is_exact = value_of(value.elts[1])
        elif are_files or isinstance(value, ast.Tuple):
            yield name, SampleValue(None, span, is_exact=False, is_file=True)
            continue
        else:
            text, is_exact = value_of(value)
        yield name, SampleValue(text, span, is_exact, is_text=isinstance(text, str))


def _collect(pairs: Iterable[tuple[str, SampleValue]]) -> dict[str, SampleValue]:
    """Return the members of a form. A name that is sent several times, or that ends in `[]`, is a list."""
    members: dict[str, SampleValue] = {}
    for name, value in pairs:
        known = members.get(name)
        if known is None:
            members[name] = value
            continue
        before = known.value if isinstance(known.value, list) else [known.value]
        members[name] = replace(
            known, value=[*before, value.value], is_exact=known.is_exact and value.is_exact, is_text=False
        )
    return {
        name: replace(each, value=[each.value], is_text=False)
        if name.endswith("[]") and not isinstance(each.value, list)
        else each
        for name, each in members.items()
    }


def _as_text(value: SampleValue) -> SampleValue:
    return replace(value, is_text=value.is_exact and isinstance(value.value, str))


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _distance(one: Span, other: Span) -> int:
    return max(other.start - one.end, one.start - other.end)
