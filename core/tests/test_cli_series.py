"""``--time-column``: a file as a series."""

import json

import numpy as np
import pytest

from ad_core.cli._series import Interval, find_intervals, mark, sparkline

SERIES = """
from ad_core.detector import BaseDetector, Series


class Level(BaseDetector):
    '''Height of the first channel.'''

    input = Series()

    def _fit(self, X, y):
        pass

    def _score(self, X):
        return X[:, 0]
"""

PLUGIN = """
from ad_core.hookspecs import hookimpl
from ad_core.spec import DetectorSpec


@hookimpl
def ad_detectors():
    return [
        DetectorSpec(
            name="level", target="series_detectors:Level", summary="Height", family="rule",
            data=("timeseries",), capabilities=("novelty", "deterministic", "serializable"),
        )
    ]
"""


@pytest.fixture(autouse=True)
def _series(site):
    site.add("series", PLUGIN, series_detectors=SERIES)


@pytest.fixture
def sensor(tmp_path):
    """A hundred minutes of a sensor that is high from minute 40 to 44 and at 70."""
    values = np.zeros(100)
    values[40:45] = 5.0
    values[70] = 9.0
    path = tmp_path / "sensor.csv"
    lines = [f"2026-01-01 {i // 60:02d}:{i % 60:02d}:00,{value}" for i, value in enumerate(values)]
    path.write_text("t,pressure\n" + "\n".join(lines) + "\n")
    return path


def detect(ad, *arguments):
    return ad("detect", *arguments, "-m", "level", "--contamination", "0.06", "--time-column", "t")


def test_a_series_ends_in_merged_intervals_and_a_sparkline(ad, sensor):
    printed = detect(ad, sensor).out
    assert "flagged    6 of 100 rows (6 %) in 2 intervals" in printed
    assert "pressure  ▁" in printed
    assert "█" in printed
    rows = printed.splitlines()
    assert rows[-2].split() == [
        "2026-01-01",
        "01:10:00",
        "2026-01-01",
        "01:10:00",
        "1",
        "9",
        "2026-01-01",
        "01:10:00",
    ]
    assert rows[-1].startswith("2026-01-01 00:40:00  2026-01-01 00:44:00      5      5")


def test_the_intervals_are_in_the_json_too(ad, sensor):
    report = json.loads(detect(ad, sensor, "--json").out)
    assert report["columns"] == ["pressure"]
    assert [(one["from"], one["n_steps"]) for one in report["intervals"]] == [
        ("2026-01-01 01:10:00", 1),
        ("2026-01-01 00:40:00", 5),
    ]


def test_a_saved_series_detector_scores_another_file(ad, sensor, tmp_path):
    model = tmp_path / "level.ad"
    detect(ad, sensor, "--save", model)
    printed = ad("score", sensor, "--model", model, "--time-column", "t").out
    assert "in 2 intervals" in printed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda text: text.replace("00:50:00", "00:10:30"),
            "sensor.csv, line 52, column 't': the time goes back from 2026-01-01 00:49:00 to 2026-01-01 00:10:30; sort the file by 't'",
        ),
        (
            lambda text: text.replace("2026-01-01 00:50:00", "soon"),
            "sensor.csv, line 52, column 't': 'soon' is no time",
        ),
        (
            lambda text: text.replace("t,", "time,", 1),
            "has no column 't'; its columns are time, pressure",
        ),
    ],
)
def test_a_clock_that_does_not_run_forwards_is_named(ad, sensor, change, message):
    sensor.write_text(change(sensor.read_text()))
    failed = ad("detect", sensor, "-m", "level", "--time-column", "t")
    assert message in failed.err


def test_numbers_are_a_clock_too(ad, tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("t,x\n" + "\n".join(f"{i / 2},{i == 30}" for i in range(60)) + "\n")
    report = json.loads(
        ad(
            "detect", path, "-m", "level", "--contamination", "0.02", "--time-column", "t", "--json"
        ).out
    )
    assert report["columns"] == ["x"]
    assert report["intervals"][0]["from"] in ("15.0", 15.0)


def test_a_detector_for_tables_says_how_to_run_it_over_windows(ad, sensor):
    failed = ad("detect", sensor, "-m", "constant", "--time-column", "t")
    assert "constant is for data of the kind tabular, not for a series" in failed.err
    assert "-m windowed -p detector=constant" in failed.err


def test_without_its_package_the_default_for_a_series_says_how_to_get_it(ad, sensor):
    failed = ad("detect", sensor, "--time-column", "t")
    assert (
        "the default detector matrix_profile is not installed: pip install ad-timeseries"
        in failed.err
    )


def test_flagged_steps_close_together_are_one_interval():
    labels = np.zeros(100, dtype=int)
    labels[[10, 11, 13, 50]] = 1
    scores = np.arange(100.0)
    assert find_intervals(labels, scores, gap=2) == [Interval(50, 50, 50), Interval(10, 13, 13)]
    assert find_intervals(labels, scores, gap=1)[1:] == [Interval(13, 13, 13), Interval(10, 11, 11)]
    assert find_intervals(np.zeros(5), scores[:5]) == []


def test_a_sparkline_keeps_the_peaks_of_a_long_series():
    values = np.zeros(1000)
    values[500] = 1.0
    line = sparkline(values, 10)
    assert len(line) == 10
    assert line.count("█") == 1
    assert line[5] == "█"
    assert mark(values == 1.0, 10) == "     ^"
    assert sparkline(np.ones(3), 10) == "▁▁▁"
