"""From an experiment to its runs."""

from collections.abc import Iterable
from typing import Any, TypeVar

from attrs import evolve, field, frozen

from ad_core.benchmark._experiment import DetectorEntry, Experiment
from ad_core.benchmark._plain import plain
from ad_core.benchmark._task import Problem, Task, run_key, source_hash
from ad_core.benchmark.events import ReadingDataset
from ad_core.benchmark.protocols import RunProtocol, get_protocol
from ad_core.errors import (
    AdError,
    BackendMissingError,
    NameLookupError,
    ParameterError,
    TargetError,
)
from ad_core.load import availability, build, parameters
from ad_core.registry import Catalog, Entry, Registry, get_registry
from ad_core.results import ErrorInfo, Plugin, Status
from ad_core.spec import DataKind, DatasetSpec, DetectorSpec, Family, MetricSpec

__all__ = ["Plan", "plan"]

SpecT = TypeVar("SpecT", DetectorSpec, DatasetSpec, MetricSpec)


@frozen(kw_only=True)
class Plan:
    """The runs of an experiment, in the order in which they start.

    Parameters
    ----------
    experiment
        What was asked for.
    tasks
        The runs.
    added
        Labels of the null baselines that the experiment does not name.
    """

    experiment: Experiment
    tasks: tuple[Task, ...]
    added: frozenset[str] = frozenset()


@frozen(kw_only=True)
class _Model:
    """One detector with its arguments."""

    label: str
    full_name: str
    plugin: Plugin
    spec: DetectorSpec
    given: dict[str, Any]
    seeded: bool = False
    params: dict[str, Any] = field(factory=dict)
    code: str = ""
    problem: Problem | None = None


@frozen(kw_only=True)
class _Data:
    """One data set with one seed."""

    name: str
    full_name: str
    spec: DatasetSpec
    repetition: int
    seed: int
    data_seed: int
    sha256: str | None = None
    size: int | None = None
    problem: Problem | None = None


def plan(experiment: Experiment, registry: Registry | None = None) -> Plan:
    """Resolve names, arguments and data, and list the runs.

    Detectors are left out on kinds of data that they do not take. A detector
    whose library is missing and a data set that cannot be had stay in the plan,
    with the problem that their records will state. Observers hear of each data set
    before it is read. Null baselines are added where the experiment wants them.

    Parameters
    ----------
    experiment
        What to run.
    registry
        Where to look names up; by default that of the installed plugins.

    Raises
    ------
    ConfigError
        A name (of the protocol too) or an argument is wrong, a label stands for two detectors, or
        nothing is left to run; the message names file, line and key.
    """
    registry = get_registry() if registry is None else registry
    chosen = _chosen(registry.metrics, "metrics", experiment.metrics, experiment)
    metrics = tuple(entry.spec for _, entry in chosen)
    protocol = _protocol(experiment)
    named = _models(experiment, registry)
    datasets = _datasets(experiment, registry, protocol)
    kinds = {data.spec.data for data in datasets}
    if not any(model.spec.data & kinds for model in named):
        raise experiment.source.error(
            "$.detectors", "none of the detectors takes the kind of data of any of the data sets"
        )
    added = _baselines(experiment, registry, named, kinds) if experiment.baselines else []
    tasks = [
        _task(model, data, metrics, protocol)
        for data in datasets
        for model in (*named, *added)
        if data.spec.data in model.spec.data
    ]
    return Plan(
        experiment=experiment,
        tasks=tuple(tasks),
        added=frozenset(model.label for model in added),
    )


def _protocol(experiment: Experiment) -> RunProtocol:
    try:
        return get_protocol(experiment.protocol)
    except NameLookupError as error:
        raise experiment.source.error("$.protocol", str(error)) from error


def _chosen(
    catalog: Catalog[SpecT], key: str, names: Iterable[str], experiment: Experiment
) -> list[tuple[str, Entry[SpecT]]]:
    """Return what names and globs select, each once, with the key that did."""
    found: dict[str, tuple[str, Entry[SpecT]]] = {}
    for place, name in enumerate(names):
        path = f"$.{key}[{place}]"
        try:
            for entry in catalog.select([name]):
                found.setdefault(entry.full_name, (path, entry))
        except NameLookupError as error:
            raise experiment.source.error(path, str(error)) from error
    return list(found.values())


def _models(experiment: Experiment, registry: Registry) -> list[_Model]:
    models: dict[str, _Model] = {}
    for place, wanted in enumerate(experiment.detectors):
        path = f"$.detectors[{place}]"
        chosen = _chosen(registry.detectors, "detectors", [wanted.name], experiment)
        if wanted.label is not None and len(chosen) > 1:
            message = (
                f"{wanted.name!r} selects {len(chosen)} detectors, so they cannot share a label"
            )
            raise experiment.source.error(f"{path}.label", message)
        for _, entry in chosen:
            try:
                model = _model(entry, wanted, _name(entry, registry.detectors), experiment.seeds[0])
            except ParameterError as error:
                raise experiment.source.error(f"{path}.params", str(error)) from error
            if models.setdefault(model.label, model) != model:
                message = f"the label {model.label!r} stands for two detectors; give one a label"
                raise experiment.source.error(path, message)
    return list(models.values())


