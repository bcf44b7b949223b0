"""What the rows of ADBench's 47 classical sets are, and which of them are the anomalies."""

from typing import NamedTuple

__all__ = ["CLASSICAL", "About"]


class About(NamedTuple):
    """One set.

    `odds` is its name in the ODDS library, where that holds a set of the same
    size; sets that differ from their namesakes there have none.
    """

    summary: str
    anomalies: str
    odds: str = ""


CLASSICAL = {
    "ALOI": About("Images of 1,000 small objects, as colour histograms", "rare objects"),
    "annthyroid": About(
        "Thyroid patients", "hyperfunction and subnormal functioning", "annthyroid"
    ),
    "backdoor": About("Network traffic of UNSW-NB15", "backdoor attacks"),
    "breastw": About("Breast tissue samples (Wisconsin, original)", "malignant", "breastw"),
    "campaign": About("Calls of a bank's marketing campaign", "calls that sold a deposit"),
    "cardio": About(
        "Fetal cardiotocograms", "pathologic; those labelled suspect are left out", "cardio"
    ),
    "Cardiotocography": About("Fetal cardiotocograms", "suspect and pathologic"),
    "celeba": About("Attributes of portraits of celebrities", "bald persons"),
    "census": About("Persons of a census", "those with a high income"),
    "cover": About(
        "Forest cover of 30 m cells", "cottonwood and willow, among lodgepole pine", "cover"
    ),
    "donors": About("Proposals to DonorsChoose (KDD Cup 2014)", "exceptionally exciting projects"),
    "fault": About("Surfaces of steel plates", "the class of other faults"),
    "fraud": About("Credit-card transactions", "frauds"),
    "glass": About("Chemical analyses of glass", "tableware"),
    "Hepatitis": About("Patients with hepatitis", "those who died"),
    "http": About("HTTP connections of KDD Cup 1999", "attacks"),
    "InternetAds": About("Images on web pages, by address and surrounding words", "adverts"),
    "Ionosphere": About("Radar returns from the ionosphere", "bad returns"),
    "landsat": About(
        "Neighbourhoods of pixels in satellite images",
        "damp grey soil and soil with vegetation stubble",
    ),
    "letter": About(
        "Printed letters, pairs of feature vectors",
        "pairs of which one is not of the three normal letters",
        "letter",
    ),
    "Lymphography": About("Lymphograms", "the two rare diagnoses", "lympho"),
    "magic.gamma": About("Showers seen by a Cherenkov telescope, simulated", "hadrons"),
    "mammography": About("Regions of mammograms", "calcifications", "mammography"),
    "mnist": About("Handwritten digits, 100 random pixels", "700 sixes among zeros", "mnist"),
    "musk": About("Conformations of molecules", "two classes of musks among non-musks", "musk"),
    "optdigits": About("Handwritten digits, 8 by 8", "150 zeros among the others", "optdigits"),
    "PageBlocks": About("Blocks of scanned pages", "blocks other than text"),
    "pendigits": About("Digits written with a pen", "one digit, down-sampled", "pendigits"),
    "Pima": About("Women of Pima heritage", "those with diabetes", "pima"),
    "satellite": About(
        "Neighbourhoods of pixels in satellite images", "the three smallest classes", "satellite"
    ),
    "satimage-2": About(
        "Neighbourhoods of pixels in satellite images", "71 of cotton crop", "satimage-2"
    ),
    "shuttle": About(
        "States of a space shuttle's radiators",
        "all classes but the largest; class 4 is left out",
        "shuttle",
    ),
    "skin": About("Colours of pixels in photographs", "skin"),
    "smtp": About("SMTP connections of KDD Cup 1999", "attacks", "smtp"),
    "SpamBase": About("E-mails, by frequencies of words", "spam"),
    "speech": About("Segments of speech, as i-vectors", "speakers with a foreign accent", "speech"),
    "Stamps": About("Colour and print of stamps", "forgeries (printed or copied)"),
    "thyroid": About("Thyroid patients", "hyperfunction", "thyroid"),
    "vertebral": About("Vertebral columns", "healthy ones, down-sampled", "vertebral"),
    "vowels": About("Japanese vowels, spoken", "one speaker, down-sampled to 50", "vowels"),
    "Waveform": About("Simulated waves of three classes", "one class, down-sampled to 100"),
    "WBC": About("Breast tissue samples (Wisconsin)", "malignant, down-sampled to 10"),
    "WDBC": About("Breast tissue images (Wisconsin, diagnostic)", "malignant, down-sampled to 10"),
    "Wilt": About("Segments of satellite images of forest", "diseased trees"),
    "wine": About("Chemical analyses of wines", "one cultivar, down-sampled to 10", "wine"),
    "WPBC": About("Breast cancer patients (Wisconsin, prognostic)", "recurrent cases"),
    "yeast": About("Proteins of yeast", "the classes that ADBench labels so"),
}
