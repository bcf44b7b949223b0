"""Specs of the real data sets that scikit-learn bundles; imports nothing but `ad_core.spec`."""

from typing import NamedTuple

from ad_core.spec import DatasetSpec

__all__ = ["EMBEDDED"]


class Source(NamedTuple):
    """What scikit-learn bundles."""

    citation: str
    homepage: str
    licence: str = "CC BY 4.0 (UCI Machine Learning Repository)"


BREAST_CANCER = Source(
    "Wolberg, Mangasarian, Street and Street, Breast Cancer Wisconsin (Diagnostic), "
    "UCI Machine Learning Repository, 1993, doi:10.24432/C5DW2B",
    "https://archive.ics.uci.edu/dataset/17/breast+cancer+wisconsin+diagnostic",
)
WINE = Source(
    "Aeberhard and Forina, Wine, UCI Machine Learning Repository, 1992, doi:10.24432/C5PC7J",
    "https://archive.ics.uci.edu/dataset/109/wine",
)
IRIS = Source(
    "Fisher, The use of multiple measurements in taxonomic problems, Annals of Eugenics 7, 1936, "
    "doi:10.24432/C56C76",
    "https://archive.ics.uci.edu/dataset/53/iris",
)
DIGITS = Source(
    "Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning "
    "Repository, 1998, doi:10.24432/C50P49",
    "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
)
DIGIT_COUNTS = (178, 182, 177, 183, 181, 182, 181, 179, 174, 180)
"""Rows of each digit in scikit-learn's digits."""
IRIS_SPECIES = ("setosa", "versicolor", "virginica")
WINE_ROWS = (57, 16, 32, 7, 56, 48, 9, 37, 5, 53)
WDBC_ROWS = (28, 117, 230, 95, 370, 323, 516, 498, 33, 564)
"""The anomalies of ADBench's 45_wine and 43_WDBC, as row numbers of scikit-learn's sets."""
DRAWN = "drawn once without replacement (numpy.random.default_rng(0))"


def _breast_cancer() -> tuple[DatasetSpec, ...]:
    benign = "the 357 benign tumours of the Wisconsin Diagnostic Breast Cancer set are normal"
    return (
        DatasetSpec(
            name="breast_cancer",
            target="ad_core.data.embedded:rare_class",
            summary="Breast tumours: malignant ones rare among benign ones",
            construction=f"Rare class: {benign}; 40 of the 212 malignant ones are the "
            f"anomalies, {DRAWN}. 30 features of cell nuclei.",
            citation=BREAST_CANCER.citation,
            homepage=BREAST_CANCER.homepage,
            licence=BREAST_CANCER.licence,
            n_samples=397,
            n_features=30,
            n_anomalies=40,
            params={"source": "breast_cancer", "anomalous": 0, "normal": (1,), "keep": 40},
        ),
        DatasetSpec(
            name="breast_cancer/wdbc",
            target="ad_core.data.embedded:chosen_rows",
            summary="Breast tumours: the WDBC of Campos et al. and ADBench, 10 malignant ones",
            construction=f"Rare class: {benign}; the anomalies are the 10 malignant ones that "
            "ADBench's 43_WDBC holds (Campos et al., On the evaluation of unsupervised outlier "
            "detection, 2016). The same rows in the same order as there.",
            citation=BREAST_CANCER.citation,
            homepage=BREAST_CANCER.homepage,
            licence=BREAST_CANCER.licence,
            n_samples=367,
            n_features=30,
            n_anomalies=10,
            params={"source": "breast_cancer", "normal": (1,), "anomalies": WDBC_ROWS},
        ),
        DatasetSpec(
            name="one_class/breast_cancer",
            target="ad_core.data.embedded:one_class",
            summary="Breast tumours: train on benign ones only, find the malignant ones",
            construction="One class: train holds 70 % of the 357 benign tumours and nothing else; "
            "test holds the other benign ones and all 212 malignant ones, the anomalies.",
            citation=BREAST_CANCER.citation,
            homepage=BREAST_CANCER.homepage,
            licence=BREAST_CANCER.licence,
            n_samples=569,
            n_features=30,
            n_anomalies=212,
            params={"source": "breast_cancer", "normal": 1},
        ),
    )


