"""What ad-deep brings; listing it does not import torch."""

from collections.abc import Iterable

from ad_core.hookspecs import hookimpl
from ad_core.spec import Capability, DetectorSpec, Family, Hardware

__all__ = ["ad_detectors"]

_CAPABILITIES = (
    *(Capability.NOVELTY, Capability.MULTIVARIATE),
    *(Capability.SEEDED, Capability.SERIALIZABLE),
)
_HARDWARE = (Hardware.CPU, Hardware.GPU, Hardware.MPS)

_DETECTORS = (
    DetectorSpec(
        name="autoencoder",
        aliases=("ae", "auto_encoder"),
        target="ad_deep.detectors.autoencoder:Autoencoder",
        summary="How badly a neural network with a narrow middle layer reproduces a row",
        family=Family.NEURAL,
        capabilities=_CAPABILITIES,
        hardware=_HARDWARE,
        modules=("torch",),
        extra="ad-deep[torch]",
        references=(
            (
                "S. Hawkins, H. He, G. Williams, R. Baxter. Outlier detection using replicator "
                "neural networks. DaWaK, 2002. doi:10.1007/3-540-46145-0_17"
            ),
        ),
    ),
    DetectorSpec(
        name="deep_svdd",
        target="ad_deep.detectors.deep_svdd:DeepSVDD",
        summary="Distance from the centre of a sphere into which a neural network maps the data",
        family=Family.NEURAL,
        capabilities=_CAPABILITIES,
        hardware=_HARDWARE,
        modules=("torch",),
        extra="ad-deep[torch]",
        references=(
            (
                "L. Ruff, R. Vandermeulen, N. Görnitz, L. Deecke, S. Siddiqui, A. Binder, "
                "E. Müller, M. Kloft. Deep one-class classification. ICML, 2018."
            ),
        ),
    ),
    DetectorSpec(
        name="usad",
        target="ad_deep.detectors.usad:USAD",
        summary="Reconstruction error of two autoencoders that are trained against each other",
        family=Family.NEURAL,
        capabilities=_CAPABILITIES,
        hardware=_HARDWARE,
        modules=("torch",),
        extra="ad-deep[torch]",
        references=(
            (
                "J. Audibert, P. Michiardi, F. Guyard, S. Marti, M. Zuluaga. USAD: unsupervised "
                "anomaly detection on multivariate time series. KDD, 2020. "
                "doi:10.1145/3394486.3403392"
            ),
        ),
    ),
)


@hookimpl
def ad_detectors() -> Iterable[DetectorSpec]:
    """Return every neural detector."""
    return _DETECTORS
