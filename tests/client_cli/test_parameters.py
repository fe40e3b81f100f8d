"""From arguments of the command line to the JSON of the request."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from speccast.targets.python import names

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Cli, Server


def list_sent(cli: Cli, *arguments: str | bytes, stdin: bytes | None = None) -> dict[str, Any]:
    """Return the body that a dry run shows."""
    done = cli("paint-1.0", "--dry-run", "--json", *arguments, stdin=stdin)
    assert done.returncode == 0, done.stderr
    body: dict[str, Any] = json.loads(done.stdout)["body"]
    return body


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (
            [
                "--steps",
                "20",
                "--guidance",
                "1e-1",
                "--seed",
                "-1",
                "--base64",
                "--no-tile",
                "--sampler",
                "of my own",
            ],
            {
                "steps": 20,
                "guidance-scale": 0.1,
                "seed": -1,
                "base64": True,
                "tile": False,
                "sampler": "of my own",
            },
        ),
        (
            ["--steps=2e1", "--guidance", ".5", "--seed", "1e23", "--no-base64", "--param-json", "null"],
            {"steps": 20, "guidance-scale": 0.5, "seed": 10**23, "base64": False, "json": "null"},
        ),
        (
            ["--steps", "20.0", "--seed", "null", "--image-urls", "https://a.example/1", "--image-urls", "b"],
            {"steps": 20, "seed": None, "image_urls": ["https://a.example/1", "b"]},
        ),
        (
            [
                "--image-urls",
                '["[1]", "2"]',
                "--image-urls",
                "3",
                "--loras",
                "[]",
                "--frame",
                '{"colour": "re\\u0064"}',
            ],
            {"image_urls": ["[1]", "2", "3"], "loras": [], "frame": {"colour": "red"}},
        ),
        (
            ["--loras", '[{"path": "a"}]', "--loras", '{"path": "b"}', "--param-no-validate"],
            {"loras": [{"path": "a"}, {"path": "b"}], "validate": False},
        ),
        (
            ["--param", 'unheard_of={"of": 1}', "--param", "steps=1", "--steps", "20"],
            {"unheard_of": {"of": 1}, "steps": 1},
        ),
    ],
)
def test_arguments_become_json(cli: Cli, words: list[str], body: dict[str, Any]) -> None:
    assert as_text(list_sent(cli, "--prompt", "x", *words)) == as_text(
        {"prompt": "x", "sampler": "euler", **body}
    )


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (["--content", "hi"], {"content": "hi"}),
        (["--content", "5"], {"content": "5"}),
        (["--content", "null"], {"content": None}),
        (["--content", ' [{"type": "image"}]'], {"content": [{"type": "image"}]}),
        (["--content", '{"type": "image"}'], {"content": [{"type": "image"}]}),
        (
            ["--content", '{"type": "image"}', "--content", '{"type": "text", "text": "a"}'],
            {"content": [{"type": "image"}, {"type": "text", "text": "a"}]},
        ),
        (["--content", "@blocks.json"], {"content": [{"type": "image"}]}),
        (["--content", "@text.txt"], {"content": "tüt"}),
        (["--content", "@-"], {"content": "std"}),
        (["--content", "-"], {"content": "std"}),
        (["--stop", "5"], {"stop": 5}),
        (["--stop", "END"], {"stop": ["END"]}),
        (["--stop", "END", "--stop", "5"], {"stop": ["END", "5"]}),
        (["--stop", '["a", "b"]'], {"stop": ["a", "b"]}),
        (["--tool", "true"], {"tool": True}),
        (["--tool", '{"type": "text"}'], {"tool": {"type": "text"}}),
    ],
)
def test_an_argument_of_several_types_is_what_it_looks_like(
    cli: Cli, words: list[str], body: dict[str, Any]
) -> None:
    (cli.folder / "blocks.json").write_text('[{"type": "image"}]')
    (cli.folder / "text.txt").write_text("tüt", encoding="utf-8")
    done = cli("3d-think", "--question", "x", *words, "--dry-run", "--json", stdin=b"std")
    assert as_text(json.loads(done.stdout)["body"]) == as_text({"question": "x", **body})


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--content", "toolong"], "--content 'toolong': must have at most 5 characters, not 7"),
        (["--content", "[5"], "--content: is not valid JSON: Expecting ',' delimiter at column 3; a text that begins with [ is passed by --param or --params-file"),
        (["--content", '[{"type": "sound"}]'], "--content[0].type 'sound': must be one of 'text', 'image'"),
        (["--content", '[{"text": "a"}]'], "--content[0].type: is required"),
        (["--content", '[{"type": "image", "text": "a"}]'], "--content[0].text 'a': is not known"),
        (["--stop", "-1"], "--stop -1: must be at least 0"),
        (["--tool", "maybe"], "--tool 'maybe': must be a dict or True or False, not text"),
        (["--tool", "{"], "--tool: is not valid JSON"),
    ],
)  # fmt: skip
def test_errors_of_a_parameter_of_several_types_are_those_of_the_type_that_was_meant(
    cli: Cli, words: list[str], message: str
) -> None:
    done = cli("3d-think", "--question", "x", *words, "--dry-run")
    assert done.returncode == 2
    assert message in done.stderr


def as_text(body: dict[str, Any]) -> str:
    """JSON text, which differs for 20 and 20.0 and for true and 1, although they are equal in Python."""
    return json.dumps(body, sort_keys=True)


def test_omitted_parameters_are_not_sent_except_required_defaults(cli: Cli) -> None:
    assert list_sent(cli, "--prompt", "x") == {"prompt": "x", "sampler": "euler"}


def test_the_dry_run_shows_the_request(cli: Cli, server: Server) -> None:
    words = ("paint-1.0", "--prompt", "ein Fuchs, 狐", "--guidance", "2", "--param", "extra=[null]")
    printed = json.loads(cli(*words, "--dry-run", "--json").stdout)
    assert server.received == []
    assert cli(*words).returncode == 0
    [request] = server.received
    assert request.json == printed["body"]
    assert (printed["method"], printed["url"]) == (request.method, server.url + request.path)
    for name, value in printed["headers"].items():
        if name != "x-acme-key":
            assert request.headers[name] == value


def test_a_dry_run_needs_no_key_and_shows_none(cli: Cli, server: Server) -> None:
    for key in ("", "acme-secret"):
        done = cli("paint-1.0", "--prompt", "x", "--dry-run", env={"ACME_API_KEY": key})
        assert done.returncode == 0
        assert done.stdout.startswith(f"POST {server.url}/v1/paint-1.0\n")
        assert "x-acme-key: <ACME_API_KEY>\n" in done.stdout
        assert "acme-secret" not in done.stdout + done.stderr
    assert server.received == []


def test_a_dry_run_of_a_job_shows_the_submit(cli: Cli, server: Server) -> None:
    for words in (["paint-1.0", "--async"], ["paint-1.0", "--submit"], ["film"]):
        done = cli(*words, "--prompt", "x", "--dry-run")
        assert done.stdout.startswith(f"POST {server.url}/v2/{words[0]}\n")


def test_a_text_is_read_from_standard_input(cli: Cli) -> None:
    assert (
        list_sent(cli, "--prompt", "-", stdin="\ufefftwo\nlines, ü\r\n".encode())["prompt"] == "two\nlines, ü"
    )
    assert list_sent(cli, "--prompt", "-", stdin=b"")["prompt"] == ""


def test_json_is_read_from_files_and_standard_input(cli: Cli) -> None:
    (cli.folder / "loras.json").write_text('[{"path": "ü"}]', encoding="utf-8")
    assert list_sent(cli, "--prompt", "x", "--loras", "@loras.json")["loras"] == [{"path": "ü"}]
    assert list_sent(cli, "--prompt", "x", "--frame", "@-", stdin=b'{"colour": "red"}')["frame"] == {
        "colour": "red"
    }


def test_texts_are_not_read_from_files(cli: Cli) -> None:
    assert list_sent(cli, "--prompt", "@home")["prompt"] == "@home"


def test_flags_take_precedence_over_the_params_file(cli: Cli) -> None:
    (cli.folder / "p.json").write_text('{"prompt": "-", "guidance-scale": 3, "tile": null, "steps": 10}')
    expected = {"prompt": "-", "sampler": "euler", "steps": 10, "guidance-scale": 4, "tile": None}
    assert list_sent(cli, "--params-file", "p.json", "--guidance", "4") == expected
    assert list_sent(cli, "--params-file", "-", stdin=b'{"prompt": "from stdin"}')["prompt"] == "from stdin"


def test_all_invalid_parameters_are_listed_and_nothing_is_sent(cli: Cli, server: Server) -> None:
    (cli.folder / "p.json").write_text('{"widht": 5}')
    done = cli(
        "paint-1.0", "--steps", "5", "--aspect-ratio", "round", "--seed", "many", "--width", "65", "--frame", "{,}",
        "--loras", '{"weight": 1}', "--image-urls", "@none.json", "--params-file", "p.json",
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    heading, *lines = done.stderr[done.stderr.index("Error: ") :].splitlines()
    assert heading == "Error: 10 invalid parameters for paint-1.0; nothing was sent."
    starts = (
        "  widht 5: ",
        "  --prompt: is required",
        "  --steps 5: must be 10 to 100",
        "  --aspect-ratio 'round': must be one of 'custom', '1:1 square 1024x1024', '16:9 landscape 1344x768'",
        "  --width 65: must be ",
        "  --seed 'many': must be an integer",
        "  --image-urls: cannot read none.json: No such file or directory",
        "  --loras[0].weight 1: ",
        "  --loras[0].path: is required",
        "  --frame: is not valid JSON: ",
    )
    assert len(lines) == len(starts)
    for line, start in zip(lines, starts, strict=True):
        assert line.startswith(start)
    assert "did you mean 'width'?" in lines[0]
    assert server.received == []


def test_parameters_are_checked_without_a_key(cli: Cli) -> None:
    done = cli("paint-1.0", env={"ACME_API_KEY": ""})
    assert done.returncode == 2
    assert "--prompt: is required" in done.stderr


def test_unchecked_parameters_are_sent_as_typed(cli: Cli) -> None:
    assert list_sent(cli, "--no-validate", "--steps", "5", "--seed", "many") == {"steps": 5, "seed": "many"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--params-file", "none.json"], "--params-file none.json: cannot read none.json: No such file or directory."),
        (["--params-file", "list.json"], "--params-file list.json: does not contain a JSON object of parameters."),
        (["--param", "steps"], "--param 'steps' is not NAME=JSON."),
        (["--param", "mode=fast"], """--param mode: is not valid JSON: Expecting value at column 1; quote a text, as in 'mode="text"'."""),
        (["--param", "x=NaN"], "--param x: is not valid JSON: NaN is not a number in JSON"),
        (["--prompt", "-", "--param-json", "-"], "--param-json: standard input was already read for --prompt"),
        (["--frame", "[" * 100_000], "--frame: is nested too deeply"),
        ([b"--prompt", b"\xff"], "--prompt: is not UTF-8 text"),
        (["--timeout", "nan"], "'--timeout': must be a time above 0, such as 90, 90s, 15m or 2h (got 'nan')."),
        (["--timeout", "1d"], "'--timeout': must be a time above 0, such as 90, 90s, 15m or 2h (got '1d')."),
        (["--timeout", "0"], "'--timeout': must be a time above 0, such as 90, 90s, 15m or 2h (got '0')."),
    ],
)  # fmt: skip
def test_unreadable_input_is_a_usage_error(cli: Cli, words: list[str | bytes], message: str) -> None:
    (cli.folder / "list.json").write_text("[1]")
    done = cli("paint-1.0", "--dry-run", *words, stdin=b"text")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_standard_input_must_be_utf_8(cli: Cli) -> None:
    done = cli("paint-1.0", "--dry-run", "--prompt", "-", stdin=b"\xff")
    assert done.returncode == 2
    assert "--prompt: is not UTF-8 text" in done.stderr


def test_numbers_of_python_only_are_refused(cli: Cli) -> None:
    for word in ("inf", "1e999", "0x10", "1_0", "true"):
        done = cli("paint-1.0", "--dry-run", "--prompt", "x", "--steps", word, "--guidance", word)
        assert done.returncode == 2
        assert f"--steps '{word}': must be an integer, not text" in done.stderr
        assert f"--guidance '{word}': must be a number, not text" in done.stderr


def test_a_parameter_without_effect_is_a_warning(cli: Cli) -> None:
    done = cli(
        "paint-1.0", "--dry-run", "--prompt", "x", "--width", "80", "--aspect-ratio", "1:1 square 1024x1024"
    )
    assert done.returncode == 0
    assert done.stderr.count("Warning: ") == 1
    assert "width has no effect unless aspect_ratio is 'custom'" in done.stderr


def test_a_job_option_is_refused_for_a_model_without_jobs(cli: Cli) -> None:
    for flag in ("--submit", "--async"):
        done = cli("speak", "--text", "x", flag)
        assert done.returncode == 2
        assert f"speak has no jobs: remove {flag}." in done.stderr


def test_the_generator_reserves_our_flags_and_commands(cli: Cli) -> None:
    program = """
