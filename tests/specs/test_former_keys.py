"""Keys that `answers` replaced are rewritten by `lint --fix`, with the meaning that they had."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from speccast.specs.build import build_api
from speccast.specs.load import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAD = """\
speccast: 1
title: Acme # as its pages say
base_url: https://api.acme.example
environment: { api_key: ACME_KEY, base_url: ACME_URL }
package: acme_client
distribution: acme-client
command: acme
client: Acme
version: 0.1.0
"""
FORMER = """\
sync:
  path: /v1/{slug}
  base64:
    parameter: inline
    field: data # seen once
async:
  submit: /v2/{slug}
  status: /jobs/{id}
  result: /jobs/{id}/result
  fields:
    id: job
    poll_url: look
  # What it cost.
  metrics: { cost: price }
  media_members: [video] # observed
  states:
    - { name: queued, phase: waiting }
    - { name: done, phase: succeeded }
    - { name: error, phase: failed }
error_field: message
"""
MODEL = """\
speccast: 1
slug: fox
title: Fox
surfaces: [sync, async]
returns: [image/png]
parameters:
  inline: { type: boolean, default: false }
"""


@pytest.fixture
def fixed(tmp_path: Path, run: Callable[..., Any]) -> Callable[[str], tuple[Any, str]]:
    """Return the result of `lint --fix` and the text of `api.yaml` after it."""
    folder = tmp_path / "specs" / "acme"
    folder.mkdir(parents=True)
    (folder / "fox.yaml").write_text(MODEL)

    def fix(text: str) -> tuple[Any, str]:
        (folder / "api.yaml").write_text(text)
        ran = run([sys.executable, "-m", "speccast", "lint", "--fix"], cwd=tmp_path)
        return ran, (folder / "api.yaml").read_text()

    return fix


def test_former_keys_become_answers(fixed: Callable[[str], tuple[Any, str]], tmp_path: Path) -> None:
    ran, text = fixed(HEAD + FORMER)
    assert ran.code == 0, ran.out + ran.err
    assert "title: Acme # as its pages say" in text
    assert "# What it cost." in text
    assert not any(
        key in text for key in ("fields:", "metrics: {", "media_members", "error_field", "base64:")
    )
    answers = build_api(load(tmp_path / "specs" / "acme").apis[0]).answers_of()
    assert [answer.body for answer in answers.submit] == [
        {
            "job": "{id}",
            "status": "{state}",
            "look": "{status_url}",
            "status_url": "{status_url}",
            "response_url": "{result_url}",
        }
    ]
    assert answers.sync[0].when == (("inline", (True,)),)
    assert answers.sync[0].body == {"data": "{base64}"}
    assert answers.paths("result")["cost"] == (("metrics", "price"),)
    assert [answer.when for answer in answers.result] == [
        (("{media_type}", ("video/mp4", "video/webm")),),
        (),
    ]
    assert answers.paths("error")["message"] == (("message",),)
    again, same = fixed(text)
    assert (again.code, same) == (0, text)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "sync: { path: '/v1/{slug}', base64: { parameter: inline, field: data } }\n",
        HEAD + FORMER + "answers: { error: { body: { error: '{message}' } } }\n",
        HEAD + FORMER.replace("    id: job\n", "    id: [job]\n"),
    ],
    ids=["a key among others", "there are answers", "an invalid name"],
)
def test_what_cannot_be_rewritten_is_only_reported(
    fixed: Callable[[str], tuple[Any, str]], text: str
) -> None:
    ran, after = fixed(text)
    assert ran.code == 1
    assert after == text
    assert "answers" in ran.out
