"""The HTML leaderboard without a browser: same bytes, nothing foreign, hostile labels as text."""

import base64
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from attrs import evolve

from ad_core.errors import BackendMissingError
from ad_core.results import RunStore, html, leaderboard, to_html

METRICS = {"roc_auc": True, "pr_auc": True, "f1": True}

ELSEWHERE = """
import random, sys
from records import records
from ad_core.results import to_html
found = records()
random.Random(int(sys.argv[1])).shuffle(found)
sys.stdout.buffer.write(to_html(found, {"roc_auc": True, "pr_auc": True, "f1": True}).encode())
"""


class Elements(HTMLParser):
    """Collects start tags, and the text of scripts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.scripts, self.inside = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = tag

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside == "script":
            self.scripts.append(data)


@pytest.fixture(scope="session")
def elements(page):
    return Elements(page)


def data_of(elements):
    return json.loads(elements.scripts[0])


def test_the_order_of_the_records_changes_no_byte(records, page):
    shuffled = records.copy()
    random.Random(1).shuffle(shuffled)
    assert to_html(shuffled, METRICS) == page


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/New_York", "LC_ALL": "de_DE.UTF-8"},
    ],
    ids=lambda given: given["TZ"],
)
def test_another_process_locale_time_zone_and_settings_change_no_byte(page, environment, tmp_path):
    (tmp_path / "matplotlibrc").write_text("font.size: 30\nsvg.fonttype: path\n")
    here = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, "7"],
        env={**os.environ, **environment, "PYTHONPATH": here},
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == page.encode()


def test_nothing_is_loaded_and_only_the_one_script_may_run(page, elements):
    policy = next(attrs["content"] for tag, attrs in elements.tags if "http-equiv" in attrs)
    assert "default-src 'none'" in policy
    digest = hashlib.sha256(elements.scripts[-1].encode()).digest()
    assert f"script-src 'sha256-{base64.b64encode(digest).decode()}'" in policy
    for tag, attrs in elements.tags:
        assert tag not in ("img", "iframe", "object", "embed", "base"), tag
        for name in ("src", "href", "xlink:href", "action", "data"):
            assert attrs.get(name, "#").startswith(("#", "data:,")), (tag, attrs)
        assert not [name for name in attrs if name.startswith("on")]
    assert "url(http" not in page
    assert "@import" not in page


def test_labels_and_messages_are_text(made, elements, page):
    assert [tag for tag, _ in elements.tags].count("script") == 2
    assert made["HOSTILE"] not in page
    assert made["HOSTILE"] in data_of(elements)["models"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_every_run_that_counts_is_in_the_page(records, elements):
    data = data_of(elements)
    rows = [row for runs in data["runs"].values() for row in runs]
    runs = [dict(zip(data["fields"], row, strict=True)) for row in rows]
    found = {run["key"]: run for run in runs}
    assert {*found} == {record.key for record in records}
    failed = next(record for record in records if not record.ok)
    run = found[failed.key]
    assert run["status"] == failed.status
    assert run["error"]["message"] == failed.error.message
    shared = {name: value for part in run["shared"] for name, value in data["shared"][part].items()}
    assert shared["params"] == failed.params
    assert shared["hardware"] == failed.hardware
    assert shared["n_train"] == failed.n_train


def test_tracebacks_name_code_by_its_package_not_by_a_folder_of_the_machine(records, elements):
    data = data_of(elements)
    rows = [row for runs in data["runs"].values() for row in runs]
    errors = [row[data["fields"].index("error")] for row in rows]
    shown = {error["traceback"] for error in errors if error}
    places = ["numpy/linalg/_linalg.py", "threading.py", "ad_core/detector/_base.py"]
    lines = [f'  File "{place}", line 1' for place in [*places, "x.py", "x.py"]]
    head, end = "Traceback (most recent call last):", "ValueError: </script>"
    assert shown == {"\n".join([head, *lines, end, ""])}


def test_charts_are_well_formed_and_take_their_colours_from_the_page(page):
    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(charts) == 4, "two a metric that has values"
    for chart in charts:
        root = ET.fromstring(chart)
        assert "width" not in root.attrib
        colours = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]+)", chart))
        assert not colours, colours
        assert "currentColor" in chart
        assert "var(--accent)" in chart
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_table_says_what_the_board_says(records, page):
    board = leaderboard(records)
    text = page[page.index('id="table-0"') : page.index('id="table-1"')]
    for row in board.ranked:
        assert f'data-value="{row.mean_rank}"' in text
    for note in board.notes[:3]:
        assert note in page
    assert "not ranked" in text
    assert text.count("null baseline</span>") == 2


def test_a_metric_that_no_run_has_is_a_view_without_ranks(elements, page):
    assert "f1: none" not in page
    assert page.count("Nothing is ranked.") == 1


def test_different_machines_are_flagged(records):
    other = evolve(records[0], hardware="another")
    text = to_html([other, *records[1:60]], {"roc_auc": True})
    assert "The runs come from 2 machines: their times do not compare." in text


def test_without_the_extra_the_error_says_what_to_install(monkeypatch, records):
    monkeypatch.setattr(html, "find_spec", lambda name: None)
    with pytest.raises(BackendMissingError, match=r"pip install 'ad-core\[report\]'"):
        to_html(records, METRICS)


@pytest.fixture
def folders(records, tmp_path):
    """Two folders that share one record."""
    for name, part in (("one", records[:8]), ("two", records[7:16])):
        store = RunStore(tmp_path / name)
        for record in part:
            store.write(record)
    return tmp_path / "one", tmp_path / "two"


def test_the_command_writes_a_page_from_several_folders(ad, folders, records, tmp_path):
    target = tmp_path / "board.html"
    result = ad("leaderboard", *folders, "--format", "html", "--metric", "pr_auc", "-o", target)
    assert result.status == 0, result.err
    assert result.err == f"wrote {target}\n"
    assert result.out == ""
    known = {"pr_auc": True, "f1": True, "roc_auc": True}
    assert target.read_text(encoding="utf-8") == to_html(records[:16], known, oracles={"f1"})
    again = ad("leaderboard", *reversed(folders), "--format", "html", "--metric", "pr_auc")
    assert again.out == target.read_text(encoding="utf-8")


def test_a_table_has_no_file_and_a_folder_that_is_not_there_is_one_line(ad, folders, tmp_path):
    result = ad("leaderboard", folders[0], "-o", tmp_path / "x")
    assert result.status == 2
    assert "a table is for the terminal; for a file add --format md or html" in result.err
    target = tmp_path / "no" / "board.md"
    result = ad("leaderboard", folders[0], "--format", "md", "-o", target)
    assert result.status == 1
    assert result.err == (
        f"error: cannot write {target}: No such file or directory; "
        "choose another file with --output\n"
    )
