"""Specs of the synthetic series; imports nothing but `ad_core.spec`."""

from typing import Any

from ad_core.spec import DatasetSpec

__all__ = ["SYNTHETIC"]

BASE = (
    "A sine of the given period with amplitude 1 and noise of standard deviation 0.1. Train is "
    "free of anomalies; in test, which follows it without a break, "
)


def _series(
    name: str,
    generator: str,
    summary: str,
    construction: str,
    *,
    channels: int = 1,
    anomalies: int | None = None,
    **params: Any,
) -> DatasetSpec:
    train, test = 1000, 2000
    return DatasetSpec(
        name=name,
        target=f"ad_datasets_timeseries.synthetic:{generator}",
        summary=summary,
        construction=construction,
        citation="ad-datasets-timeseries, ad_datasets_timeseries.synthetic",
        licence="MIT",
        data="timeseries",
        n_samples=train + test,
        n_features=channels,
        n_anomalies=anomalies,
        params={"train": train, "test": test, **params},
        synthetic=True,
    )


SYNTHETIC = (
    _series(
        "toy-series-spikes",
        "spikes",
        "A noisy sine, single steps thrown far up or down",
        f"{BASE}20 single steps, at least 10 apart, are moved by 1.5 to 3, up or down.",
        anomalies=20,
        period=50,
        count=20,
        smallest=1.5,
        largest=3.0,
    ),
    _series(
        "toy-series-level-shifts",
        "level_shifts",
        "A noisy sine, stretches lifted or lowered",
        f"{BASE}3 stretches of 60 steps are moved by 1.5, up or down.",
        anomalies=180,
        period=50,
        count=3,
        length=60,
        shift=1.5,
    ),
    _series(
        "toy-series-frequencies",
        "frequency_changes",
        "A noisy sine, stretches of twice the frequency",
        f"{BASE}3 stretches of two periods have twice the frequency; no value is unusual by "
        "itself.",
        anomalies=300,
        period=50,
        count=3,
        factor=2.0,
    ),
    _series(
        "toy-series-discords",
        "discords",
        "Noisy pulses, one of them flipped in time",
        "A sawtooth pulse of the given period with amplitude 1 and noise of standard deviation "
        "0.05. Train is free of anomalies; in test, which follows it without a break, 3 periods "
        "run backwards: their values are the same, only their order is not.",
        anomalies=150,
        period=50,
        count=3,
    ),
    _series(
        "toy-series-decoupled",
        "decoupled",
        "Three channels of one rhythm, stretches in which one channel leaves the others",
        "Three noisy sines of the given period, with different amplitudes. Train is free of "
        "anomalies; in test, which follows it without a break, 3 stretches of two periods have one "
        "channel, drawn at random, half a period late: each channel taken alone stays a sine.",
        channels=3,
        anomalies=300,
        period=50,
        count=3,
    ),
)