import json
from acme_client.cli.app import commands
from acme_client.cli.job import JobCommand
from acme_client.cli.model import ModelCommand
from acme_client.cli.options import RESERVED_FLAGS
from acme_client._index import MODELS

ours = {flag for entry in MODELS.values() for _, options in ModelCommand(entry.module, entry).sections[1:]
        for option in options for flag in option.opts}
ours |= {flag for option in (*JobCommand().params, *commands.params) for flag in option.opts}
print(json.dumps([sorted(RESERVED_FLAGS), sorted(ours), sorted(commands.commands)]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=cli.environment, capture_output=True, text=True, check=True
    )
    reserved, ours, commands = json.loads(done.stdout)
    assert {flag.removeprefix("--") for flag in reserved} == names.RESERVED_FLAGS
    # Only `job`, which has no parameters, has --model.
    assert {flag for flag in ours if flag.startswith("--")} - {"--model"} <= set(reserved)
    assert set(commands) <= names.RESERVED_COMMANDS


def test_former_names_are_hidden_options_with_a_warning(cli: Cli) -> None:
    words = [
        "--param-timeout",
        "20",
        "--cfg-scale",
        "7",
        "--no-text",
        "--urls",
        "https://a.example/1",
        "--urls",
        "b",
    ]
    done = cli("paint-1.0", "--dry-run", "--json", "--prompt", "a", *words)
    body = json.loads(done.stdout)["body"]

    assert (body["steps"], body["guidance-scale"], body["base64"]) == (20, 7, False)
    assert body["image_urls"] == ["https://a.example/1", "b"]
    assert done.stderr.splitlines()[:2] == [
        "Warning: --param-timeout is deprecated, use --steps",
        "Warning: --cfg-scale is deprecated, use --guidance",
    ]
    assert "--cfg-scale" not in cli("paint-1.0", "--help").stdout


def test_an_option_and_its_former_name_exclude_each_other(cli: Cli) -> None:
    done = cli("paint-1.0", "--dry-run", "--prompt", "a", "--cfg-scale", "7", "--guidance", "7")

    assert done.returncode == 2
    assert "--cfg-scale is the former name of --guidance; pass one of them." in done.stderr


def test_a_former_name_in_a_file_of_parameters_has_one_warning(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "parameters.json").write_text('{"prompt": "a", "cfg_scale": 7}', encoding="utf-8")
    done = cli("paint-1.0", "--params-file", str(tmp_path / "parameters.json"))

    assert done.stderr.count("deprecated") == 1
    assert "Warning: paint-1.0: cfg_scale is deprecated, use guidance" in done.stderr
