"""A few hundred records with everything that can go wrong, some labels hostile."""

import hashlib

import numpy as np

from ad_core.results import ErrorInfo, Plugin, Record, Status

HOSTILE = "<script>alert(1)</script>"
LONG = "an_ensemble_of_" + "very_" * 20 + "long_names"
FAILURES = {
    "slow": (Status.TIMEOUT, "over its limit of 60 s"),
    "hungry": (Status.OOM, "over its limit of 1,024 MiB"),
    LONG: (Status.CRASH, "killed by SIGSEGV"),
    HOSTILE: (Status.ERROR, "</script><img src=x onerror=alert(1)> & 'more' \"quotes\" $x_1$"),
}
PLACES = (
    "/home/me/venv/lib/python3.11/site-packages/numpy/linalg/_linalg.py",
    "/opt/python/lib/python3.11/threading.py",
    "/home/me/ad/core/src/ad_core/detector/_base.py",
    "/home/me/secret/x.py",
    "x.py",
)
TRACEBACK = (
    "Traceback (most recent call last):\n"
    + "".join(f'  File "{place}", line 1\n' for place in PLACES)
    + "ValueError: </script>\n"
)


def record(model, dataset, seed, value, rng, *, status=Status.OK, message="", seconds=0.1):
    """Make one record."""
    ok = status is Status.OK
    return Record(
        key=hashlib.sha256(f"{model} {dataset} {seed}".encode()).hexdigest(),
        status=status,
        error=None if ok else ErrorInfo(type="ValueError", message=message, traceback=TRACEBACK),
        protocol="holdout/2",
        dataset=dataset,
        dataset_sha256="0" * 64,
        model=model,
        detector=f"some-plugin/{model}",
        family="baseline" if model in ("random", "constant") else "density",
        plugin=Plugin(name="some-plugin", distribution="some-plugin", version="1.0"),
        params={"k": 5, "metric": "<b>"},
        seed=seed,
        data_seed=1,
        repetition=seed,
        n_samples=300,
        metrics={"roc_auc": value, "pr_auc": value and value**2, "f1": None} if ok else {},
        reasons={"f1": "no threshold"} if ok else {},
        fit_time=seconds if ok else None,
        score_time=seconds / 3 if ok else None,
        time_per_1000=seconds / 100 if ok else None,
        peak_memory=int(1e6 * rng.uniform(1, 90)) if ok else None,
        started_at="2026-01-01T00:00:00+00:00",
        finished_at="2026-01-01T00:00:01+00:00",
        versions={"python": "3.11.9", "numpy": "2.1.0"},
        environment={"OMP_NUM_THREADS": "1", "n_cpus": "2"},
        scores_sha256="0" * 64 if ok else None,
        hardware="a machine, 2 CPUs, 8 GiB, Linux",
    )


def records(n_models=13, n_datasets=16, n_seeds=2):
    """Make a benchmark of so many detectors, data sets and seeds; the same every time."""
    rng = np.random.default_rng(0)
    plain = [f"detector_{place:02}" for place in range(n_models - len(FAILURES) - 2)]
    models = ["random", "constant", *FAILURES, *plain]
    skills = dict(zip(models, [0.5, 0.5, *rng.uniform(0.55, 0.9, len(models) - 2)], strict=True))
    found = []
    for place in range(n_datasets):
        dataset = f"adbench/set_{place:02}" if place else HOSTILE
        ease = rng.uniform(-0.2, 0.1)
        for model in models:
            for seed in range(n_seeds):
                value = 0.5 if model == "constant" else skills[model] + ease * (model != "random")
                value = float(np.clip(value + rng.normal(0, 0.04) * (model != "constant"), 0, 1))
                status, message = Status.OK, ""
                if model in FAILURES and (
                    place == n_datasets - 1 or (model == "slow" and place % 3)
                ):
                    status, message = FAILURES[model]
                seconds = float(10 ** rng.uniform(-3, 1))
                found.append(
                    record(
                        *(model, dataset, seed, value, rng),
                        status=status,
                        message=message,
                        seconds=seconds,
                    )
                )
    return found
