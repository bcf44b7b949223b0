"""An experiment: what to run, read from YAML."""

import math
from os import PathLike
from pathlib import Path
from typing import Any

import cattrs
from attrs import field, fields, frozen

from ad_core.benchmark._measure import n_cpus, n_workers
from ad_core.benchmark._yaml import Source, read_yaml
from ad_core.benchmark.engines import Engine
from ad_core.benchmark.isolation import parse_memory
from ad_core.benchmark.protocols import DEFAULT
from ad_core.registry import nearest
from ad_core.results import Isolation, Limits

__all__ = ["DetectorEntry", "Experiment", "Source", "read_experiment"]


@frozen(kw_only=True)
class DetectorEntry:
    """One detector of an experiment, or several by a glob.

    Parameters
    ----------
    name
        Name, alias, ``plugin/name`` or glob.
    label
        What to call it in tables; its name by default.
    params
        Its arguments; `random_state` is set from the seeds.
    """

    name: str
    label: str | None = None
    params: dict[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class Experiment:
    """What to run: every detector on every data set with every seed.

    Parameters
    ----------
    datasets
        Names or globs.
    detectors
        Names, globs, or mappings with ``name``, ``label`` and ``params``.
    seeds
        One repetition each.
    metrics
        Names or globs.
    protocol
        How a data set becomes train and test parts: a name, or ``name/version``.
    baselines
        Whether to add the null baselines that fit a kind of data where `detectors`
        name none; a file does unless it says otherwise.
    n_jobs
        Number of processes; -1 for one a processor.
    engine, address
        Who does the runs: this machine or a cluster; and the address of a cluster that
        runs. Without one, `n_jobs` workers of the engine are started here.
    isolation
        Where runs happen: each in a process of its own, which may do another one when it
        is as good as new; each in a process that does nothing else (`fresh`); or in those
        of the benchmark (`none`).
    timeout, memory, threads
        What a run may use, where it has a process of its own; see `Limits`. The
        threads are by default the processors shared out among `n_jobs`; 1 on a cluster
        that runs.
    name
        By default the file's name.
    output
        Results folder; ``results/<name>`` by default.
    source
        Where the above was written.
    """

    datasets: tuple[str, ...]
    detectors: tuple[DetectorEntry, ...]
    seeds: tuple[int, ...] = (0,)
    metrics: tuple[str, ...] = ("roc_auc", "pr_auc", "f1", "f1_fit", "f1_best", "r_precision")
    protocol: str = DEFAULT.name
    baselines: bool = False
    n_jobs: int = 1
    engine: Engine = field(default=Engine.LOCAL, converter=Engine)
    address: str | None = None
    isolation: Isolation = Isolation.PROCESS
    timeout: float | None = None
    memory: int | None = None
    threads: int | None = None
    name: str = "experiment"
    output: Path = field(converter=Path)
    source: Source = field(factory=Source, eq=False, repr=False)

    @output.default
    def _default_output(self) -> Path:
        return Path("results") / self.name

    @property
    def limits(self) -> Limits | None:
        """What each run may use; None where runs have no process of their own."""
        if self.isolation is Isolation.NONE:
            return None
        shared = 1 if self.address else max(1, n_cpus() // n_workers(self.n_jobs))
        threads = self.threads or shared
        return Limits(timeout=self.timeout, memory=self.memory, threads=threads)

    @property
    def parallel(self) -> bool:
        """Whether there may be more than one run at a time."""
        return self.n_jobs != 1 or self.address is not None

    @property
    def powerless(self) -> tuple[str, ...]:
        """Limits that are set although nothing holds a run to them."""
        if self.isolation is not Isolation.NONE:
            return ()
        return tuple(
            name for name in ("timeout", "memory", "threads") if getattr(self, name) is not None
        )


def read_experiment(file: str | PathLike[str]) -> Experiment:
    """Read an experiment from a YAML file.

    Raises
    ------
    ConfigError
        The file cannot be read or says something wrong; the message names file, line and key.
    """
    values, source = read_yaml(file)
    if not isinstance(values, dict):
        raise source.error("$", "an experiment is a mapping with the keys datasets and detectors")
    _check_keys(values, "$", _KEYS, source)
    for key in _LISTS:
        if not isinstance(values.get(key, []), list):
            raise source.error(f"$.{key}", f"must be a list, got {values[key]!r}")
    for place, entry in enumerate(values.get("detectors", ())):
        if isinstance(entry, dict):
            _check_keys(entry, f"$.detectors[{place}]", _ENTRY_KEYS, source)
    if values.get("memory") is not None:
        try:
            values = {**values, "memory": parse_memory(values["memory"])}
        except ValueError as error:
            raise source.error("$.memory", str(error)) from error
    try:
        experiment = _converter.structure(
            {"name": Path(file).stem, "baselines": True, **values, "source": source}, Experiment
        )
    except cattrs.BaseValidationError as error:
        first = cattrs.transform_error(error, format_exception=_message)[0]
        message, _, path = first.rpartition(" @ ")
        raise source.error(path, message) from error
    _check(experiment)
    return experiment


_KEYS = tuple(one.name for one in fields(Experiment) if one.name != "source")
_LISTS = ("datasets", "detectors", "seeds", "metrics")
_ENTRY_KEYS = tuple(one.name for one in fields(DetectorEntry))


def _check_keys(values: dict[str, Any], path: str, known: tuple[str, ...], source: Source) -> None:
    for key in values:
        if key not in known:
            close = nearest(key, known)
            hint = (
                f"did you mean {' or '.join(close)}?" if close else f"known are {', '.join(known)}"
            )
            raise source.error(f"{path}.{key}", f"there is no such key; {hint}")


def _check(experiment: Experiment) -> None:
    """Check what types cannot say."""
    error = experiment.source.error
    for name in _LISTS:
        if not getattr(experiment, name):
            raise error(f"$.{name}", "the list is empty; name at least one")
    for place, seed in enumerate(experiment.seeds):
        if not 0 <= seed < 2**32:
            raise error(f"$.seeds[{place}]", f"a seed is from 0 to 2**32 - 1, got {seed}")
        if seed in experiment.seeds[:place]:
            raise error(f"$.seeds[{place}]", f"the seed {seed} is there twice")
    _check_resources(experiment)


def _check_resources(experiment: Experiment) -> None:
    error = experiment.source.error
    if experiment.n_jobs < 1 and experiment.n_jobs != -1:
        raise error("$.n_jobs", f"must be at least 1, or -1 for all, got {experiment.n_jobs}")
    if experiment.timeout is not None and not 0 < experiment.timeout < math.inf:
        raise error("$.timeout", f"must be a number of seconds above 0, got {experiment.timeout}")
    if experiment.threads is not None and experiment.threads < 1:
        raise error("$.threads", f"must be at least 1, got {experiment.threads}")
    if experiment.address is not None and experiment.engine is Engine.LOCAL:
        raise error("$.address", "an address needs engine: dask or engine: ray")
    for name in experiment.powerless:
        raise error(
            f"$.{name}", "a limit needs isolation: process or fresh; leave one of the two out"
        )


def _message(error: BaseException, _kind: type | None) -> str:
    if isinstance(error, KeyError):
        return "the key is missing"
    return str(error)


def _exactly(kind: type, words: str) -> Any:
    def structure(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"must be {words}, got {value!r}")
        return value

    return structure


def _entry(value: Any, _: Any) -> DetectorEntry:
    if isinstance(value, str):
        return DetectorEntry(name=value)
    if not isinstance(value, dict):
        raise TypeError(f"must be a name or a mapping with the key name, got {value!r}")
    return _entry_from_mapping(value, DetectorEntry)


def _path(value: Any, _: Any) -> str:
    if type(value) is not str or not value:
        raise TypeError(f"must be a path, got {value!r}")
    return value


def _seconds(value: Any, _: Any) -> float:
    if type(value) not in (int, float):
        raise TypeError(f"must be a number of seconds, got {value!r}")
    return float(value)


def _isolation(value: Any, _: Any) -> Isolation:
    if value not in list(Isolation):
        raise TypeError(f"must be one of {', '.join(Isolation)}, got {value!r}")
    return Isolation(value)


def _engine(value: Any, _: Any) -> Engine:
    if value in list(Engine):
        return Engine(value)
    close = nearest(str(value), list(Engine))
    hint = f"; did you mean {' or '.join(close)}?" if close else ""
    raise TypeError(f"must be one of {', '.join(Engine)}, got {value!r}{hint}")


_converter = cattrs.Converter(forbid_extra_keys=True)
_converter.register_structure_hook(str, _exactly(str, "text"))
_converter.register_structure_hook(int, _exactly(int, "a whole number"))
_converter.register_structure_hook(bool, _exactly(bool, "true or false"))
_converter.register_structure_hook(float, _seconds)
_converter.register_structure_hook(Isolation, _isolation)
_converter.register_structure_hook(Engine, _engine)
_converter.register_structure_hook_func(
    lambda kind: kind == dict[str, Any], _exactly(dict, "a mapping")
)
_converter.register_structure_hook(Path, _path)
_converter.register_structure_hook(Source, lambda value, _: value)
_entry_from_mapping = cattrs.gen.make_dict_structure_fn(DetectorEntry, _converter)
_converter.register_structure_hook(DetectorEntry, _entry)