def _wine() -> DatasetSpec:
    return DatasetSpec(
        name="wine",
        target="ad_core.data.embedded:chosen_rows",
        summary="Wines of three cultivars: one of them rare (as in ODDS and ADBench)",
        construction="Rare class: the 119 wines of cultivars 2 and 3 are normal; the anomalies are "
        "the 10 of cultivar 1 that ODDS wine and ADBench's 45_wine hold (Sathe and Aggarwal, "
        "LODES, SDM 2016). The same rows in the same order as there.",
        citation=WINE.citation,
        homepage=WINE.homepage,
        licence=WINE.licence,
        n_samples=129,
        n_features=13,
        n_anomalies=10,
        params={"source": "wine", "normal": (1, 2), "anomalies": WINE_ROWS},
    )


def _iris(target: int, species: str) -> DatasetSpec:
    others = tuple(other for other in range(3) if other != target)
    names = " and ".join(IRIS_SPECIES[other] for other in others)
    return DatasetSpec(
        name=f"iris/{species}",
        target="ad_core.data.embedded:rare_class",
        summary=f"Iris flowers: {species} rare among {names}",
        construction=f"Rare class: the 100 flowers of {names} are normal; 10 of the 50 of "
        f"{species} are the anomalies, {DRAWN}. Small: test holds 3 anomalies.",
        citation=IRIS.citation,
        homepage=IRIS.homepage,
        licence=IRIS.licence,
        n_samples=110,
        n_features=4,
        n_anomalies=10,
        params={"source": "iris", "anomalous": target, "normal": others, "keep": 10},
    )


def _rare_digit(digit: int, count: int) -> DatasetSpec:
    others = tuple(other for other in range(10) if other != digit)
    normal = sum(DIGIT_COUNTS) - count
    return DatasetSpec(
        name=f"digits/{digit}",
        target="ad_core.data.embedded:rare_class",
        summary=f"Handwritten digits: {digit} rare among the nine others",
        construction=f"Rare class, one versus the rest: the {normal} images of the other nine "
        f"digits are normal; 50 of the {count} images of {digit} are the anomalies, {DRAWN}. "
        "As ODDS optdigits is built, there with the digit 0 and from the whole UCI set; "
        "scikit-learn bundles its test part. 64 features: 8 x 8 counts of pixels, 0 to 16.",
        citation=DIGITS.citation,
        homepage=DIGITS.homepage,
        licence=DIGITS.licence,
        n_samples=normal + 50,
        n_features=64,
        n_anomalies=50,
        params={"source": "digits", "anomalous": digit, "normal": others, "keep": 50},
    )


def _one_digit(digit: int, count: int) -> DatasetSpec:
    total = sum(DIGIT_COUNTS)
    return DatasetSpec(
        name=f"one_class/digits/{digit}",
        target="ad_core.data.embedded:one_class",
        summary=f"Handwritten digits: train on {digit} only, find the nine others",
        construction=f"One class: train holds 70 % of the {count} images of {digit} and nothing "
        "else; test holds the other images of it and all of the other nine digits, the anomalies, "
        "which are most of it (the protocol of Ruff et al., Deep SVDD, ICML 2018, with a split "
        "of ours).",
        citation=DIGITS.citation,
        homepage=DIGITS.homepage,
        licence=DIGITS.licence,
        n_samples=total,
        n_features=64,
        n_anomalies=total - count,
        params={"source": "digits", "normal": digit},
    )


EMBEDDED: tuple[DatasetSpec, ...] = (
    *_breast_cancer(),
    _wine(),
    *(_iris(target, species) for target, species in enumerate(IRIS_SPECIES)),
    *(_rare_digit(digit, count) for digit, count in enumerate(DIGIT_COUNTS)),
    *(_one_digit(digit, count) for digit, count in enumerate(DIGIT_COUNTS)),
)
