"""One run in a process of its own: the ways of starting it, limits, where it can be called."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from importlib.metadata import distributions, entry_points
from types import ModuleType

import drill
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ad_core.benchmark import JoblibExecutor, get_ready, plan, run, run_isolated
from ad_core.benchmark.isolation import Isolator, _forks, parse_memory, stop_on
from ad_core.benchmark.isolation._child import Preparation
from ad_core.benchmark.isolation._forks import Zygote
from ad_core.benchmark.isolation._sources import GRAIN, Sources
from ad_core.benchmark.isolation._stems import Stem
from ad_core.benchmark.isolation._tree import end, resident
from ad_core.benchmark.isolation._worker import environment
from ad_core.registry import Registry
from ad_core.results import Isolation, Limits, RunStore

LIMITS = Limits(threads=1)
LINUX = sys.platform == "linux"
WAYS = [pytest.param(True, marks=pytest.mark.skipif(not LINUX, reason="forks")), False]


@pytest.fixture
def registry(site, monkeypatch):
    drill.lay_out(site)
    monkeypatch.syspath_prepend(site.path)
    points = [
        point for found in distributions(path=[str(site.path)]) for point in found.entry_points
    ]
    yield Registry([*entry_points(group="ad.plugins", name="core"), *points])
    for module in site.modules:
        sys.modules.pop(module, None)


@pytest.fixture
def tasks(registry):
    """Return what plans tasks of the drill by name."""

    def tasks(*names):
        return {task.model: task for task in plan(drill.experiment(names), registry).tasks}

    return tasks


@pytest.fixture(params=WAYS, ids=["forked", "fresh"])
def isolator(request):
    isolator = Isolator(threads=1, fork=request.param)
    yield isolator
    isolator.close()


BRIEF = ("Good", "Segfaults", "ExitsWith3", "Leaves", "AsksTooMuch", "Prints", "TooFew")


def test_both_ways_of_starting_a_run_end_it_alike(isolator, tasks):
    limits = Limits(memory=drill.MEMORY, threads=1)
    for name, task in tasks(*BRIEF).items():
        record = isolator.run(task, limits).record
        found = (str(record.status), record.signal, record.exit_code)
        assert found == drill.ENDS[name], record.error
        assert drill.MESSAGES.get(name, "") in (record.error.message if record.error else "")


@pytest.mark.skipif(not LINUX, reason="what is left is looked up in /proc")
@pytest.mark.parametrize(("name", "status"), [("Parent", "timeout"), ("EatsInChildren", "oom")])
def test_both_ways_end_a_tree_of_processes(isolator, tasks, tmp_path, monkeypatch, name, status):
    monkeypatch.setenv(drill.MARK, str(tmp_path))
    limits = Limits(timeout=1.0 if status == "timeout" else None, memory=drill.MEMORY, threads=1)
    record = isolator.run(tasks(name)[name], limits).record
    assert record.status == status, record.error
    isolator.close()
    assert drill.survivors(str(tmp_path), drill.is_stem) == []


def test_threads_are_bounded_and_what_is_in_force_is_recorded(isolator, tasks):
    record = isolator.run(tasks("Good")["Good"], LIMITS).record
    assert record.environment["OMP_NUM_THREADS"] == "1"
    in_force = {name: n for name, n in record.environment.items() if name.endswith("_threads")}
    assert in_force
    assert {*in_force.values()} == {"1"}


@pytest.mark.skipif(not LINUX, reason="forks")
def test_a_worker_that_died_between_runs_is_replaced(tasks):
    isolator, task = Isolator(1), tasks("Good")["Good"]
    first = isolator.run(task, LIMITS)
    zygote = psutil.Process(isolator._worker.process.pid)
    assert isolator.run(task, LIMITS).record.ok
    assert zygote.is_running()  # it served both
    zygote.kill()
    zygote.wait()
    again = isolator.run(task, LIMITS)
    isolator.close()
    assert again.scores.scores.tolist() == first.scores.scores.tolist()


@pytest.mark.skipif(not LINUX, reason="forks")
def test_zygotes_of_one_environment_are_forks_of_one_stem(tasks, monkeypatch):
    task = tasks("Good")["Good"]

    def stem_of(isolator):
        assert isolator.run(task, LIMITS).record.ok
        parent = isolator._worker.process.parent()
        isolator.close()
        return parent

    one, two = stem_of(Isolator(1)), stem_of(Isolator(1))
    assert one == two
    monkeypatch.setenv("SOME_OTHER", "1")
    third = stem_of(Isolator(1))
    assert third != one
    third.kill()
    third.wait()
    assert stem_of(Isolator(1)) not in (one, third)


@pytest.mark.skipif(not LINUX, reason="forks")
def test_a_zygote_whose_stem_died_is_replaced(tasks):
    isolator, task = Isolator(1), tasks("Good")["Good"]
    assert isolator.run(task, LIMITS).record.ok
    zygote = isolator._worker.process
    zygote.parent().kill()
    zygote.wait()
    assert isolator.run(task, LIMITS).record.ok
    assert isolator._worker.process != zygote
    isolator.close()


@pytest.mark.skipif(not LINUX, reason="forks")
def test_a_module_that_kills_who_imports_it_hurts_its_own_run_only(site, tasks, monkeypatch):
    planned = tasks("Good", "random")
    source = site.path / "drill_detectors.py"
    source.write_text("import os\n\nos._exit(9)\n")
    isolator = Isolator(1)
    record = isolator.run(planned["Good"], LIMITS).record
    assert (record.status, record.exit_code) == ("crash", 9)
    assert isolator.run(planned["random"], LIMITS).record.ok
    isolator.close()


@pytest.mark.skipif(not LINUX, reason="forks")
def test_a_module_that_kills_who_imports_it_by_now_hurts_its_own_run_only(site, tasks):
    planned = tasks("Good", "random")
    isolator = Isolator(1)
    assert isolator.run(planned["Good"], LIMITS).record.ok
    isolator.close()
    (site.path / "drill_detectors.py").write_text("import os\n\nos._exit(9)\n")
    record = isolator.run(planned["Good"], LIMITS).record
    assert (record.status, record.exit_code) == ("crash", 9)
    assert isolator.run(planned["random"], LIMITS).record.ok
    isolator.close()


LAZY = """

