"""Errors: hierarchy, messages, copying and pickling."""

from __future__ import annotations

import copy
import json
import pickle
import traceback
from dataclasses import replace
from typing import Any, get_type_hints

import acme_client
import pytest
from acme_client._api import API
from acme_client._core.api import ErrorStatus
from acme_client._runtime import errors
from acme_client._runtime.errors import (
    APIConnectionError,
    ApiError,
    APIStatusError,
    APITimeoutError,
    ClientStatusError,
    ConfigurationError,
    InvalidResponseError,
    JobError,
    JobFailedError,
    JobTimeoutError,
    OutputError,
    ParameterError,
    ServerStatusError,
    Violation,
)
from acme_client._runtime.response import detail_of
from acme_client.errors import BadRequestError, InternalServerError, NotFoundError
from acme_support.adapter import UNHURRIED
from acme_support.server import Reply
from hypothesis import given
from hypothesis import strategies as st

EXAMPLES: list[ApiError] = [
    ApiError("m", status=1, detail="d", request_id="r"),
    ParameterError("fox", [Violation("a", "1", "must be 2", "2"), Violation("b", "", "is required")]),
    ConfigurationError("m"),
    APIConnectionError("m"),
    APITimeoutError("m"),
    BadRequestError("m", status=400, detail="d", request_id="r", body={"error": ["d"]}, headers={"a": "b"}),
    ServerStatusError("m", status=599),
    InvalidResponseError("m", detail="d"),
    OutputError("m"),
    JobFailedError("d", {"status": "FAILED"}, status=422, request_id="r"),
    JobTimeoutError("r", 1.5),
]


def test_the_error_tree_matches_the_docstring() -> None:
    for name in errors.__all__:
        assert name == "Violation" or name in str(errors.__doc__)
    for error in EXAMPLES:
        assert isinstance(error, ApiError)
    assert issubclass(ParameterError, ValueError)
    assert issubclass(APITimeoutError, APIConnectionError)
    assert issubclass(BadRequestError, ClientStatusError)
    assert issubclass(InternalServerError, ServerStatusError)
    assert issubclass(ClientStatusError, APIStatusError)
    assert issubclass(JobFailedError, JobError)
    assert issubclass(JobTimeoutError, JobError)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("again", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
def test_an_error_survives_pickling_and_copying(error: ApiError, again: Any) -> None:
    error.add_note("noted")
    other = again(error)
    assert type(other) is type(error)
    assert str(other) == str(error)
    assert vars(other) == vars(error)
    assert other.request_id == error.request_id


def test_a_traceback_shows_the_public_name() -> None:
    for error in EXAMPLES:
        name = f"acme_client.{type(error).__name__}"
        assert traceback.format_exception_only(error)[0].startswith(name)
        assert getattr(acme_client, type(error).__name__) is type(error)
        assert get_type_hints(type(error))["status"] == int | None


def test_a_parameter_error_lists_all_violations() -> None:
    error = ParameterError("fox", [Violation("a", "1", "must be 2", "2"), Violation("b", "", "is required")])
    assert str(error) == "fox: 2 invalid parameters; nothing was sent\n  a=1: must be 2\n  b: is required"
    assert error.model == "fox"
    assert [violation.parameter for violation in error.violations] == ["a", "b"]


def test_the_attributes_of_the_job_errors() -> None:
    failed = JobFailedError("too spicy", {"status": "FAILED"})
    assert (failed.detail, failed.status_body, failed.status, failed.request_id) == (
        "too spicy",
        {"status": "FAILED"},
        None,
        None,
    )
    late = JobTimeoutError("r", 600.0)
    assert (late.request_id, late.elapsed_s, late.status) == ("r", 600.0, None)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"error": "no credits"}, "no credits"),
        ({"detail": "no credits"}, "no credits"),
        ({"message": "no credits"}, "no credits"),
        ({"error": {"message": "no credits", "code": 7}}, "no credits"),
        ({"error": {"error": {"detail": "no credits"}}}, "no credits"),
        (
            {"detail": [{"loc": ["body", "steps"], "msg": "too many"}, {"msg": "too wide"}]},
            "steps: too many; too wide",
        ),
        ({"detail": [{"loc": ["body", "steps"], "msg": "steps are too many"}]}, "steps are too many"),
        ({"detail": [{"loc": ["body", "loras", 0, "scale"], "msg": "too big"}]}, "loras.0.scale: too big"),
        (
            {"error": {"message": "must be 1 to 4", "type": "invalid", "param": "n_images"}},
            "n_images: must be 1 to 4",
        ),
        ({"error": "no", "issues": [{"code": "x", "path": ["a"], "message": "b"}]}, "no"),
        ({"error": {"message": "no", "param": None}}, "no"),
        ({"errors": 3}, '{"errors": 3}'),
        (["one", "two"], "one; two"),
        ("plain text\n over lines", "plain text over lines"),
        ('"a JSON string"', "a JSON string"),
        ("<html><head><title>405 Not\nAllowed</title></head><body>x</body></html>", "405 Not Allowed"),
        ("<html><body><h1>Oh no</h1></body></html>", "Oh no"),
        ("<p>Only <b>a</b> paragraph &amp; more</p><script>var x</script>", "Only a paragraph & more"),
        ("", "Bad Request"),
        ("   ", "Bad Request"),
        ({}, "Bad Request"),
        ("null", "Bad Request"),
        (b"\xff\xfe\x00\x80", None),
        (b"[" * 100_000, None),
        ("1" * 5000, None),
        ("x" * 10_000, None),
    ],
)
def test_the_detail_is_found_in_a_body_of_any_shape(acme: Any, server: Any, body: Any, detail: Any) -> None:
    server.on("/v1/fox-1.5", Reply(400, body))
    with pytest.raises(BadRequestError) as caught:
        acme.run(acme.client().fox_1_5.generate(prompt="a"))
    assert caught.value.detail
    assert len(caught.value.detail) <= 2000
    if detail is not None:
        assert caught.value.detail == detail
        assert str(caught.value).startswith("400 Bad Request")


