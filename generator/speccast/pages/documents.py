"""HTML and Markdown as the text that a browser would copy, by inscriptis and markdown-it-py (`speccast[pages]`).

Lists and tables stay: a row of a table is a line with ` │ ` between its cells. Positions in reports are lines of the original
file, found by the words of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from speccast.errors import SpeccastError
from speccast.pages.text import MAX_CHARACTERS, MAX_DOCUMENT, MAX_MARKDOWN, MAX_MARKUP, PageText, decode

if TYPE_CHECKING:
    from pathlib import PurePath

SEPARATOR: Final = " \u2502 "
_HTML: Final = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_LONG_TAG: Final = re.compile(r"<([A-Za-z][\w-]{0,40})\b[^<>]{10000,}>")
"""A tag with so many attributes that the parser takes long."""
_OPENAPI: Final = re.compile(r"""(?:^|[{,\s])(?:"openapi"|openapi)\s*:\s*["']?3\.\d""")
_SWAGGER: Final = re.compile(r"""(?:\A\s*\{\s*|^|,\s*)"?swagger"?\s*:\s*["']?2\.0""", re.MULTILINE)
_DROPPED: Final = (
    "script", "style", "noscript", "template", "svg", "nav", "footer", "button", "select", "form",
)  # fmt: skip


@dataclass(frozen=True)
class ConvertedText(PageText):
    """The text of a document. Places are those of the original, as far as its words can be found there."""

    original: str = ""

    def place(self, offset: int) -> tuple[int, int]:
        line = super().place(offset)[0]
        return self._lines[min(line, len(self._lines)) - 1], 1

    @cached_property
    def _lines(self) -> list[int]:
        found: list[int] = []
        cursor = 0
        line = 1
        for text in self.text.split("\n"):
            word = max(re.findall(r"[\w./:-]+", text), key=len, default="")
            at = self.original.find(word, cursor) if word else -1
            if at >= 0:
                line += self.original.count("\n", cursor, at)
                cursor = at
            found.append(line)
        return found


def is_openapi(source: PageText) -> bool:
    """Return whether a text is an OpenAPI document, from the version that it names."""
    return bool(_OPENAPI.search(source.text))


def is_swagger(source: PageText) -> bool:
    """Return whether a text is a document of Swagger 2.0, the format before OpenAPI."""
    return bool(_SWAGGER.search(source.text))


def read_document_text(data: bytes, path: PurePath) -> PageText:
    """Return the text of a saved page: HTML by its beginning or ending, Markdown by its ending, else copied text.

    An OpenAPI document stays as it is.

    Raises:
        SpeccastError: the packages that read HTML or Markdown are not installed.
    """
    suffix = path.suffix.lower()
    whole = decode(data, path.name, is_markup=True, limit=MAX_DOCUMENT)
    if is_openapi(whole) and suffix in (".json", ".yaml", ".yml", ""):
        return whole
    source = decode(data, path.name, is_markup=True, limit=MAX_MARKUP)
    is_html = suffix in (".html", ".htm", ".xhtml") or bool(_HTML.match(source.text))
    is_markdown = not is_html and suffix in (".md", ".markdown")
    if not is_html:
        limit = MAX_MARKDOWN if is_markdown else MAX_CHARACTERS
        source = decode(data, path.name, is_markup=is_markdown, limit=limit)
        if not is_markdown:
            return source
    try:
        text, is_whole = _html_text(source.text if is_html else _markdown_html(source.text))
    except ImportError as error:
        raise SpeccastError(
            f"{path}: reading HTML and Markdown needs the package {error.name}",
            hint="run: pip install 'speccast[pages]'",
        ) from None
    remarks = source.remarks
    if not is_whole or len(text) > MAX_CHARACTERS:
        remarks = (*remarks, "only a part of the page was read: it is nested too deeply, or too long")
    return ConvertedText(source.name, text[:MAX_CHARACTERS], remarks, original=source.text)


def _markdown_html(text: str) -> str:
    from markdown_it import MarkdownIt

    html: str = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    return html


def _html_text(html: str) -> tuple[str, bool]:
    """Return the text of HTML, and whether the parser read it to its end."""
    from inscriptis import Inscriptis
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.model.config import ParserConfig
    from lxml.etree import ParserError
    from lxml.html import HTMLParser, document_fromstring

    parser = HTMLParser(encoding="utf-8", huge_tree=False)
    try:
        tree = document_fromstring(_LONG_TAG.sub(r"<\1>", html).encode(), parser=parser)
    except (ParserError, ValueError):  # an empty document
        return "", True
    is_whole = not any("depth" in each.message.lower() for each in parser.error_log)
    _prepare(tree)
    config = ParserConfig(css=CSS_PROFILES["strict"].copy(), table_cell_separator=SEPARATOR)
    text: str = Inscriptis(tree, config).get_text()
    return "\n".join(line.rstrip() for line in text.replace("\xa0", " ").split("\n")), is_whole


def _prepare(tree: Any) -> None:
    """Remove what is not text of the page, and the markup within code and within the cells of tables."""
    for element in list(tree.iter(*_DROPPED)):
        if element.getparent() is not None:
            element.drop_tree()
    for element in tree.iter():  # inscriptis replaces entities again
        element.text = element.text.replace("&", "&amp;") if element.text else element.text
        element.tail = element.tail.replace("&", "&amp;") if element.tail else element.tail
    for pre in tree.iter("pre"):
        for element in list(pre.iter("code", "span", "div")):
            if element.tag == "div":
                element.tail = "\n" + (element.tail or "")
            element.drop_tag()
    for cell in tree.iter("td", "th"):
        for element in list(cell.iter("br", "p", "div", "li", "ul")):
            element.text = " " + (element.text or "")
            element.tail = " " + (element.tail or "")
            element.drop_tag()
