"""Prints a spec as a page, in each layout that `speccast.pages` reads. The pages are made up; their layout is real."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SHOWN = 10
END = """Common Error Codes
The API returns standard HTTP status codes. Detailed error messages are provided in the response body.
Bad Request
Invalid parameters or request format
Timeout
Request timed out"""


def page(spec: Mapping[str, Any], layout: str) -> str:
    """Return the page of a model."""
    if layout == "attributes":
        return _attributes(spec)
    if layout == "table":
        return _table(spec)
    parameters = "".join(
        PRINTERS[layout](name, parameter) for name, parameter in in_order(spec["parameters"])
    )
    url = f"https://api.acme.example/v1/{spec['slug']}"
    squashed = layout == "squashed"
    head = [spec["title"], *([spec["description"]] if "description" in spec else [])]
    head += [spec["latency"]] if "latency" in spec else []
    sample = _sample(spec, url)
    begin = f"API Endpoint\n{'POST' if layout == 'labelled' else ''}{url}{'' if squashed else chr(10)}Parameters\n"
    return (
        "\n".join(head)
        + "\n"
        + sample
        + ("" if squashed else "\n")
        + begin
        + parameters
        + "Response Type\nReturns: Image\n"
        + END
    )


def in_order(parameters: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the parameters as pages print them: the required ones first, both groups by name."""
    return sorted(parameters.items(), key=lambda pair: (not pair[1].get("required"), pair[0]))


def printed_type(parameter: Mapping[str, Any]) -> str:
    """Return a type as pages print it, such as `string (uri)` or `object[]`."""
    kind = parameter["type"]
    if isinstance(kind, list):
        kind = next(each for each in kind if each != "null")
    if kind == "array" and "items" in parameter:
        return printed_type(parameter["items"]) + "[]"
    return f"{kind} ({parameter['format']})" if "format" in parameter else str(kind)


def _sample(spec: Mapping[str, Any], url: str) -> str:
    body = json.dumps(spec.get("example", {}), indent=4, ensure_ascii=False).split("\n")
    code = [
        "import requests",
        "import json",
        "",
        f'url = "{url}"',
        "headers = {",
        ' "x-api-key": "YOUR_API_KEY"',
        "}",
        "",
        f"data = {body[0]}",
        *body[1:],
        "",
        "response = requests.post(url, headers=headers, json=data)",
    ]
    return "\n".join(f"{number}{line}" for number, line in enumerate(code, 1))


def _requirement(parameter: Mapping[str, Any]) -> str:
    return "required" if parameter.get("required") else "optional"


def _default(parameter: Mapping[str, Any]) -> list[str]:
    shown = [parameter["default"]] if "default" in parameter else parameter.get("examples", [])
    return [json.dumps(value, ensure_ascii=False) for value in shown]


def _values(parameter: Mapping[str, Any]) -> list[str]:
    return [json.dumps(value, ensure_ascii=False) for value in parameter.get("enum", []) if value is not None]


def _more(parameter: Mapping[str, Any]) -> list[str]:
    return [f"+{parameter['hidden_values']} more"] if "hidden_values" in parameter else []


def _range(parameter: Mapping[str, Any]) -> list[str]:
    if "minimum" not in parameter:
        return []
    return [f"Range: {json.dumps(parameter['minimum'])} - {json.dumps(parameter['maximum'])}"]


def squash(name: str, parameter: Mapping[str, Any]) -> str:
    described = f"{parameter['description']}\n" if "description" in parameter else ""
    values = [*_default(parameter), *_values(parameter), *_more(parameter), *_range(parameter)]
    members = "".join(squash(*member) for member in _members(parameter))
    return f"{name}{_requirement(parameter)}{printed_type(parameter)}{described}{''.join(values)}{members}"


def squash_with_labels(name: str, parameter: Mapping[str, Any], *, limits: str = "Range: {} - {}") -> str:
    described = f"{parameter['description']}\n" if "description" in parameter else ""
    default = "".join(f"Default:\n{value}" for value in _default(parameter))
    listed = ""
    if "enum" in parameter:
        listed = f"{_total(parameter)}\n{''.join(_values(parameter))}{''.join(_more(parameter))}"
    members = "".join(squash_with_labels(*member, limits=limits) for member in _members(parameter))
    bounds = [json.dumps(parameter[key]) for key in ("minimum", "maximum") if key in parameter]
    return (
        f"{name}{_requirement(parameter)}{printed_type(parameter)}{described}"
        f"{default}{listed}{limits.format(*bounds) if bounds else ''}{members}"
    )


