"""The help, the list of models, and unknown names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Cli


def test_the_top_level_lists_the_models_by_category(cli: Cli) -> None:
    done = cli("--help")
    assert done.returncode == 0
    assert done.stderr == ""
    positions = [
        done.stdout.index(text)
        for text in (
            "Text-to-image:\n  paint-1.0  Paint 1.0\n",
            "Text-to-video:\n  film  Film\n",
            "Other models:\n  3d-think  Think in three dimensions\n  speak     Speak\n",
            "Commands:\n",
        )
    ]
    assert positions == sorted(positions)
    for name in ("completion", "job", "models", "--version"):
        assert f"\n  {name}" in done.stdout


def test_the_help_has_the_times_of_a_models_jobs(cli: Cli) -> None:
    text = " ".join(cli("film", "--help").stdout.split())
    assert "Maximum time to wait for a job (default 900), as in 90, 90s or 15m." in text
    assert "Time between two polls of a job (default 2.5)." in text
    assert "a job (default 600)" in " ".join(cli("job", "--help").stdout.split())


def test_no_arguments_show_the_help_as_an_error(cli: Cli) -> None:
    done = cli()
    assert (done.returncode, done.stdout) == (2, "")
    assert "Text-to-image:" in done.stderr


def test_the_help_shows_every_type_of_a_parameter(cli: Cli) -> None:
    text = " ".join(cli("3d-think", "--help").stdout.split())
    for line in (
        "--content TEXT|JSON [text (at most 5 characters) or array (each object with type text (members: type"
        " (string; required; [text]), text (string)) or object with type image (members: type (string; required;"
        " [image]))); may be repeated; or a JSON array, or @FILE with one; null allowed]",
        "--stop INTEGER|TEXT [integer (at least 0) or array (each string; each at most 5 characters); may be repeated;",
        "--tool JSON|BOOLEAN [object (members: type (string; required; [text]), text (string)) or boolean; JSON, or @FILE with it]",
    ):
        assert line in text


def test_the_help_of_a_model_lists_the_limits_of_each_parameter(cli: Cli) -> None:
    done = cli("paint-1.0", "--help")
    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    for line in (
        "Usage: acme-client paint-1.0 --prompt TEXT [OPTIONS]",
        "Paints what the prompt says.",
        "--prompt TEXT What to paint [required]",
        "--sampler [euler|euler_cfg|heun|…] Sampling method [known: euler, euler_cfg, heun and 16 more; default: euler]",
        "--steps INTEGER Number of steps [10 to 100; default: 25]",
        "--guidance NUMBER How closely to follow [over 0 and at most 15]",
        "--aspect-ratio [custom|'1:1 square 1024x1024'|…] Shape [one of: custom, '1:1 square 1024x1024', '16:9 landscape 1344x768'; default: custom]",
        "--width INTEGER Width in pixels [at least 64, in steps of 8; only with --aspect-ratio custom]",
        "--base64 / --no-base64 As text [default: false]",
        "--validate / --param-no-validate Not ours",
        "--seed INTEGER Seed [null allowed]",
        "--param-json TEXT A name of ours",
        "--image-urls TEXT Images to start from [at most 3 items; may be repeated; or a JSON array, or @FILE with one]",
        "--loras JSON Adapters [may be repeated; or a JSON array, or @FILE with one; each members: path (string; required)]",
        "--frame JSON A frame around it [members: colour (string): Of all sides, corners (array; each object;"
        " each members: size (integer): In pixels; only with colour red); JSON, or @FILE with it]",
        "-o, --output PATH",
        "(default https://api.acme.example)",
    ):
        assert line in text


def test_options_of_jobs_are_shown_only_for_models_that_have_jobs(cli: Cli) -> None:
    both, only_jobs, none = (cli(model, "--help").stdout for model in ("paint-1.0", "film", "speak"))
    assert "--submit" in both
    assert "--async" in both
    assert "--submit" in only_jobs
    assert "--async" not in only_jobs
    assert "--submit" not in none
    assert "--interval" not in none


def test_escape_sequences_are_removed_from_the_help(cli: Cli) -> None:
    for arguments in (["--help"], ["paint-1.0", "--help"], ["models"]):
        assert "\x1b" not in cli(*arguments).stdout
    assert "\x1b[31m" not in cli.on_terminal("models").output


def test_a_model_can_be_called_by_its_slug_and_its_name_in_python(cli: Cli) -> None:
    for name in ("3d-think", "m_3d_think"):
        assert "Thinks." in cli(name, "--help").stdout


def test_a_misspelled_model_gets_a_suggestion(cli: Cli) -> None:
    for typed, meant in (("paint-10", "paint-1.0"), ("paint", "paint-1.0"), ("jbo", "job")):
        done = cli(typed)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"Unknown model '{typed}'. Did you mean {meant}" in done.stderr
    assert "To list all models: acme-client models." in cli("zzzzz").stderr


def test_a_misspelled_flag_gets_a_suggestion(cli: Cli) -> None:
    done = cli("paint-1.0", "--stpes", "20")
    assert (done.returncode, done.stdout) == (2, "")
    assert "No such option" in done.stderr
    assert "--steps" in done.stderr.splitlines()[-1]


def test_the_models_are_listed_for_programs_and_for_people(cli: Cli) -> None:
    lines = cli("models").stdout.splitlines()
    assert lines == [
        "3d-think\t\tsync\tThink in three dimensions",
        "blend\timage-to-image\tsync\tBlend",
        "film\ttext-to-video\tasync\tFilm",
        "paint-1.0\ttext-to-image\tsync, async\tPaint 1.0",
        "speak\t\tsync\tSpeak",
        "tale\t\tsync\tTale",
    ]
    listed = json.loads(cli("models", "--json").stdout)
    assert listed[2] == {
        "command": "film",
        "slug": "film",
        "title": "Film",
        "category": "text-to-video",
        "surfaces": ["async"],
    }
    terminal = cli.on_terminal("models").output
    assert "Command" in terminal
    assert "\t" not in terminal
