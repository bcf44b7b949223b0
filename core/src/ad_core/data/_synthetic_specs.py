"""Specs of the synthetic data sets; imports nothing but `ad_core.spec`."""

from typing import Any

from ad_core.spec import DatasetSpec

__all__ = ["SYNTHETIC"]

OURS = "ad-core, ad_core.data.synthetic"
ADBENCH = (
    "after Han, Hu, Huang, Jiang and Zhao, ADBench: Anomaly Detection Benchmark, NeurIPS 2022, "
    "section 3.3"
)


def _synthetic(
    name: str,
    generator: str,
    summary: str,
    construction: str,
    *,
    citation: str = OURS,
    aliases: tuple[str, ...] = (),
    **params: Any,
) -> DatasetSpec:
    return DatasetSpec(
        name=name,
        target=f"ad_core.data.synthetic:{generator}",
        summary=summary,
        construction=construction,
        citation=citation,
        licence="MIT",
        n_samples=params["normal"] + params["anomalies"],
        n_features=params.get("features", 2),
        n_anomalies=params["anomalies"],
        params=params,
        synthetic=True,
        aliases=aliases,
    )


SYNTHETIC = (
    _synthetic(
        "toy-blobs",
        "blobs",
        "Three round Gaussian clusters, anomalies uniform around them",
        "950 rows of three Gaussian clusters (standard deviation 1, centres uniform in [-6, 6]); "
        "50 anomalies uniform over a box that reaches 3 beyond them on every side.",
        normal=950,
        anomalies=50,
        features=5,
    ),
    _synthetic(
        "toy-local",
        "local_anomalies",
        "Gaussian mixture, local anomalies: the same components, wider",
        "950 rows of a random mixture of three Gaussians; 50 anomalies from the same mixture with "
        "its covariances times 5.",
        citation=ADBENCH,
        normal=950,
        anomalies=50,
        features=6,
        alpha=5.0,
    ),
    _synthetic(
        "toy-global",
        "global_anomalies",
        "Gaussian mixture, global anomalies: uniform over its range",
        "950 rows of a random mixture of three Gaussians; 50 anomalies uniform between 1.1 times "
        "each feature's minimum and maximum.",
        citation=ADBENCH,
        normal=950,
        anomalies=50,
        features=6,
        alpha=1.1,
    ),
    _synthetic(
        "toy-clustered",
        "clustered_anomalies",
        "Gaussian mixture, clustered anomalies: a dense group far off",
        "950 rows of a random mixture of three Gaussians; 50 anomalies from its first component "
        "with the mean times 5.",
        citation=ADBENCH,
        normal=950,
        anomalies=50,
        features=6,
        alpha=5.0,
    ),
    _synthetic(
        "toy-dependency",
        "dependency_anomalies",
        "Correlated features, anomalies that break the correlation",
        "950 rows of a linear model with two factors and noise of standard deviation 0.2; 50 "
        "anomalies whose features each come from another such row, so that only their "
        "combination is unusual.",
        citation=ADBENCH,
        aliases=("toy-correlated",),
        normal=950,
        anomalies=50,
        features=6,
        noise=0.2,
    ),
    _synthetic(
        "toy-densities",
        "densities",
        "A dense and a sparse cluster, anomalies close to the dense one",
        "480 rows with standard deviation 0.2 around (0, 0) and 480 with 4 around (20, 0); 40 "
        "anomalies on a ring of radius 1.2 to 2.2 around (0, 0).",
        citation="after Breunig, Kriegel, Ng and Sander, LOF, SIGMOD 2000, figure 1",
        normal=960,
        anomalies=40,
    ),
    _synthetic(
        "toy-moons",
        "moons",
        "Two interleaving half circles, anomalies between and around them",
        "760 rows on two half circles of radius 1 with noise of standard deviation 0.08; 40 "
        "anomalies uniform over the box around them, at least 0.3 from either half circle.",
        normal=760,
        anomalies=40,
        noise=0.08,
    ),
    _synthetic(
        "toy-ring",
        "ring",
        "A circle, anomalies inside it and nearer to the mean than any normal row",
        "475 rows on a circle of radius 5 with noise of standard deviation 0.3; 25 anomalies "
        "uniform over the concentric disc of radius 3.",
        normal=475,
        anomalies=25,
        noise=0.3,
    ),
    _synthetic(
        "toy-heavy-tailed",
        "heavy_tailed",
        "Student t with 3 degrees of freedom, anomalies in a small tight group",
        "970 rows of a multivariate Student t with 3 degrees of freedom; 30 anomalies with "
        "standard deviation 0.3 around a corner of the cube [-4, 4]^5. Some normal rows lie "
        "farther out.",
        normal=970,
        anomalies=30,
        features=5,
        freedom=3.0,
    ),
    _synthetic(
        "toy-high-dimensional",
        "subspace",
        "100 features, of which 5 tell the anomalies from the rest",
        "1,900 rows of 100 independent standard normal features; 100 anomalies that are shifted "
        "by plus or minus 4 in the first 5 features only.",
        normal=1900,
        anomalies=100,
        features=100,
        relevant=5,
        shift=4.0,
    ),
)
