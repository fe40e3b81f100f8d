"""A corpus of changes, one of each kind, with the expected effect for each side.

Effects, in the order wire, Python, command line, vendored copy, tests: `B` breaking, `T` breaking in the type check, `R` breaking
at run time, `I` breaking when it is installed, `h` behavior, `a` addition, `t` text, `-` none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from speccast.diff.change import Level, Side
from speccast.diff.rules import RULES

if TYPE_CHECKING:
    from speccast.diff.change import Effects
    from tests.diff.conftest import Compare

REFUSED, UNTYPED, RENAMED = "BRBRB", "BTBTB", "-TBTB"
BEHAVIOR, ADDITION, TEXT, DOCUMENTED = "hhhhh", "aaaaa", "ttttt", "-t-t-"
SENT, NEW_CLIENT = "BaaBa", "-TBTB"
UPLOAD = "{url: /v1/files, body: {data: ['{data_uri}']}, answer: {body: {url: '{url}'}}}"
KEYS = "auth: {alternatives: [{in: query, name: key}]}"
SERVER = "B--B-"
WORD = "BThTB"
"""A value of another type, which is the same word on the command line."""
FOX = "surfaces: [sync, async]\nparameters: {photo: {type: string, media: image}}"
"""A model with jobs and a picture, on which changes of an API have an effect."""

PARAMETERS = [
    # Added and removed
    ("", "x: {type: integer}", "V201", ADDITION),
    ("", "x: {type: integer, default: 3}", "V201", ADDITION),
    ("", 'x: {type: [string, "null"]}', "V201", ADDITION),
    ("", "x: {type: integer, required: true}", "V202", UNTYPED),
    ("", "x: {type: string, enum: [a], required: true}", "V202", UNTYPED),
    ("", "x: {type: integer, required: true, default: 3}", "V202", SENT),
    ("", "x: {type: boolean, required: true, default: false}", "V202", SENT),
    ("x: {type: integer}", "", "V203", UNTYPED),
    ("x: {type: integer, required: true}", "", "V203", UNTYPED),
    ("x: {type: array, items: {type: string}}", "", "V203", UNTYPED),
    ("x: {type: integer, minimum: 3}", "y: {type: integer, minimum: 3}", "V203", UNTYPED),
    # Required and optional
    ("x: {type: integer}", "x: {type: integer, required: true}", "V204", UNTYPED),
    ("x: {type: integer, default: 1}", "x: {type: integer, default: 1, required: true}", "V204", SENT),
    ("x: {type: integer, required: true}", "x: {type: integer}", "V205", ADDITION),
    ("x: {type: integer, required: true, default: 1}", "x: {type: integer, default: 1}", "V205", ADDITION),
    # Defaults
    ("x: {type: integer, default: 1}", "x: {type: integer, default: 2}", "V206", BEHAVIOR),
    ("x: {type: integer}", "x: {type: integer, default: 2}", "V206", TEXT),
    ("x: {type: integer, default: 1}", "x: {type: integer}", "V206", TEXT),
    ("x: {type: integer, required: true, default: 1}", "x: {type: integer, required: true, default: 2}", "V206", BEHAVIOR),
    ("x: {type: integer, required: true, default: 1}", "x: {type: integer, required: true}", "V206", NEW_CLIENT),
    ("x: {type: integer, required: true}", "x: {type: integer, required: true, default: 1}", "V206", BEHAVIOR),
    ("x: {type: string, default: a}", "x: {type: string, default: b}", "V206", BEHAVIOR),
    ("x: {type: boolean, default: true}", "x: {type: boolean, default: false}", "V206", BEHAVIOR),
    ("x: {type: array, default: []}", "x: {type: array, default: [1]}", "V206", BEHAVIOR),
    # Conditions and names
    ("x: {type: integer}", "x: {type: integer, applies_when: {prompt: a}}", "V207", BEHAVIOR),
    ("x: {type: integer, applies_when: {prompt: a}}", "x: {type: integer}", "V207", BEHAVIOR),
    ("x: {type: integer, applies_when: {prompt: a}}", "x: {type: integer, applies_when: {prompt: b}}", "V207", BEHAVIOR),
    ("x: {type: integer}", "x: {type: integer, name: number}", "V208", RENAMED),
    ("x: {type: integer, name: number}", "x: {type: integer}", "V208", RENAMED),
    # Types
    ("x: {type: integer}", "x: {type: string}", "V301", WORD),
    ("x: {type: string}", "x: {type: integer}", "V301", UNTYPED),
    ("x: {type: number}", "x: {type: integer}", "V301", UNTYPED),
    ("x: {type: integer}", "x: {type: number}", "V301", ADDITION),
    ("x: {type: boolean}", "x: {type: string}", "V301", UNTYPED),
    ("x: {type: array}", "x: {type: object}", "V301", UNTYPED),
    ("x: {type: string}", "x: {type: array, items: {type: string}}", "V301", "BRhRB"),
    ("x: {type: integer}", "x: {type: array, items: {type: integer}}", "V301", "BThTB"),
    ("x: {type: number}", "x: {type: array, items: {type: number}, minItems: 2}", "V301", "BTBTB"),
    ('x: {type: [string, "null"]}', "x: {type: string}", "V301", WORD),
    ("x: {type: string}", 'x: {type: [string, "null"]}', "V301", ADDITION),
    ("x: {type: integer}", 'x: {type: [number, "null"]}', "V301", ADDITION),
    ('x: {type: [integer, "null"]}', "x: {type: number}", "V301", UNTYPED),
    # Choices
    ("x: {type: string, enum: [a, b]}", "x: {type: string, enum: [a]}", "V302", UNTYPED),
    ("x: {type: string, enum: [a]}", "x: {type: string, enum: [a, b]}", "V302", ADDITION),
    ("x: {type: string, enum: [a, b]}", "x: {type: string, enum: [b, a]}", "V302", TEXT),
    ("x: {type: string, enum: [a, b]}", "x: {type: string, enum: [a, c]}", "V302", UNTYPED),
    ("x: {type: string, enum: [a]}", "x: {type: string}", "V302", ADDITION),
    ("x: {type: string}", "x: {type: string, enum: [a]}", "V302", UNTYPED),
    ("x: {type: string, enum: [a, b], open: true}", "x: {type: string, enum: [a], open: true}", "V302", TEXT),
    ("x: {type: string, enum: [a], open: true}", "x: {type: string, enum: [a, b], open: true}", "V302", TEXT),
    ("x: {type: string, enum: [a], open: true}", "x: {type: string, enum: [a]}", "V302", UNTYPED),
    ("x: {type: string, enum: [a]}", "x: {type: string, enum: [a], open: true}", "V302", ADDITION),
    ("x: {type: string, enum: [a], hidden_values: 4}", "x: {type: string, enum: [a]}", "V302", UNTYPED),
    ("x: {type: string, enum: [a]}", "x: {type: string, enum: [a], hidden_values: 4}", "V302", ADDITION),
    ("x: {type: integer, enum: [1, 2]}", "x: {type: integer, enum: [1]}", "V302", UNTYPED),
    ("x: {type: number, enum: [0.5, 1]}", "x: {type: number, enum: [1]}", "V302", REFUSED),
    ("x: {type: string, enum: [a, b], documented_as: {b: bb}}", "x: {type: string, enum: [a, b]}", "V302", UNTYPED),
    ("x: {type: string, enum: [a, b]}", "x: {type: string, enum: [a, b], documented_as: {b: bb}}", "V302", ADDITION),
    # Numbers
    ("x: {type: integer, maximum: 9}", "x: {type: integer, maximum: 8}", "V303", REFUSED),
    ("x: {type: integer, maximum: 8}", "x: {type: integer, maximum: 9}", "V303", ADDITION),
    ("x: {type: integer, minimum: 1}", "x: {type: integer, minimum: 2}", "V303", REFUSED),
    ("x: {type: integer, minimum: 2}", "x: {type: integer, minimum: 1}", "V303", ADDITION),
    ("x: {type: integer}", "x: {type: integer, minimum: 0}", "V303", REFUSED),
    ("x: {type: integer}", "x: {type: integer, maximum: 100}", "V303", REFUSED),
    ("x: {type: integer, minimum: 0}", "x: {type: integer}", "V303", ADDITION),
    ("x: {type: number, minimum: 0}", "x: {type: number, exclusiveMinimum: 0}", "V303", REFUSED),
    ("x: {type: number, exclusiveMinimum: 0}", "x: {type: number, minimum: 0}", "V303", ADDITION),
    ("x: {type: integer, exclusiveMinimum: 0}", "x: {type: integer, minimum: 1}", "V303", TEXT),
    ("x: {type: integer, maximum: 9}", "x: {type: integer, exclusiveMaximum: 10}", "V303", TEXT),
    ("x: {type: number, maximum: 1}", "x: {type: number, exclusiveMaximum: 1}", "V303", REFUSED),
    ("x: {type: number, maximum: 1.0}", "x: {type: number, maximum: 0.95}", "V303", REFUSED),
    ("x: {type: integer, minimum: 1, maximum: 9}", "x: {type: integer, minimum: 5, maximum: 20}", "V303", REFUSED),
    ("x: {type: integer, minimum: 1, maximum: 9}", "x: {type: integer, minimum: 0, maximum: 10}", "V303", ADDITION),
    ("x: {type: integer, maximum: 999999999999}", "x: {type: integer, maximum: 4294967295}", "V303", REFUSED),
    ("x: {type: integer, multipleOf: 8}", "x: {type: integer, multipleOf: 16}", "V304", REFUSED),
    ("x: {type: integer, multipleOf: 16}", "x: {type: integer, multipleOf: 8}", "V304", ADDITION),
    ("x: {type: integer, multipleOf: 8}", "x: {type: integer, multipleOf: 12}", "V304", REFUSED),
    ("x: {type: integer}", "x: {type: integer, multipleOf: 8}", "V304", REFUSED),
    ("x: {type: integer, multipleOf: 8}", "x: {type: integer}", "V304", ADDITION),
    ("x: {type: number, multipleOf: 0.1}", "x: {type: number, multipleOf: 0.2}", "V304", REFUSED),
    ("x: {type: number, multipleOf: 0.2}", "x: {type: number, multipleOf: 0.1}", "V304", ADDITION),
    ("x: {type: integer}", "x: {type: integer, multipleOf: 1}", "V304", TEXT),
    # Lengths, patterns and counts
    ("x: {type: string}", "x: {type: string, maxLength: 10}", "V305", REFUSED),
    ("x: {type: string, maxLength: 20}", "x: {type: string, maxLength: 10}", "V305", REFUSED),
    ("x: {type: string, maxLength: 10}", "x: {type: string, maxLength: 20}", "V305", ADDITION),
    ("x: {type: string, maxLength: 5000000}", "x: {type: string, maxLength: 4000000}", "V305", REFUSED),
    ("x: {type: string, maxLength: 4000000}", "x: {type: string, maxLength: 5000000}", "V305", TEXT),
    ("x: {type: string}", "x: {type: string, minLength: 1}", "V305", REFUSED),
    ("x: {type: string, minLength: 1}", "x: {type: string}", "V305", ADDITION),
    ("x: {type: string, minLength: 1}", "x: {type: string, minLength: 0}", "V305", ADDITION),
    ("x: {type: string}", "x: {type: string, minLength: 0}", "V305", TEXT),
    ("x: {type: string}", 'x: {type: string, pattern: "^a"}', "V306", REFUSED),
    ('x: {type: string, pattern: "^a"}', "x: {type: string}", "V306", ADDITION),
    ('x: {type: string, pattern: "^[0-9]{3}$", examples: ["123"]}', 'x: {type: string, pattern: "^[0-9]{4}$", examples: ["1234"]}', "V306", REFUSED),
    ('x: {type: string, pattern: "^[^q]*$"}', 'x: {type: string, pattern: "^[^qw]*$"}', "V306", BEHAVIOR),
    ("x: {type: array, items: {type: string}}", "x: {type: array, items: {type: string}, maxItems: 4}", "V307", REFUSED),
    ("x: {type: array, items: {type: string}, maxItems: 4}", "x: {type: array, items: {type: string}, maxItems: 5}", "V307", ADDITION),
    ("x: {type: array, items: {type: string}, maxItems: 100000}", "x: {type: array, items: {type: string}, maxItems: 50000}", "V307", REFUSED),
    ("x: {type: array, items: {type: string}}", "x: {type: array, items: {type: string}, minItems: 1}", "V307", REFUSED),
    ("x: {type: array, items: {type: string}, minItems: 1}", "x: {type: array, items: {type: string}}", "V307", ADDITION),
    # Media
    ("x: {type: string, media: image}", "x: {type: string, media: image, forms: [url]}", "V310", REFUSED),
    ("x: {type: string, media: image, forms: [url, base64]}", "x: {type: string, media: image, forms: [url, data_uri]}", "V310", "BRhRB"),
    ("x: {type: string, media: image, forms: [url]}", "x: {type: string, media: image}", "V310", ADDITION),
    ("x: {type: string, media: image, forms: [url, base64]}", "x: {type: string, media: image, forms: [base64, url]}", "V310", TEXT),
    ("x: {type: string, media: [image, video]}", "x: {type: string, media: image}", "V310", REFUSED),
    ("x: {type: string, media: image}", "x: {type: string, media: [image, video]}", "V310", ADDITION),
    ("x: {type: string, media: [image, video], forms: [url]}", "x: {type: string, media: image, forms: [url]}", "V310", BEHAVIOR),
    ("x: {type: string, media: image, forms: [url]}", "x: {type: string, media: [image, video], forms: [url]}", "V310", ADDITION),
    ("x: {type: string}", "x: {type: string, media: image}", "V310", REFUSED),
    ("x: {type: string, media: image}", "x: {type: string}", "V310", "-ThTB"),
    ("x: {type: string, media: image, max_width: 90}", "x: {type: string, media: image, max_width: 80}", "V310", REFUSED),
    ("x: {type: string, media: image, max_width: 80}", "x: {type: string, media: image, max_width: 90}", "V310", ADDITION),
    ("x: {type: string, media: image, max_pixels: 9000}", "x: {type: string, media: image, max_pixels: 8000}", "V310", REFUSED),
    ("x: {type: string, media: audio, min_duration: 3}", "x: {type: string, media: audio, min_duration: 4}", "V310", REFUSED),
    ("x: {type: string, media: audio, max_duration: 3}", "x: {type: string, media: audio}", "V310", ADDITION),
    ("x: {type: string, media: image, forms: [base64], max_size: 900}", "x: {type: string, media: image, forms: [base64], max_size: 800}", "V309", REFUSED),
    ("x: {type: string, media: image, forms: [base64], media_types: [image/png, image/webp]}", "x: {type: string, media: image, forms: [base64], media_types: [image/webp]}", "V309", REFUSED),
    ("x: {type: array, items: {type: string, media: image}}", "x: {type: array, items: {type: string, media: image, forms: [url]}}", "V310", REFUSED),
    ("x: {type: string, media: image, max_height: 90}", "x: {type: string, media: image, max_height: 80}", "V310", REFUSED),
    ("x: {type: string, media: image, min_width: 90}", "x: {type: string, media: image, min_width: 80}", "V310", ADDITION),
    ("x: {type: string, media: video}", "x: {type: string, media: video, max_duration: 3}", "V310", REFUSED),
    ("x: {type: string, media: document}", "x: {type: string, media: document, max_size: 200}", "V309", REFUSED),
    # Nested
    ("x: {type: array, items: {type: string}}", "x: {type: array, items: {type: integer}}", "V301", UNTYPED),
    ("x: {type: array, items: {type: integer}}", "x: {type: array, items: {type: number}}", "V301", ADDITION),
    ("x: {type: array, items: {type: integer, maximum: 5}}", "x: {type: array, items: {type: integer, maximum: 4}}", "V303", REFUSED),
    ("x: {type: array, items: {type: string, enum: [a, b]}}", "x: {type: array, items: {type: string, enum: [a]}}", "V302", UNTYPED),
    ("x: {type: array}", "x: {type: array, items: {type: string}}", "V308", UNTYPED),
    ("x: {type: array, items: {type: string}}", "x: {type: array}", "V308", ADDITION),
    ("x: {type: object}", "x: {type: object, properties: {a: {type: string}}}", "V308", UNTYPED),
    ("x: {type: object, properties: {a: {type: string}}}", "x: {type: object}", "V308", ADDITION),
    ("x: {type: object, properties: {a: {type: string}}}", "x: {type: object, properties: {a: {type: string}, b: {type: string}}}", "V201", ADDITION),
    ("x: {type: object, properties: {a: {type: string}, b: {type: string}}}", "x: {type: object, properties: {a: {type: string}}}", "V203", UNTYPED),
    ("x: {type: object, properties: {a: {type: string}}}", "x: {type: object, properties: {a: {type: string, required: true}}}", "V204", UNTYPED),
    ("x: {type: object, properties: {a: {type: string, required: true}}}", "x: {type: object, properties: {a: {type: string}}}", "V205", ADDITION),
    ("x: {type: object, properties: {a: {type: string}}}", "x: {type: object, properties: {a: {type: string}, b: {type: integer, required: true}}}", "V202", UNTYPED),
    ("x: {type: object, properties: {a: {type: integer, maximum: 9}}}", "x: {type: object, properties: {a: {type: integer, maximum: 5}}}", "V303", REFUSED),
    ("x: {type: object, required: true, properties: {a: {type: integer, required: true, maximum: 9}}}", "x: {type: object, required: true, properties: {a: {type: integer, required: true, maximum: 5}}}", "V303", REFUSED),
    ("x: {type: array, items: {type: object, properties: {a: {type: string, maxLength: 9}}}}", "x: {type: array, items: {type: object, properties: {a: {type: string, maxLength: 5}}}}", "V305", REFUSED),
    ("x: {type: array, minItems: 2, items: {type: integer, minimum: 0}}", "x: {type: array, minItems: 2, items: {type: integer, minimum: 1}}", "V303", REFUSED),
    ('x: {type: object, properties: {a: {type: [string, "null"]}}}', "x: {type: object, properties: {a: {type: string}}}", "V301", UNTYPED),
    ('x: {type: array, items: {type: [integer, "null"]}}', "x: {type: array, items: {type: integer}}", "V301", UNTYPED),
    ("x: {type: object, properties: {a: {type: string}, b: {type: integer}}}", "x: {type: object, properties: {a: {type: string}, b: {type: integer, applies_when: {a: q}}}}", "V207", BEHAVIOR),
    ("x: {type: object, properties: {a: {type: string, enum: [p, q]}}}", "x: {type: object, properties: {a: {type: string, enum: [p]}}}", "V302", UNTYPED),
    ("x: {type: object, properties: {a: {type: string, enum: [p], open: true}}}", "x: {type: object, properties: {a: {type: string, enum: [p]}}}", "V302", UNTYPED),
    ("x: {type: object, properties: {a: {type: string, enum: [p], open: true}}}", "x: {type: object, properties: {a: {type: string, enum: [p, q], open: true}}}", "V302", TEXT),
    ("x: {type: object, properties: {a: {type: integer, default: 1}}}", "x: {type: object, properties: {a: {type: integer, default: 2}}}", "V206", BEHAVIOR),
    ("x: {type: object, properties: {a: {type: integer, required: true, default: 1}}}", "x: {type: object, properties: {a: {type: integer, required: true}}}", "V206", NEW_CLIENT),
    ("x: {type: object, properties: {a: {type: object, properties: {b: {type: array, items: {type: integer, maximum: 9}}}}}}", "x: {type: object, properties: {a: {type: object, properties: {b: {type: array, items: {type: integer, maximum: 5}}}}}}", "V303", REFUSED),
    ("x: {type: array, items: {type: integer, minimum: 1, maximum: 0}}", "x: {type: boolean}", "V301", UNTYPED),
    # Unions
    ("x: {anyOf: [{type: string}, {type: integer}]}", "x: {type: string}", "V209", WORD),
    ("x: {type: string}", "x: {anyOf: [{type: string}, {type: integer}]}", "V209", ADDITION),
    ("x: {anyOf: [{type: string}, {type: integer}]}", "x: {anyOf: [{type: string}, {type: integer, maximum: 5}]}", "V303", REFUSED),
    ("x: {anyOf: [{type: object, properties: {a: {type: integer, required: true}}}, {type: object, properties: {b: {type: integer, required: true}}}]}", "x: {anyOf: [{type: object, properties: {b: {type: integer, required: true}}}]}", "V209", UNTYPED),
    ("x: {anyOf: [{type: array, items: {type: string}}, {type: array, items: {type: integer}}, {type: string}]}", "x: {anyOf: [{type: array, items: {type: integer}}, {type: string}]}", "V209", WORD),
    ('x: {anyOf: [{type: string}, {type: [integer, "null"]}]}', "x: {anyOf: [{type: string}, {type: integer}]}", "V301", WORD),
    ("x: {type: integer, also_accepts: string}", "x: {type: integer}", "V301", WORD),
    ("x: {type: integer}", "x: {type: integer, also_accepts: string}", "V301", ADDITION),
    # Renamed
    ("x: {type: integer}", "y: {type: integer, renamed_from: {name: x, version: 1.3.0}}", "V210", SENT),
    ("x: {type: integer}", "y: {type: integer, maximum: 5, renamed_from: {name: x, version: 1.3.0}}", "V303", REFUSED),
    ("x: {type: integer}", "x: {type: integer, name: y, renamed_from: {name: x, version: 1.3.0}}", "V210", "-aaaa"),
    ("x: {type: integer, renamed_from: {name: y, version: 1.3.0}}", "x: {type: integer}", "V211", "-hhhh"),
    # Pictures, sound and films
    ("x: {type: string, media: image}", "x: {type: string, media: [image, video]}", "V310", ADDITION),
    ("x: {type: string, media: [image, video]}", "x: {type: string, media: image}", "V310", REFUSED),
    ("x: {type: string, media: image}", "x: {type: string, media: image, forms: [url]}", "V310", REFUSED),
    ("x: {type: string, media: image, forms: [url]}", "x: {type: string, media: image, forms: [url, data_uri]}", "V310", ADDITION),
    ("x: {type: string, media: image}", "x: {type: string, media: image, max_width: 100}", "V310", REFUSED),
    ("x: {type: string, media: image, max_pixels: 100}", "x: {type: string, media: image, max_pixels: 200}", "V310", ADDITION),
    ("x: {type: string, media: image}", "x: {type: string, media: image, min_height: 100}", "V310", REFUSED),
    ("x: {type: string, media: audio}", "x: {type: string, media: audio, max_duration: 9}", "V310", REFUSED),
    ("x: {type: string, media: image, max_size: 2000}", "x: {type: string, media: image, max_size: 1000}", "V309", REFUSED),
    ("x: {type: string, media: image, media_types: [image/png, image/jpeg]}", "x: {type: string, media: image, media_types: [image/png]}", "V309", REFUSED),
    ("x: {type: array, items: {type: string, media: image}}", "x: {type: array, items: {type: string, media: image, forms: [url]}}", "V310", REFUSED),
    ("x: {type: object, properties: {a: {type: string, media: image}}}", "x: {type: object, properties: {a: {type: string, media: image, max_pixels: 100}}}", "V310", REFUSED),
    # Texts
    ("x: {type: integer}", "x: {type: integer, description: A number.}", "V290", DOCUMENTED),
    ("x: {type: integer}", "x: {type: integer, examples: [3]}", "V290", DOCUMENTED),
    ("x: {type: integer}", "x: {type: integer, note: From the page.}", "V290", DOCUMENTED),
    ("x: {type: string}", "x: {type: string, format: uri}", "V290", DOCUMENTED),
    ("x: {type: string, enum: [a], hidden_values: 4}", "x: {type: string, enum: [a], hidden_values: 5}", "V290", DOCUMENTED),
]  # fmt: skip

FILES = [
    ("fox", "", "surfaces: [sync, async]", "V104", ADDITION),
    ("fox", "surfaces: [sync, async]", "surfaces: [sync]", "V105", UNTYPED),
    ("fox", "surfaces: [sync, async]", "surfaces: [async]", "V105", WORD),
    ("fox", "surfaces: [async]", "surfaces: [sync]", "V105", WORD),
    ("fox", "returns: [image/*]", "returns: [image/jpeg]", "V106", BEHAVIOR),
    ("fox", "returns: [image/png]", "returns: [image/jpeg]", "V106", REFUSED),
    ("fox", "returns: [image/png, image/jpeg]", "returns: [image/png]", "V106", BEHAVIOR),
    ("fox", "returns: [image/png, image/jpeg]", "returns: [image/jpeg, image/png]", "V106", BEHAVIOR),
    ("fox", "", "paths: {sync: /v3/fox}", "V107", SERVER),
    ("fox", "", "name: red_fox", "V108", RENAMED),
    ("fox", "", "name: red_fox\nrenamed_from: {name: fox, version: 1.3.0}", "V113", "-aaaa"),
    ("fox", "renamed_from: {name: red-fox, version: 1.1.0}", "", "V114", "-hhhh"),
    ("fox", "", 'deprecated: {since: "2026-11-20"}', "V103", ADDITION),
    ("fox", "", "title: Red fox", "V190", DOCUMENTED),
    ("fox", "", "example: {prompt: a fox}", "V190", DOCUMENTED),
    ("api", "", "base_url: https://other.example", "V403", SERVER),
    ("api", "", "sync: {path: /v3/{slug}}".replace("/v3/{slug}", '"/v3/{slug}"'), "V403", SERVER),
    ("api", "", "auth: {in: query, name: key}", "V404", SERVER),
    ("api", "", "async: {interval: 3}", "V406", BEHAVIOR),
    ("api", "", "async: {retention: 3}", "V406", BEHAVIOR),
    ("fox", "answers: {sync: {body: {data: [{url: '{output}'}]}}}", "answers: {sync: {body: {images: [{url: '{output}'}]}}}", "V407", SERVER),
    ("api", "", 'answers: {submit: {body: {job: "{id}", status: "{state}", status_url: "{status_url}", response_url: "{result_url}"}}}', "V407", SERVER),
    ("api", "", "errors: [{status: 401, title: Denied, exception: DeniedError}]", "V408", "-TBTB"),
    ("api", "", "errors: [{status: 401, title: Unauthorized, exception: AuthenticationError}, {status: 402, title: Pay}]", "V408", ADDITION),
    ("api", "errors: [{status: 401, title: Denied}, {status: 402, title: Pay}]", "errors: [{status: 401, title: Denied}]", "V408", BEHAVIOR),
    ("api", "", "headers: [{name: x-seed, meaning: seed, type: integer}]", "V409", ADDITION),
    ("api", "", "package: wolf_client", "V410", RENAMED),
    ("api", "", "command: wolf", "V410", "--B--"),
    ("api", "", "environment: {api_key: WOLF_API_KEY}", "V410", "-RBRB"),
    ("api", "", "license: MIT", "V490", DOCUMENTED),
    ("fox", "body: multipart\nparameters: {x: {type: file, media_types: [image/png, image/webp]}}", "body: multipart\nparameters: {x: {type: file, media_types: [image/png]}}", "V309", REFUSED),
    ("fox", "body: multipart\nparameters: {x: {type: file, max_size: 1000}}", "body: multipart\nparameters: {x: {type: file, max_size: 2000}}", "V309", ADDITION),
    ("fox", "", "body: multipart", "V109", SERVER),
    ("fox", "sends: {model: fox-1}", "sends: {model: fox-2}", "V111", SERVER),
    ("fox", "", "surfaces: [async]\nwait: {deadline: 9}", "V121", BEHAVIOR),
    ("fox", "price: $1", "price: $2", "V122", BEHAVIOR),
    ("fox", "price: $1", "", "V122", TEXT),
    ("fox", "", "answers: {sync: [{body: {text: '{text}'}}, {when: {prompt: a}, events: [{data: {text: '{text}'}}]}]}", "V124", ADDITION),
    ("fox", "answers: {sync: [{when: {prompt: a}, events: [{data: {text: '{text}'}}]}]}", "answers: {sync: [{when: {prompt: a}, events: [{data: {words: '{text}'}}]}]}", "V124", SERVER),
    ("api", "", "auth: {in: header, name: X-Api-Key}", "V404", DOCUMENTED),
    ("api", "", "auth: {description: From the page of your account.}", "V404", DOCUMENTED),
    ("api", "", "auth: {alternatives: [{in: query, name: key}]}", "V404", ADDITION),
    ("api", "auth: {alternatives: [{in: query, name: key}]}", "", "V404", SERVER),
    ("api", KEYS, "auth: {in: query, name: key, alternatives: [{in: header, name: x-api-key}]}", "V404", BEHAVIOR),
    ("api", "", "async: {states: [{name: QUEUED, phase: waiting}, {name: DONE, phase: succeeded}, {name: COMPLETED, phase: succeeded}, {name: FAILED, phase: failed}]}", "V405", SERVER),
    ("api", "", "async: {deadline: 9}", "V406", BEHAVIOR),
    ("api", "", "async: {submit: '/v3/{slug}'}", "V403", SERVER),
    ("api", "", "async: {wrap: input}", "V413", SERVER),
    ("api", "", "sync: {body: form}", "V413", SERVER),
    ("api", "", "sync: {base_url: 'https://other.example'}", "V403", SERVER),
    ("api", "", "request_headers: {x-version: '1'}", "V412", SERVER),
    ("api", "request_headers: {x-version: '1'}", "", "V412", BEHAVIOR),
    ("api", "", "async: {cancel: '/v2/requests/{id}/cancel'}", "V421", ADDITION),
    ("api", "async: {cancel: '/v2/requests/{id}/cancel'}", "", "V421", UNTYPED),
    ("api", "", f"upload: {UPLOAD}", "V422", ADDITION),
    ("api", f"upload: {UPLOAD}", "", "V422", SERVER),
    ("api", f"upload: {UPLOAD}", f"upload: {UPLOAD.replace('files', 'assets')}", "V422", SERVER),
    ("api", "", "drop_in: {replaces: 'foxes>=1', run: run}", "V411", "-a-a-"),
    ("api", "drop_in: {replaces: 'foxes>=1', run: run}", "", "V411", RENAMED),
    ("api", "", "environment: {base_url: FOX_URL}", "V410", "-aaaa"),
    ("api", "environment: {log: FOX_LOG}", "environment: {log: WOLF_LOG}", "V410", "-h-h-"),
    ("api", "", "distribution: wolf", "V410", "-I---"),
    ("api", "", "errors: [{status: 401, title: Not authorized, exception: AuthenticationError}]", "V408", DOCUMENTED),
    ("api", "errors: [{status: 401, title: A}]", "errors: [{status: 401, title: A, messages: {invalid_key: Wrong key}}]", "V408", BEHAVIOR),
    ("api", "errors: [{status: 401, title: A, messages: {invalid_key: Wrong}}]", "errors: [{status: 401, title: A, messages: {invalid_key: Wrong key}}]", "V408", DOCUMENTED),
    ("api", "errors: [{status: 401, title: A}]", "errors: [{status: 401, title: A, observed: true}]", "V408", DOCUMENTED),
    ("api", "errors: [{status: 401, title: A}]", "errors: [{status: 401, title: A, media_type: text/html}]", "V408", BEHAVIOR),
    ("api", "errors: [{status: 429, title: A}]", "errors: [{status: 429, title: A, rejected_unprocessed: true}]", "V408", BEHAVIOR),
    ("api", "errors: [{status: 402, title: A}]", "errors: [{status: 402, title: A, occasions: [insufficient_credits]}]", "V408", BEHAVIOR),
    ("api", "headers: [{name: x-seed, meaning: seed, type: integer}]", "headers: [{name: x-seed, meaning: seed, type: integer, description: The seed.}]", "V409", DOCUMENTED),
    ("api", "headers: [{name: x-cost, meaning: cost, type: number}]", "headers: [{name: x-price, meaning: cost, type: number}]", "V409", BEHAVIOR),
    ("api", "answers: {sync: [{body: {text: '{text}', cost: '{cost}'}}]}", "answers: {sync: [{body: {text: '{text}', usage: {cost: '{cost}'}}}]}", "V407", SERVER),
    ("api", "answers: {result: {body: {status: '{state}', output: '{output}'}}}", "answers: {result: {body: {status: '{state}', images: '{output}'}}}", "V407", SERVER),
    ("api", "answers: {failed: {body: {status: '{state}', error: '{message}'}}}", "answers: {failed: {body: {status: '{state}', reason: '{message}'}}}", "V407", SERVER),
    ("api", "answers: {error: {body: {error: '{message}'}}}", "answers: {error: {body: {detail: '{message}'}}}", "V407", SERVER),
    ("api", "", "auth: {in: header, name: x-api-key, scheme: Key}", "V404", SERVER),
    ("api", "", "async: {states: [{name: QUEUED, phase: waiting}, {name: COMPLETED, phase: succeeded}, {name: FAILED, phase: failed, http_status: 422}]}", "V405", BEHAVIOR),
    ("api", "", "async: {states: [{name: QUEUED, phase: waiting, description: In a queue.}, {name: COMPLETED, phase: succeeded}, {name: FAILED, phase: failed}]}", "V405", DOCUMENTED),
    ("api", "", "async: {result: '/v3/requests/{id}'}", "V403", SERVER),
    ("api", "async: {cancel: '/v2/requests/{id}/cancel'}", "async: {cancel: {method: PUT, path: '/v2/requests/{id}/cancel'}}", "V403", SERVER),
    ("api", f"upload: {UPLOAD}", f"upload: {UPLOAD.replace('answer', 'above: 1000, answer')}", "V422", BEHAVIOR),
    ("api", f"upload: {UPLOAD}", f"upload: {UPLOAD.replace('data_uri', 'base64')}", "V422", SERVER),
    ("api", f"upload: {UPLOAD}", f"upload: {UPLOAD.replace('{url: ' + chr(39), '{link: ' + chr(39))}", "V422", SERVER),
    ("api", "", "client: Wolf", "V410", RENAMED),
    ("fox", "", "category: image", "V190", DOCUMENTED),
    ("fox", "", "latency: about 9 s", "V190", DOCUMENTED),
    ("fox", "", "source: {document: fox.md}", "V190", DOCUMENTED),
    ("fox", "answers: {sync: [{when: {prompt: a}, events: [{event: piece, data: {text: '{text}'}}]}]}", "answers: {sync: [{when: {prompt: a}, events: [{event: part, data: {text: '{text}'}}]}]}", "V124", SERVER),
    ("api", "headers: [{name: x-seed, meaning: seed, type: integer}]", "headers: [{name: x-number, meaning: seed, type: integer}]", "V409", BEHAVIOR),
]  # fmt: skip


PRESENCE: list[tuple[dict[str, str], dict[str, str], str, str]] = [
    ({}, {"wolf": "title: Wolf"}, "V101", ADDITION),
    ({"wolf": "title: Wolf"}, {}, "V102", UNTYPED),
    ({}, {"wolves/api": "title: Wolves"}, "V401", ADDITION),
    ({"wolves/api": "title: Wolves"}, {}, "V402", UNTYPED),
    ({"api": KEYS}, {"api": KEYS, "fox": "auth: {in: query, name: key}"}, "V123", SERVER),
    (
        {"wolf": "title: Wolf"},
        {"red-wolf": "title: Wolf\nrenamed_from: {name: wolf, version: 1.3.0}"},
        "V113",
        SENT,
    ),
]


def written(effects: Effects) -> str:
    letters = {Level.BREAKING: "B", Level.BEHAVIOR: "h", Level.ADDITION: "a", Level.TEXT: "t"}
    when = {"type check": "T", "run time": "R", "installation": "I", "": ""}
    return "".join(
        (when[effects[side].when] or letters[effects[side].level]) if side in effects else "-"
        for side in Side
    )


def parameters(text: str) -> str:
    return f"parameters:\n  {text}\n" if text else ""


@pytest.mark.parametrize(
    ("before", "after", "code", "expected"), PARAMETERS, ids=[f"{a} -> {b}" for a, b, *_ in PARAMETERS]
)
def test_a_change_of_a_parameter(before: str, after: str, code: str, expected: str, changes: Compare) -> None:
    found = changes({"before/fox.yaml": parameters(before), "after/fox.yaml": parameters(after)})

    assert [written(each.change.effects) for each in found if each.change.rule.code == code] == [expected]


@pytest.mark.parametrize(
    ("file", "before", "after", "code", "expected"), FILES, ids=[f"{row[1]} -> {row[2]}" for row in FILES]
)
def test_a_change_of_a_model_or_an_api(
    file: str, before: str, after: str, code: str, expected: str, *, changes: Compare
) -> None:
    users = {"before/fox.yaml": FOX, "after/fox.yaml": FOX}
    found = changes({**users, f"before/{file}.yaml": before, f"after/{file}.yaml": after})

    assert [written(each.change.effects) for each in found if each.change.rule.code == code] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "paths: {sync: /v1/fox}",
        "paths: {sync: '/v1/{slug}'}",
        "surfaces: [sync, async]\npaths: {status: '/v2/requests/{id}/status', result: '/v2/requests/{id}'}",
        "body: json",
        "auth: {in: header, name: X-API-Key}",
        "surfaces: [sync, async]\nwait: {deadline: 600, interval: 1}",
    ],
)
def test_saying_what_the_api_says_anyway_is_not_a_change(text: str, changes: Compare) -> None:
    silent = text.splitlines()[0] if text.startswith("surfaces") else ""
    for before, after in ((silent, text), (text, silent)):
        assert not changes({"before/fox.yaml": before, "after/fox.yaml": after})


def test_a_model_that_keeps_its_path_differs_from_the_api(changes: Compare) -> None:
    moved = {"after/api.yaml": 'sync: {path: "/v3/{slug}"}'}

    kept = changes({**moved, "after/fox.yaml": "paths: {sync: /v1/fox}"})
    pinned = changes({"before/fox.yaml": "paths: {sync: /v1/fox}", **moved})

    assert [each.change.rule.code for each in kept] == ["V403"]
    assert [each.change.rule.code for each in pinned] == ["V403", "V107"]


def test_nothing_changes_without_a_change(changes: Compare) -> None:
    for before, after, *_ in PARAMETERS:
        text = parameters(after or before)

        assert not changes({"before/fox.yaml": text, "after/fox.yaml": text})


@pytest.mark.parametrize(("before", "after", "code", "expected"), PRESENCE)
def test_a_change_of_which_specs_there_are(
    before: dict[str, str], after: dict[str, str], code: str, expected: str, *, changes: Compare
) -> None:
    sides = {"before": before, "after": after}
    found = changes({f"{side}/{name}.yaml": text for side in sides for name, text in sides[side].items()})

    assert [written(each.change.effects) for each in found if each.change.rule.code == code] == [expected]


def test_the_corpus_has_every_rule() -> None:
    known = {*(row[2] for row in PARAMETERS), *(row[3] for row in FILES)}

    assert {rule.code for rule in RULES} - known == {"V101", "V102", "V123", "V401", "V402"}


def test_a_status_with_the_exception_of_another_one_is_not_caught_anymore(changes: Compare) -> None:
    before = "errors: [{status: 401, title: A, exception: KeyRefusedError}, {status: 403, title: B}]"
    after = "errors: [{status: 401, title: A}, {status: 403, title: B, exception: KeyRefusedError}]"

    found = [each.change for each in changes({"before/api.yaml": before, "after/api.yaml": after})]

    assert [written(change.effects) for change in found] == ["-RhRB", BEHAVIOR]
    assert found[0].witness is not None
    assert "except KeyRefusedError" in found[0].witness.value


def test_a_copy_breaks_where_existing_clients_or_code_break(changes: Compare) -> None:
    """The sentence of docs/changes.md, for every pair of the corpus."""
    order = "-tahBRT"
    expectations: list[str] = [str(row[-1]) for row in (*PARAMETERS, *FILES, *PRESENCE)]
    for expected in expectations:
        wire, python, _, copy, _ = [*expected.replace("I", "-")]

        assert order.index(copy) == max(order.index(wire), order.index(python)), expected


def test_no_witness_is_as_large_as_a_limit(changes: Compare) -> None:
    spec = "parameters: {many: {type: array, minItems: 1000000000, items: {type: integer, maximum: %d}}}"
    found = changes({"before/fox.yaml": spec % 100, "after/fox.yaml": spec % 50})
    assert [placed.change.witness for placed in found] == [None]