@pytest.mark.parametrize(
    ("path", "body", "detail"),
    [
        (
            ("detail", 0, "reden"),
            {
                "detail": [
                    {"loc": ["body", "steps"], "reden": "te veel"},
                    {"loc": ["body", "width"], "reden": "te breed"},
                ]
            },
            "steps: te veel; width: te breed",
        ),
        (("fout", "tekst"), {"fout": {"tekst": "te veel", "param": "steps"}, "error": "x"}, "steps: te veel"),
        (("fout",), {"fout": "te veel", "error": "x"}, "te veel"),
        (("detail", 0, "info", "reden"), {"detail": [{"info": {"reden": "te veel"}}]}, "te veel"),
        ((0, "msg"), [{"msg": "one"}, {"msg": "two", "path": ["b"]}], "one; b: two"),
        (("fout",), {"error": "x"}, "x"),
        ((), "no", "no"),
    ],
)
def test_a_documented_place_comes_first_with_what_it_is_about(
    path: tuple[str | int, ...], body: Any, detail: str
) -> None:
    assert detail_of(json.dumps(body), paths=(path,), reason="Bad Request") == detail


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=utf-16"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("text", ['{"error": "Zu groß"}', "Zu groß"])
def test_the_detail_is_read_in_any_unicode(
    acme: Any, server: Any, charset: str, encoding: str, text: str
) -> None:
    if charset == "; charset=utf-16" and encoding == "utf-8-sig":
        encoding = "utf-16"
    headers = {"content-type": f"application/json{charset}"}
    server.on("/v1/fox-1.5", Reply(406, text.encode(encoding), headers))
    with pytest.raises(APIStatusError) as caught:
        acme.run(acme.client().fox_1_5.generate(prompt="a"))
    assert caught.value.detail == "Zu groß"


@pytest.mark.parametrize(
    ("status", "advice"), [(302, "Redirects are not followed"), (304, "check proxies and caches")]
)
def test_a_status_below_400_that_is_not_a_success(acme: Any, server: Any, status: int, advice: str) -> None:
    server.on("/v1/fox-1.5", Reply(status, b""))
    with pytest.raises(InvalidResponseError, match=f"status {status} .*{advice}") as caught:
        acme.run(acme.client().fox_1_5.generate(prompt="a"))
    assert ("Redirect" in str(caught.value)) is (status == 302)


@UNHURRIED
@given(st.binary() | st.text().map(str.encode))
def test_any_body_has_a_detail(body: bytes) -> None:
    detail = detail_of(body.decode(errors="replace"), paths=(("error",),), reason="Bad Request")
    assert detail
    assert len(detail) <= 2000


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["error", "message", "x"]) | st.text(), inner)
    ),
)


@UNHURRIED
@given(JSON)
def test_any_json_has_a_detail(value: Any) -> None:
    assert detail_of(json.dumps(value), paths=(("error",),), reason="Bad Request")


