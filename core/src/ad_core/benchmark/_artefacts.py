"""What a benchmark says of itself: the resolved experiments and where they ran."""

import platform
from typing import Any

from attrs import asdict, fields

from ad_core.benchmark._experiment import Experiment
from ad_core.benchmark._measure import hardware, threads, versions
from ad_core.benchmark._plain import plain
from ad_core.benchmark._plan import Plan
from ad_core.results import Kind, RunStore, read_artefact, write_artefact

__all__ = ["describe_environment", "describe_experiment", "keep_artefacts"]

_RESOLVED = ("name", "datasets", "detectors", "seeds", "metrics", "output", "source", "protocol")


def keep_artefacts(plan: Plan, store: RunStore) -> None:
    """Write ``config.json`` and ``environment.json`` beside the records.

    Experiments that share a folder share the two files: a plan replaces the one
    of the same name, and an environment is added unless it is there. Drivers
    take turns, so none undoes what another wrote.

    Raises
    ------
    ResultsError
        One of the files is damaged, or the folder cannot be written.
    """
    with store.claim("artefacts", wait=True):
        config = read_artefact(store.folder, Kind.CONFIG) or {"experiments": {}}
        experiments = config["experiments"] | {plan.experiment.name: describe_experiment(plan)}
        ordered = dict(sorted(experiments.items()))
        write_artefact(store.folder, Kind.CONFIG, {"experiments": ordered})
        known = read_artefact(store.folder, Kind.ENVIRONMENT) or {"environments": []}
        here = describe_environment(plan)
        others = [one for one in known["environments"] if one != here]
        write_artefact(store.folder, Kind.ENVIRONMENT, {"environments": [*others, here]})


def describe_experiment(plan: Plan) -> dict[str, Any]:
    """Return the experiment with its names and globs resolved, as plain data."""
    experiment, tasks = plan.experiment, plan.tasks
    models = {
        task.model: {
            "model": task.model,
            "detector": task.detector,
            "plugin": asdict(task.plugin),
            "params": dict(task.params),
        }
        for task in tasks
    }
    return {
        "source": {
            "file": experiment.source.file.replace("\\", "/").rpartition("/")[2],
            "sha256": experiment.source.sha256,
        },
        "protocols": sorted({task.protocol for task in tasks}),
        "seeds": list(experiment.seeds),
        "metrics": list(dict.fromkeys(spec.name for task in tasks for spec in task.metrics)),
        "datasets": list(dict.fromkeys(task.dataset for task in tasks)),
        "detectors": list(models.values()),
        "execution": {
            one.name: plain(getattr(experiment, one.name))
            for one in fields(Experiment)
            if one.name not in _RESOLVED
        },
        "runs": [
            {"key": task.key, "model": task.model, "dataset": task.dataset, "seed": task.seed}
            for task in tasks
        ],
    }


def describe_environment(plan: Plan) -> dict[str, Any]:
    """Return what this process computes with, as plain data."""
    found: dict[str, str] = {}
    for task in {task.detector: task for task in plan.tasks}.values():
        found |= versions(task.spec, task.plugin.distribution)
    found.pop("python", None)
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
        "hardware": hardware(),
        "threads": threads(),
        "distributions": dict(sorted(found.items())),
    }