def squash_with_bounds(name: str, parameter: Mapping[str, Any]) -> str:
    return squash_with_labels(name, parameter, limits="Min: {}Max: {}")


def label_each(name: str, parameter: Mapping[str, Any]) -> str:
    lines = [f"{name}{_requirement(parameter)}", printed_type(parameter)]
    if "description" in parameter:
        lines += ["", parameter["description"], ""]
    values = [f"Default: {value}" for value in _default(parameter)] + _range(parameter)
    if values:
        lines.append("".join(values))
    if "enum" in parameter:
        lines += [_total(parameter), "".join([*_values(parameter), *_more(parameter)])]
    if inner := _members(parameter):
        lines.append("Array items:")
        return "\n".join(lines) + "\n" + "".join(label_each(*member) for member in inner)
    return "\n".join(lines) + "\n"


def itemize(name: str, parameter: Mapping[str, Any]) -> str:
    lines = [name, f"{_requirement(parameter)}{printed_type(parameter)}"]
    lines += [parameter["description"]] if "description" in parameter else []
    lines += [*_default(parameter), *_values(parameter)]
    glued = [*_more(parameter), *_range(parameter)]
    members = "".join(itemize(*member) for member in _members(parameter))
    return "\n".join(lines) + "\n" + "".join(glued) + members


def _members(parameter: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the members of an object or of the items of an array, which pages print in their own order."""
    inner = parameter.get("items", parameter)
    return list(inner.get("properties", {}).items())


def _total(parameter: Mapping[str, Any]) -> str:
    if "hidden_values" not in parameter:
        return "Allowed values :"
    return f"Allowed values ({len(parameter['enum']) + parameter['hidden_values']} total):"


PRINTERS: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
    "squashed": squash,
    "squashed with labels": squash_with_labels,
    "squashed with bounds": squash_with_bounds,
    "labelled": label_each,
    "itemized": itemize,
}

_OLDER_TYPES = {"integer": "int", "number": "float", "string": "str", "boolean": "bool", "array": "Array"}


def _attributes(spec: Mapping[str, Any]) -> str:
    url = f"https://api.acme.example/v1/{spec['slug']}"
    body = json.dumps(spec.get("example", {}), indent=1, ensure_ascii=False).replace("\n", " ")
    code = f'const axios = require("axios"); const url = "{url}"; const reqBody = {body}; send(url, reqBody);'
    numbers = " ".join(map(str, range(1, 12)))
    parameters = "".join(_attribute(spec["parameters"]))
    return (
        f"POST\njavascript\n{numbers} {code}\nRESPONSE\n{spec['returns'][0]}\nHTTP Response Codes\n200 - OK\n\n"
        f"Attributes\n\n\n{parameters}To keep track of your credit usage, you can monitor the headers"
        " to avoid any disruptions in your API usage.\n"
    )


def _attribute(parameters: Mapping[str, Any]) -> Iterator[str]:
    for name, parameter in parameters.items():
        default = f" ( default: {_bare(parameter['default'])} )" if "default" in parameter else ""
        star = " *" if parameter.get("required") else ""
        parts = [f"{name}{_OLDER_TYPES[parameter['type']]}{star}{default}"]
        parts += [parameter["description"]] if "description" in parameter else []
        if "minimum" in parameter:
            parts += [f"min : {parameter['minimum']},", f"max : {parameter['maximum']}"]
        yield "\n\n".join(parts) + "\n\n\n"


def _table(spec: Mapping[str, Any]) -> str:
    """Return a page in Markdown. Its table has no place for limits, lists of values and members."""
    code = json.dumps(spec.get("example", {}), indent=2, ensure_ascii=False)
    url = f"https://api.acme.example/v1/{spec['slug']}"
    rows = [["Name", "Type", "Required", "Default", "Description"], ["---"] * 5]
    for name, parameter in spec["parameters"].items():
        default = json.dumps(parameter["default"], ensure_ascii=False) if "default" in parameter else ""
        required = "yes" if parameter.get("required") else "no"
        rows.append([name, printed_type(parameter), required, default, parameter["description"]])
    lines = (" | ".join(cell.replace("|", r"\|") for cell in row) for row in rows)
    table = "\n".join(f"| {line} |" for line in lines)
    return (
        f'{spec["title"]}\n{spec["description"]}\n\nurl = "{url}"\ndata = {code}\n'
        f"response = requests.post(url, json=data)\n\n{table}\n\nReturns: Image\n"
    )


def _bare(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
