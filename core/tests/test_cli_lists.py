"""The lists: filters, JSON, the nearest known name, and that they import next to nothing."""

import json
import os
import subprocess
import sys

import pytest

HEAVY = ("numpy", "scipy", "sklearn", "pyod", "torch", "jsonschema", "cattrs", "polars", "joblib")
LISTS = ("list-plugins", "list-detectors", "list-datasets", "list-metrics")


@pytest.mark.parametrize("flags", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("command", LISTS)
def test_a_list_imports_no_numerical_library(command, flags):
    code = (
        "import sys; from ad_core.cli import main; status = main(sys.argv[1:]);"
        f"print('loaded', status, *({{*{HEAVY!r}}} & {{*sys.modules}}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, command, *flags], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "loaded 0"


def test_importing_the_core_imports_no_numerical_library():
    code = f"import sys; import ad_core; print(*({{*{HEAVY!r}}} & {{*sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


def test_the_help_page_imports_no_numerical_library():
    code = (
        "import sys; from ad_core.cli import main; status = main(['--help']);"
        f"print('loaded', status, *({{*{HEAVY!r}}} & {{*sys.modules}}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded 0"


@pytest.mark.parametrize("command", LISTS)
def test_every_list_is_one_json_document(command, ad, site):
    site.add_healthy()
    result = ad(command, "--json")
    assert result.status == 0
    assert json.loads(result.out)


def names(result):
    assert result.status == 0, result.err
    return {entry["name"] for entry in json.loads(result.out)}


def test_detectors_are_filtered_by_what_they_are_and_can_do(ad, site):
    site.add_healthy()

    def listed(*filters):
        return names(ad("list-detectors", "--json", *filters))

    assert listed() >= {"center", "noise", "taught", "tolerant", "of_pictures", "needy", "random"}
    assert listed("--data", "image") == {"of_pictures"}
    assert listed("--hardware", "gpu") == {"of_pictures"}
    assert listed("--family", "proximity", "--family", "rule") == {
        "center",
        "taught",
        "slow",
        "tolerant",
    }
    assert listed("--capability", "novelty", "--capability", "serializable") >= {"center"}
    assert "noise" not in listed("--capability", "novelty", "--capability", "serializable")
    assert listed("--family", "neural", "--available") == {"of_pictures"}


def test_detectors_are_chosen_by_name_alias_or_glob(ad, site):
    site.add_healthy()
    assert names(ad("list-detectors", "--json", "middle")) == {"center"}
    assert names(ad("list-detectors", "--json", "*t*r*t*", "--family", "rule")) == {"tolerant"}
    assert names(ad("list-detectors", "--json", "healthy/c*", "noise")) == {"center", "noise"}


def test_data_sets_are_chosen_by_glob_and_kind(ad):
    assert names(ad("list-datasets", "--json", "iris/*")) == {
        "iris/setosa",
        "iris/versicolor",
        "iris/virginica",
    }
    assert names(ad("list-datasets", "--json", "--data", "graph")) == set()


def test_metrics_are_chosen_by_glob(ad):
    assert names(ad("list-metrics", "--json", "f1*")) == {"f1", "f1_best", "f1_fit"}


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("list-detectors", "centre"), 1, "no detector is called 'centre'; did you mean center?"),
        (("list-detectors", "cent?r"), 0, ""),
        (("list-detectors", "x*"), 1, "no detector is called 'x*'; see: ad list-detectors"),
        (("list-datasets", "whine"), 1, "no data set is called 'whine'; did you mean wine?"),
        (("list-metrics", "rocauc"), 1, "no metric is called 'rocauc'; did you mean roc_auc"),
        (
            ("list-detectors", "--capability", "novely"),
            2,
            "no capability is called 'novely'; did you mean novelty? known are novelty, ",
        ),
        (
            ("list-detectors", "--family", "proximty"),
            2,
            "no family is called 'proximty'; did you mean proximity? known are proximity, ",
        ),
        (
            ("list-detectors", "--hardware", "tpu"),
            2,
            "no hardware is called 'tpu'; did you mean gpu or cpu? known are cpu, gpu, mps",
        ),
        (
            ("list-datasets", "--data", "images"),
            2,
            "no kind of data is called 'images'; did you mean image? known are tabular, ",
        ),
        (("list-detector",), 2, "no command is called 'list-detector'; did you mean list-detect"),
        (("list-metrics", "--jsn"), 2, "No such option '--jsn'"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(ad, site, arguments, status, message):
    site.add_healthy()
    result = ad(*arguments)
    assert result.status == status
    if message:
        assert result.err.startswith("error: ")
        assert message in result.err
        assert result.err.count("\n") == 1
        assert result.out == ""


def test_a_piped_list_keeps_every_name_and_line_whole(ad, site):
    site.add_healthy()
    lines = ad("list-datasets").out.splitlines()
    widest = next(line for line in lines if line.startswith("breast_cancer/wdbc "))
    assert "10 malignant ones" in widest
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.skipif(os.name == "nt", reason="there is no pseudo-terminal on Windows")
@pytest.mark.parametrize("command", LISTS)
def test_a_list_fits_a_terminal_of_80_columns(command, site):
    import pty

    site.add_healthy()
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(site.path), "COLUMNS": "80", "TERM": "dumb"}
    with subprocess.Popen(
        [sys.executable, "-m", "ad_core", command], stdout=theirs, env=environment
    ) as process:
        os.close(theirs)
        chunks = []
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # Linux says so when the other side has closed
                break
            if not chunk:
                break
            chunks.append(chunk)
    os.close(ours)
    assert process.returncode == 0
    lines = b"".join(chunks).decode().splitlines()
    assert len(lines) > 2
    assert max(map(len, lines)) <= 80
    first = {"list-plugins": "core", "list-detectors": "center", "list-datasets": "wine"}
    assert any(line.strip().startswith(first.get(command, "roc_auc")) for line in lines)


@pytest.mark.parametrize("flags", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("command", LISTS)
def test_a_reader_that_went_away_is_no_traceback(command, flags):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "ad_core", command, *flags],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def test_head_gets_its_line():
    shell = f"{sys.executable} -m ad_core list-datasets --json | head -n 1"
    done = subprocess.run(shell, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout == "[\n"
    assert "Traceback" not in done.stderr