def _baselines(
    experiment: Experiment, registry: Registry, named: list[_Model], kinds: set[DataKind]
) -> list[_Model]:
    """Return the null baselines for the kinds of data for which none is named."""
    covered = {
        kind for model in named if model.spec.family is Family.BASELINE for kind in model.spec.data
    }
    labels = {model.label for model in named}
    found = []
    for entry in registry.detectors:
        null = entry.spec.family is Family.BASELINE and availability(entry.spec)
        if null and entry.spec.data & (kinds - covered):
            name = _name(entry, registry.detectors)
            label = entry.full_name if name in labels else name
            wanted = DetectorEntry(name=entry.full_name, label=label)
            found.append(_model(entry, wanted, label, experiment.seeds[0]))
    return found


def _model(entry: Entry[DetectorSpec], wanted: DetectorEntry, name: str, seed: int) -> _Model:
    model = _Model(
        label=wanted.label or name,
        full_name=entry.full_name,
        plugin=Plugin(name=entry.plugin, distribution=entry.distribution, version=entry.version),
        spec=entry.spec,
        given=wanted.params,
        params=plain(wanted.params),
    )
    if "random_state" in wanted.params:
        raise ParameterError("random_state is set from the seeds; leave it out")
    missing = availability(entry.spec)
    if not missing:
        message = f"{entry.name} {missing.message}"
        return evolve(model, problem=_problem(BackendMissingError(message)))
    try:
        seeded = any(one.name == "random_state" for one in parameters(entry.spec))
        detector = build(entry.spec, _arguments(wanted.params, seeded, seed))
        code = source_hash(entry.spec)
    except TargetError as error:
        return evolve(model, problem=_problem(error))
    params = {name: one for name, one in detector.get_params().items() if name != "random_state"}
    return evolve(model, seeded=seeded, params=plain(params), code=code)


def _arguments(given: dict[str, Any], seeded: bool, seed: int) -> dict[str, Any]:
    return {**given, "random_state": seed} if seeded else given


def _datasets(experiment: Experiment, registry: Registry, protocol: RunProtocol) -> list[_Data]:
    wanted = [
        _Data(
            name=_name(entry, registry.datasets),
            full_name=entry.full_name,
            spec=entry.spec,
            repetition=repetition,
            seed=seed,
            data_seed=protocol.data_seed(entry.full_name, seed),
        )
        for _, entry in _chosen(registry.datasets, "datasets", experiment.datasets, experiment)
        for repetition, seed in enumerate(experiment.seeds)
    ]
    found = []
    for place, data in enumerate(wanted, start=1):
        registry.emit(
            ReadingDataset(dataset=data.name, seed=data.seed, place=place, n_total=len(wanted))
        )
        found.append(_content(data, protocol))
    return found


def _content(data: _Data, protocol: RunProtocol) -> _Data:
    """Load the data once for the hash of what is in them."""
    try:
        content = protocol.content(data.spec, data.data_seed)
    except AdError as error:
        return evolve(data, problem=_problem(error))
    return evolve(data, sha256=content.sha256, size=content.size)


def _problem(error: AdError) -> Problem:
    skipped = isinstance(error, BackendMissingError)
    return Problem(
        status=Status.SKIPPED if skipped else Status.ERROR,
        error=ErrorInfo(type=type(error).__name__, message=str(error)),
    )


def _name(entry: Entry[SpecT], catalog: Catalog[SpecT]) -> str:
    """Return the short name, or the full one where plugins clash."""
    clashing = {clash.name for clash in catalog.clashes()}
    return entry.full_name if entry.name in clashing else entry.name


def _task(
    model: _Model, data: _Data, metrics: tuple[MetricSpec, ...], protocol: RunProtocol
) -> Task:
    key = run_key(
        protocol=protocol.full_name,
        dataset=data.full_name,
        content=data.sha256,
        data_seed=data.data_seed,
        seed=data.seed,
        detector=model.full_name,
        params=model.params,
        distribution=[model.plugin.distribution, model.plugin.version],
        code=model.code,
        label=model.label,
    )
    return Task(
        key=key,
        protocol=protocol.full_name,
        model=model.label,
        detector=model.full_name,
        plugin=model.plugin,
        spec=model.spec,
        arguments=_arguments(model.given, model.seeded, data.seed),
        params=model.params,
        dataset=data.name,
        dataset_spec=data.spec,
        dataset_sha256=data.sha256,
        size=data.size,
        seed=data.seed,
        data_seed=data.data_seed,
        repetition=data.repetition,
        metrics=metrics,
        problem=model.problem or data.problem,
    )