def _fit(self, X, y):
    import sys

    self.there_ = float("{0}" in sys.modules)
    import {0}


Good._fit = _fit
Good._score = lambda self, X: np.full(len(X), self.there_)
"""


@pytest.mark.skipif(not LINUX, reason="forks")
@pytest.mark.parametrize(("module", "found"), [("json.tool", 1.0), ("tabnanny", 0.0)])
def test_a_zygote_imports_what_runs_import_unless_it_may_start_threads(site, tasks, module, found):
    task = tasks("Good")["Good"]
    source = site.path / "drill_detectors.py"
    source.write_text(source.read_text() + LAZY.format(module))
    isolator = Isolator(1, again=False)
    runs = [isolator.run(task, LIMITS).scores.scores[0] for _ in range(3)]
    isolator.close()
    assert runs == [0.0, found, found]


@pytest.mark.skipif(not LINUX, reason="forks")
def test_what_a_run_imported_is_there_for_later_zygotes_until_it_is_another_on_disk(site, tasks):
    task = tasks("Good")["Good"]
    source = site.path / "drill_detectors.py"
    lazy = source.read_text() + LAZY.format("email.mime.audio")
    source.write_text(lazy)

    def run():
        isolator = Isolator(1)
        scores = isolator.run(task, LIMITS).scores.scores
        stem = isolator._worker.process.parent()
        isolator.close()
        return scores[0], stem

    first, stem = run()
    assert first == 0.0
    assert run() == (1.0, stem)
    source.write_text(lazy.replace("self.there_)", "self.there_ + 5)"))
    assert run() == (6.0, stem)
    source.write_text(lazy)
    assert run() == (1.0, stem)


LONG = """
import time
from pathlib import Path

with Path(__file__).with_name("begun").open("a") as begun:
    begun.write("x")
