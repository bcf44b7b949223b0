"""Experiment files: what they say, and errors with file, line and key."""

import re
from pathlib import Path

import pytest

from ad_core.benchmark import DetectorEntry, Experiment, read_experiment
from ad_core.benchmark._measure import n_cpus
from ad_core.errors import ConfigError
from ad_core.results import Isolation, Limits

GOOD = """\
datasets: [wine, "iris/*"]
detectors:
  - random
  - name: constant
    label: flat
    params: {contamination: 0.2}
seeds: [0, 7]
metrics: [roc_auc]
n_jobs: 2
baselines: false
isolation: process
timeout: 60
memory: 2GB
threads: 3
output: out/here
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "trial.yaml"
        path.write_text(text)
        return path

    return write


def test_every_key_is_read(write):
    experiment = read_experiment(write(GOOD))
    assert experiment.name == "trial"
    assert experiment.datasets == ("wine", "iris/*")
    assert experiment.detectors == (
        DetectorEntry(name="random"),
        DetectorEntry(name="constant", label="flat", params={"contamination": 0.2}),
    )
    assert experiment.seeds == (0, 7)
    assert experiment.metrics == ("roc_auc",)
    assert experiment.n_jobs == 2
    assert experiment.limits == Limits(timeout=60.0, memory=2 * 10**9, threads=3)
    assert experiment.baselines is False
    assert experiment.output == Path("out/here")


def test_what_is_left_out_has_a_default(write):
    experiment = read_experiment(write("datasets: [wine]\ndetectors: [random]\n"))
    assert experiment.seeds == (0,)
    assert experiment.n_jobs == 1
    assert experiment.isolation is Isolation.PROCESS
    assert experiment.limits == Limits(threads=n_cpus())
    assert experiment.baselines is True
    assert experiment.output == Path("results/trial")
    assert "roc_auc" in experiment.metrics


BAD = {
    "unknown key": (
        "datasets: [wine]\ndetectors: [random]\nsedes: [1]\n",
        ", line 3, key sedes: there is no such key; did you mean seeds?",
    ),
    "unknown key of a detector": (
        "datasets: [wine]\ndetectors:\n  - name: random\n    parms: {}\n",
        ", line 4, key detectors[0].parms: there is no such key; did you mean params?",
    ),
    "far off": (
        "datasets: [wine]\ndetectors: [random]\nzzz: 1\n",
        ", line 3, key zzz: there is no such key; known are datasets, detectors, seeds,",
    ),
    "missing key": ("datasets: [wine]\n", ", line 1, key detectors: the key is missing"),
    "missing name": (
        "datasets: [wine]\ndetectors:\n  - random\n  - label: x\n",
        ", line 4, key detectors[1].name: the key is missing",
    ),
    "wrong type": (
        "datasets: [wine]\ndetectors: [random]\nseeds:\n  - 1\n  - two\n",
        ", line 5, key seeds[1]: must be a whole number, got 'two'",
    ),
    "a truth value is no number": (
        "datasets: [wine]\ndetectors: [random]\nn_jobs: yes\n",
        ", line 3, key n_jobs: must be a whole number, got True",
    ),
    "not a list": (
        "datasets: wine\ndetectors: [random]\n",
        ", line 1, key datasets: must be a list, got 'wine'",
    ),
    "null list": (
        "datasets: [wine]\ndetectors:\n",
        ", line 2, key detectors: must be a list, got None",
    ),
    "empty list": (
        "datasets: []\ndetectors: [random]\n",
        ", line 1, key datasets: the list is empty; name at least one",
    ),
    "params": (
        "datasets: [wine]\ndetectors:\n  - name: random\n    params: 3\n",
        ", line 4, key detectors[0].params: must be a mapping, got 3",
    ),
    "entry": (
        "datasets: [wine]\ndetectors: [7]\n",
        ", line 2, key detectors[0]: must be a name or a mapping with the key name, got 7",
    ),
    "seed out of range": (
        "datasets: [wine]\ndetectors: [random]\nseeds: [-1]\n",
        ", line 3, key seeds[0]: a seed is from 0 to 2**32 - 1, got -1",
    ),
    "seed twice": (
        "datasets: [wine]\ndetectors: [random]\nseeds: [1, 1]\n",
        ", line 3, key seeds[1]: the seed 1 is there twice",
    ),
    "jobs": (
        "datasets: [wine]\ndetectors: [random]\nn_jobs: 0\n",
        ", line 3, key n_jobs: must be at least 1, or -1 for all, got 0",
    ),
    "no isolation": (
        "datasets: [wine]\ndetectors: [random]\nisolation: docker\n",
        ", line 3, key isolation: must be one of none, process, fresh, got 'docker'",
    ),
    "no number of seconds": (
        "datasets: [wine]\ndetectors: [random]\ntimeout: soon\n",
        ", line 3, key timeout: must be a number of seconds, got 'soon'",
    ),
    "no time at all": (
        "datasets: [wine]\ndetectors: [random]\ntimeout: 0\n",
        ", line 3, key timeout: must be a number of seconds above 0, got 0.0",
    ),
    "no size": (
        "datasets: [wine]\ndetectors: [random]\nmemory: 2 pounds\n",
        ", line 3, key memory: must be a size such as 2GB or 512MiB, or a number of bytes, got",
    ),
    "no threads": (
        "datasets: [wine]\ndetectors: [random]\nthreads: 0\n",
        ", line 3, key threads: must be at least 1, got 0",
    ),
    "a limit that nothing holds": (
        "datasets: [wine]\ndetectors: [random]\nisolation: none\nmemory: 2GB\n",
        ", line 4, key memory: a limit needs isolation: process or fresh; leave one of the two out",
    ),
    "key twice": (
        "datasets: [wine]\ndetectors: [random]\ndatasets: [iris/setosa]\n",
        ", line 1, key datasets: the key is there twice (again in line 3)",
    ),
    "not YAML": ("datasets: [wine\n", ", line 2: not valid YAML: expected ',' or ']', but got"),
    "not a mapping": ("- a\n", ", line 1: an experiment is a mapping with the keys datasets and"),
    "empty": ("", ": an experiment is a mapping with the keys datasets and detectors"),
    "several documents": (
        "a: 1\n---\nb: 2\n",
        ", line 2: not valid YAML: but found another document",
    ),
    "no path": (
        "datasets: [wine]\ndetectors: [random]\noutput: ''\n",
        ", line 3, key output: must be a path, got ''",
    ),
    "no such day": (
        "datasets: [wine]\ndetectors: [random]\nname: 2024-13-01\n",
        ", line 3, key name: not valid YAML: month must be in 1..12; quote it if it is text",
    ),
    "bottomless": (
        f"datasets: {'[' * 5000}{']' * 5000}\n",
        " is nested too deeply for an experiment",
    ),
    "a bomb": (
        "\n".join(
            [f"a0: &a0 [{', '.join('x' * 10)}]"]
            + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
        ),
        ", line 1: more than 100,000 values, with those that aliases repeat",
    ),
    "endless": ("a: &a [*a]\n", ", line 1, key a[0]: an alias refers to itself"),
    "code": (
        "datasets: !!python/object/apply:os.getcwd []\n",
        ", line 1, key datasets: the tag tag:yaml.org,2002:python/object/apply:os.getcwd is not",
    ),
    "code in a scalar": (
        "datasets: !!python/name:os.getcwd ''\n",
        ", line 1: not valid YAML: could not determine a constructor",
    ),
}


@pytest.mark.parametrize(("n_jobs", "expected"), [(1, 8), (3, 2), (8, 1), (20, 1), (-1, 1)])
def test_processors_are_shared_out_as_threads(monkeypatch, n_jobs, expected):
    for module in ("_experiment", "_measure"):
        monkeypatch.setattr(f"ad_core.benchmark.{module}.n_cpus", lambda: 8)
    detector = DetectorEntry(name="random")
    experiment = Experiment(datasets=("wine",), detectors=(detector,), n_jobs=n_jobs)
    assert experiment.limits.threads == expected


@pytest.mark.parametrize("case", BAD)
def test_errors_name_file_line_and_key(write, case):
    text, message = BAD[case]
    path = write(text)
    with pytest.raises(ConfigError, match="^" + re.escape(str(path) + message)) as caught:
        read_experiment(path)
    assert "\n" not in str(caught.value)


def test_a_missing_or_unreadable_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"^cannot read the experiment .*none.yaml: No such file"):
        read_experiment(tmp_path / "none.yaml")
    (tmp_path / "raw.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ConfigError, match=r"raw.yaml is not text in UTF-8: invalid start byte$"):
        read_experiment(tmp_path / "raw.yaml")