def test_a_status_error_has_everything_the_server_sent(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(400, {"error": "no", "hint": 1}, {"X-Request-Id": "r-1", "X-More": "m"}))
    with pytest.raises(BadRequestError) as caught:
        acme.run(acme.client().fox_1_5.generate(prompt="a"))
    error = caught.value
    assert str(error) == "400 Bad Request: no (request r-1)"
    assert (error.status, error.detail, error.request_id) == (400, "no", "r-1")
    assert error.body == {"error": "no", "hint": 1}
    assert error.headers["x-more"] == "m"


def test_the_request_id_may_be_in_the_body(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(400, {"error": "no", "request_id": "r-2"}))
    with pytest.raises(BadRequestError) as caught:
        acme.run(acme.client().fox_1_5.generate(prompt="a"))
    assert caught.value.request_id == "r-2"


@pytest.mark.parametrize(
    ("status", "kind"), [(418, ClientStatusError), (502, ServerStatusError), (599, ServerStatusError)]
)
def test_a_status_without_a_class_raises_a_general_error(
    acme: Any, server: Any, status: int, kind: type[APIStatusError]
) -> None:
    server.on("/v1/fox-1.5", Reply(status, reason="Strange"))
    with pytest.raises(APIStatusError) as caught:
        acme.run(acme.client().fox_1_5.generate(prompt="a"))
    assert type(caught.value) is kind


def test_an_error_of_an_unchecked_call_says_that_it_was_unchecked(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(400, {"error": "bad width"}))
    server.on("/v1/unheard-of", Reply(400, {"error": "bad width"}))
    with pytest.raises(BadRequestError, match="validate=False"):
        acme.run(acme.client(validate=False).fox_1_5.generate(prompt="a"))
    with pytest.raises(BadRequestError, match=r"does not know 'unheard-of'.*not been checked"):
        acme.run(acme.client().run_sync("unheard-of", width=1))
    with pytest.raises(BadRequestError) as caught:
        acme.run(acme.client().fox_1_5.generate(prompt="a"))
    assert "check" not in str(caught.value)


def test_an_unknown_model_is_an_error_with_a_suggestion(acme: Any) -> None:
    with pytest.raises(NotFoundError, match=r"does not know 'fox-15'.*Did you mean 'fox-1\.5'\?"):
        acme.run(acme.client().run_sync("fox-15", prompt="a"))


def test_the_status_of_an_unknown_model_comes_from_the_spec(acme: Any, server: Any) -> None:
    rejected = ErrorStatus(422, "Rejected", exception="RejectedError", occasions=("unknown_model",))
    server.on("/v1/fox-15", Reply(422, {"error": "no model"}))
    client = acme.client(api=replace(API, errors=(*API.errors, rejected)))
    with pytest.raises(ApiError, match=r"no model.*Did you mean 'fox-1\.5'\?"):
        acme.run(client.run_sync("fox-15", prompt="a"))


def test_a_submit_of_a_model_without_documented_jobs_is_explained(acme: Any, server: Any) -> None:
    server.on("/v2/owl", Reply(404, {"error": "no route"}))
    with pytest.raises(NotFoundError, match=r"no route.*use generate\(\) or run_sync\(\)"):
        acme.run(acme.client().run("owl"))


def test_the_text_of_an_error_has_no_control_characters(acme: Any, server: Any) -> None:
    trap = "no\x1b[2J \x1b]0;title\x07cre\u202edits\x9b31m"
    server.on("/v1/fox-1.5", Reply(400, {"error": trap}), Reply(body={"error": trap}))
    for kind in (BadRequestError, InvalidResponseError):
        with pytest.raises(kind) as caught:
            acme.run(acme.client().fox_1_5.generate(prompt="a"))
        assert "no credits" in str(caught.value)
        assert str(caught.value).isprintable()
        assert caught.value.body == {"error": trap}


def test_the_log_has_no_control_characters(acme: Any, server: Any, caplog: pytest.LogCaptureFixture) -> None:
    output = f"{server.url}/a\x1b[31m\u202eb.png"
    server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED", "output": output}))
    with caplog.at_level("DEBUG", logger="acme_client"), pytest.raises(ApiError) as caught:
        acme.run(acme.run(acme.client(max_retries=0).job("j-1").result()).save("fox.png"))
    assert str(caught.value).isprintable()
    assert any("/ab.png" in message for message in caplog.messages)
    assert all(message.isprintable() for message in caplog.messages)