time.sleep(0.5)
"""


@pytest.mark.skipif(not LINUX, reason="forks")
def test_a_stem_begins_anew_when_a_file_changed_while_it_imported(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    short, long, begun = (tmp_path / name for name in ("first_short.py", "then_long.py", "begun"))
    short.write_text("a = 1")
    long.write_text(LONG)
    stem, wanted = Stem(environment(1)), [Preparation(modules=("first_short", "then_long"))]
    for times in (1, 2):
        stem.prepare(wanted)
        deadline = time.monotonic() + 60
        while not begun.exists() or begun.stat().st_size < times:
            assert stem.lives
            assert time.monotonic() < deadline
            time.sleep(0.01)
        short.write_text(f"a = 1{times}")


@pytest.mark.skipif(not LINUX, reason="forks")
def test_the_stem_is_told_once_what_runs_import(site, tasks, monkeypatch):
    taught = []
    monkeypatch.setattr(_forks, "teach", taught.extend)
    monkeypatch.setattr(Zygote, "imported", set())
    source = site.path / "drill_detectors.py"
    source.write_text(source.read_text() + LAZY.format("email.mime.image"))
    isolator = Isolator(1)
    for _ in range(3):
        assert isolator.run(tasks("Good")["Good"], LIMITS).record.ok
    isolator.close()
    assert sum("email.mime.image" in one.modules for one in taught) == len(taught) == 1


def test_programs_have_the_same_environment_before_and_after_scikit_learn_is_imported():
    code = (
        "import sys; from ad_core.benchmark.isolation._worker import environment;"
        "assert 'sklearn' not in sys.modules; before = environment(1);"
        "import sklearn; assert environment(1) == before"
    )
    known = {name: value for name, value in os.environ.items() if not name.startswith("KMP_")}
    subprocess.run([sys.executable, "-c", code], check=True, env=known)


class Odd:
    def __getattr__(self, name):
        raise RuntimeError(f"nobody may ask for {name}")


def test_sources_change_when_a_file_does_and_odd_modules_are_let_be(tmp_path, monkeypatch):
    file = tmp_path / "some_source.py"
    file.write_text("a = 1")
    module = ModuleType("some_source")
    module.__file__ = str(file)
    monkeypatch.setitem(sys.modules, "some_source", module)
    monkeypatch.setitem(sys.modules, "odd", Odd())
    sources = Sources()
    sources.note()
    assert not sources.changed()
    file.write_text("a = 12")
    assert sources.changed()
    file.unlink()
    assert sources.changed()


@pytest.mark.skipif(os.name == "nt", reason="its ctime is that of creation")
def test_a_file_of_the_same_size_and_age_is_another_when_it_was_written_to(tmp_path, monkeypatch):
    file = tmp_path / "some_source.py"
    file.write_text("a = 1")
    module = ModuleType("some_source")
    module.__file__ = str(file)
    monkeypatch.setitem(sys.modules, "some_source", module)
    sources = Sources()
    sources.note()
    before = file.stat()
    time.sleep(2e-9 * GRAIN)
    file.write_text("a = 2")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert sources.changed()


@pytest.mark.parametrize("changed", [False, True])
def test_a_file_that_changed_while_it_was_imported_counts_as_changed(
    tmp_path, monkeypatch, changed
):
    file = tmp_path / "some_source.py"
    file.write_text("a = 1")
    time.sleep(2e-9 * GRAIN)
    module = ModuleType("some_source")
    module.__file__ = str(file)
    sources = Sources()
    sources.note()
    begin = time.time_ns()
    monkeypatch.setitem(sys.modules, "some_source", module)
    if changed:
        file.write_text("a = 12")
    sources.note(since=begin)
    assert sources.changed() == changed


@pytest.mark.skipif(not LINUX, reason="forks")
def test_what_runs_are_forked_from_starts_while_they_are_planned(registry, monkeypatch):
    monkeypatch.setenv("SOME_OTHER", "2")
    experiment = drill.experiment(("Good",))
    before = {process.pid for process in psutil.Process().children()}
    get_ready(experiment)
    (stem,) = {process.pid for process in psutil.Process().children()} - before
    isolator = Isolator(experiment.limits.threads)
    assert isolator.run(plan(experiment, registry).tasks[0], experiment.limits).record.ok
    assert isolator._worker.process.ppid() == stem
    isolator.close()


def test_nothing_starts_early_for_runs_without_a_process_of_their_own():
    before = psutil.Process().children()
    get_ready(drill.experiment(("Good",), isolation=Isolation.NONE))
    assert psutil.Process().children() == before


def test_stopping_ends_the_run_in_a_thread(tasks):
    task, stop, caught = tasks("Hangs")["Hangs"], threading.Event(), []

    def supervise():
        stop_on(stop)
        try:
            run_isolated(task, LIMITS)
        except KeyboardInterrupt as error:
            caught.append(error)

    thread = threading.Thread(target=supervise)
    thread.start()
    stop.set()
    thread.join(timeout=60)
    assert len(caught) == 1


def test_a_run_can_be_isolated_in_a_daemonic_process(tasks):
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:  # its processes are daemonic: multiprocessing fails in them
        good, dead = pool.starmap(
            run_isolated, [(task, LIMITS) for task in tasks("Good", "ExitsWith3").values()]
        )
    assert good.record.ok
    assert (dead.record.status, dead.record.exit_code) == ("crash", 3)


def test_a_pool_of_joblib_survives_runs_that_crash(registry, tmp_path):
    planned = plan(drill.experiment(("Good", "Segfaults", "ExitsWith3", "random")), registry)
    summary = run(planned, RunStore(tmp_path / "runs"), JoblibExecutor(2), registry=registry)
    assert summary.by_status == {"crash": 2, "ok": 2}


@pytest.mark.parametrize(
    ("text", "size"),
    [("2GB", 2 * 10**9), ("512 MiB", 512 * 2**20), ("1.5kb", 1500), ("100B", 100), (4096, 4096)],
)
def test_sizes_are_read_as_people_write_them(text, size):
    assert parse_memory(text) == size


@pytest.mark.parametrize("value", ["2", "two GB", "GB", "-1GB", "1XB", "", "0B", 0, -5, True, 1.5])
def test_what_is_no_size_is_refused(value):
    with pytest.raises(ValueError, match="^must be a size such as 2GB or 512MiB, or a number"):
        parse_memory(value)


@given(st.text(max_size=12))
def test_any_text_is_a_size_or_refused(text):
    try:
        size = parse_memory(text)
    except ValueError:
        return
    assert size >= 1


def test_memory_is_that_of_all_processes_of_a_tree():
    code = "import time; kept = bytearray(b'x') * 50_000_000; print(flush=True); time.sleep(3600)"
    children = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(3)
    ]
    for child in children:
        child.stdout.readline()
    # Three of a kind, as large as one another to the byte.
    assert resident(psutil.Process(child.pid) for child in children) > 150_000_000
    end(lambda: [psutil.Process(child.pid) for child in children], grace=0)
    assert [child.wait() for child in children] == [-signal.SIGKILL] * 3
    for child in children:
        child.stdout.close()
    assert resident([]) == 0
