"""What the rows of ADBench's embeddings are: appendix B of its paper and the README of its data."""

from typing import NamedTuple

__all__ = ["COLLECTIONS", "NETWORKS", "Collection", "Network"]


class Network(NamedTuple):
    """The pretrained network behind one group of sets.

    `short` ends each set's summary; `n_features` is the length of its embedding.
    """

    group: str
    short: str
    embedding: str
    n_features: int


NETWORKS = {
    "CV_by_ResNet18": Network(
        "adbench-cv/resnet18",
        "images, embedded by ResNet-18",
        "the output of ResNet-18's last average pooling, trained on ImageNet",
        512,
    ),
    "CV_by_ViT": Network(
        "adbench-cv/vit",
        "images, embedded by a vision transformer",
        "the output of a vision transformer trained on ImageNet",
        1000,
    ),
    "NLP_by_BERT": Network(
        "adbench-nlp/bert",
        "texts, embedded by BERT",
        "BERT's embedding of the [CLS] token (bert-base-uncased)",
        768,
    ),
    "NLP_by_RoBERTa": Network(
        "adbench-nlp/roberta",
        "texts, embedded by RoBERTa",
        "RoBERTa's embedding of the [CLS] token (roberta-base)",
        768,
    ),
}


class Collection(NamedTuple):
    """The original images or texts; `{part}` is what follows the collection's name in a set's."""

    rows: str
    anomalies: str


_OTHER = "the other classes, down-sampled to 5 % of the rows"

COLLECTIONS = {
    "CIFAR10": Collection("Small photographs; class {part} is normal", _OTHER),
    "FashionMNIST": Collection("Pictures of clothes; class {part} is normal", _OTHER),
    "MNIST-C": Collection(
        "Handwritten digits; those of MNIST are normal",
        "digits corrupted by {part}, down-sampled to 5 % of the rows",
    ),
    "MVTec-AD": Collection(
        "Photographs of an industrial product or texture ({part}), training and test part together",
        "those with a defect",
    ),
    "SVHN": Collection("House numbers in street views; digit {part} is normal", _OTHER),
    "20news": Collection("Newsgroup articles of six topics; topic {part} is normal", _OTHER),
    "agnews": Collection("News of four topics; topic {part} is normal", _OTHER),
    "amazon": Collection("Product reviews", "negative ones, down-sampled to 5 % of the rows"),
    "imdb": Collection("Film reviews", "negative ones, down-sampled to 5 % of the rows"),
    "yelp": Collection(
        "Reviews of businesses with 3 or 4 stars, counted from 0",
        "those with 0 or 1 stars, down-sampled to 5 % of the rows",
    ),
}
