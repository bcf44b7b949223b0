"""Of whom each check is asked: what a spec declares adds checks, and takes others away."""

import pytest

from ad_contracts import load_table
from ad_core.spec import DatasetSpec, DetectorSpec, Deviation, MetricSpec, RemoteFile

CHECKS = load_table().checks
PLAIN = ("novelty", "multivariate", "deterministic", "serializable")
ABILITIES = (
    *("missing_values", "feature_contributions", "partial_fit", "localizes", "transductive"),
)
FILE = RemoteFile(path="a.npz", url="https://example.org/a", sha256="0" * 64, size=1)


def detector(**fields):
    given = {"capabilities": PLAIN, "family": "rule", **fields}
    return DetectorSpec(name="stub", target="reference:Mahalanobis", summary="A stub", **given)


def dataset(**fields):
    given = {"n_samples": 10, "n_features": 2, "n_anomalies": 1, "synthetic": True, **fields}
    return DatasetSpec(
        name="stub",
        target="nowhere:stub",
        summary="A stub",
        construction="none",
        citation="nobody",
        licence="MIT",
        **given,
    )


def metric(**fields):
    return MetricSpec(name="stub", target="nowhere:stub", summary="A stub", **fields)


def asked(spec):
    return {name for name, one in CHECKS.items() if one.applies_to(spec)}


def difference(spec, plain):
    """Return the checks that `spec` adds to those of `plain`, and those that it takes away."""
    here, there = asked(spec), asked(plain)
    return here - there, there - here


EACH = {
    "each_step_is_scored",
    "outliers_score_higher",
    "peak_is_at_the_anomaly",
    "scores_are_finite",
}

ON_ARRAYS = """
    array_layouts chunks_score_as_the_whole clean_rows_are_rarely_flagged
    column_names_are_saved columns_in_another_order_are_put_right constant_column
    context_does_not_matter copies_score_as_one duplicates_score_equally
    empty_data_are_refused equal_rows every_column_counts failed_fit_leaves_no_half
    far_clusters_score_high far_rows_stay_flagged few_rows few_rows_are_enough_or_refused
    fit_keeps_no_alias infinity_is_refused input_is_not_changed large_offset large_unit
    many_rows_score_as_few more_columns_than_rows nested_lists no_warnings_for_equal_rows
    number_types one_column_is_enough one_dimension_is_refused one_row_has_a_score
    order_does_not_matter other_columns_are_refused other_shapes_are_refused
    other_widths_are_refused pandas_frames polars_frames refit_forgets repeated_row
    repeated_rows rows_score_as_in_a_batch small_unit sparse_and_masked_are_refused
    threads_do_not_mix training_data_is_used undeclared_nan_is_refused
    what_is_no_number_is_refused
"""
"""Asked about rows of numbers, or about steps, only."""

DETECTORS = {
    "graphs": (
        detector(data=("graph",)),
        "",
        ON_ARRAYS,
    ),
    "graphs_of_one_attribute": (
        detector(data=("graph",), capabilities=("novelty", "deterministic", "serializable")),
        "",
        ON_ARRAYS,
    ),
    "graphs_and_all_abilities": (
        detector(data=("graph",), capabilities=(*PLAIN, *ABILITIES)),
        "",
        ON_ARRAYS,
    ),
    "images_with_places": (
        detector(data=("image",), capabilities=(*PLAIN, "localizes")),
        """
        anomaly_map_has_a_number_a_place
        """,
        ON_ARRAYS,
    ),
    "series": (
        detector(data=("timeseries",)),
        """
        channels_are_counted constant_channel_is_scored constant_series_is_scored
        each_step_is_scored first_and_last_steps_count flat_array_is_one_channel
        peak_is_at_the_anomaly series_of_any_length_is_scored short_series_is_refused
        transductive_is_declared
        """,
        """
        chunks_score_as_the_whole clean_rows_are_rarely_flagged context_does_not_matter
        copies_score_as_one duplicates_score_equally far_clusters_score_high
        far_rows_stay_flagged many_rows_score_as_few one_dimension_is_refused
        one_row_has_a_score order_does_not_matter rows_score_as_in_a_batch
        """,
    ),
    "series_in_context": (
        detector(data=("timeseries",), capabilities=(*PLAIN, "transductive")),
        """
        channels_are_counted constant_channel_is_scored constant_series_is_scored
        each_step_is_scored first_and_last_steps_count flat_array_is_one_channel
        peak_is_at_the_anomaly series_of_any_length_is_scored short_series_is_refused
        transductive_scores_depend_on_the_batch
        """,
        """
        chunks_score_as_the_whole clean_rows_are_rarely_flagged context_does_not_matter
        copies_score_as_one duplicates_score_equally far_clusters_score_high
        far_rows_stay_flagged many_rows_score_as_few one_dimension_is_refused
        one_row_has_a_score order_does_not_matter rows_score_as_in_a_batch training_data_is_used
        """,
    ),
    "supervised_series": (
        detector(data=("timeseries",), learning="supervised", capabilities=(*PLAIN, "supervised")),
        """
        channels_are_counted constant_channel_is_scored each_step_is_scored
        first_and_last_steps_count flat_array_is_one_channel labels_are_needed labels_are_used
        peak_is_at_the_anomaly series_of_any_length_is_scored short_series_is_refused
        transductive_is_declared wrong_labels_are_refused
        """,
        """
        chunks_score_as_the_whole clean_rows_are_rarely_flagged context_does_not_matter
        copies_score_as_one duplicates_score_equally far_clusters_score_high
        far_rows_stay_flagged labels_are_ignored many_rows_score_as_few one_dimension_is_refused
        one_row_has_a_score order_does_not_matter rows_score_as_in_a_batch
        """,
    ),
    "known_univariate_series": (
        detector(data=("timeseries",), capabilities=("deterministic", "serializable")),
        """
        channels_are_counted constant_series_is_scored each_step_is_scored
        flat_array_is_one_channel new_rows_are_refused peak_is_at_the_anomaly
        short_series_is_refused transductive_is_declared two_columns_are_refused
        """,
        """
        chunks_score_as_the_whole clean_rows_are_rarely_flagged constant_column
        context_does_not_matter copies_score_as_one duplicates_score_equally every_column_counts
        far_clusters_score_high far_rows_stay_flagged many_rows_score_as_few
        more_columns_than_rows new_rows_are_scored one_dimension_is_refused one_row_has_a_score
        order_does_not_matter rows_score_as_in_a_batch
        """,
    ),
    "transductive": (
        detector(capabilities=(*PLAIN, "transductive")),
        """
        transductive_scores_depend_on_the_batch
        """,
        """
        chunks_score_as_the_whole context_does_not_matter copies_score_as_one
        many_rows_score_as_few rows_score_as_in_a_batch training_data_is_used
        """,
    ),
    "baseline": (
        detector(family="baseline"),
        "",
        """
        duplicates_score_equally every_column_counts far_clusters_score_high
        far_rows_stay_flagged order_does_not_matter outliers_score_higher training_data_is_used
        """,
    ),
    "series_baseline": (
        detector(data=("timeseries",), family="baseline"),
        """
        channels_are_counted constant_channel_is_scored constant_series_is_scored
        each_step_is_scored flat_array_is_one_channel series_of_any_length_is_scored
        short_series_is_refused transductive_is_declared
        """,
        """
        chunks_score_as_the_whole clean_rows_are_rarely_flagged context_does_not_matter
        copies_score_as_one duplicates_score_equally every_column_counts far_clusters_score_high
        far_rows_stay_flagged many_rows_score_as_few one_dimension_is_refused
        one_row_has_a_score order_does_not_matter outliers_score_higher rows_score_as_in_a_batch
        training_data_is_used
        """,
    ),
    "random": (
        detector(capabilities=("novelty", "multivariate", "serializable")),
        "",
        """
        array_layouts deterministic_needs_no_seed fit_keeps_no_alias fresh_process_same_scores
        nested_lists number_types pandas_frames polars_frames refit_forgets refit_repeats
        same_seed_same_scores threads_do_not_mix
        """,
    ),
    "seeded": (
        detector(capabilities=("novelty", "multivariate", "serializable", "seeded")),
        """
        any_seed global_generators_without_seed
        """,
        """
        deterministic_needs_no_seed
        """,
    ),
    "training_rows_only": (
        detector(capabilities=("multivariate", "deterministic", "serializable")),
        """
        new_rows_are_refused
        """,
        """
        new_rows_are_scored
        """,
    ),
    "univariate": (
        detector(capabilities=("novelty", "deterministic", "serializable")),
        """
        two_columns_are_refused
        """,
        """
        constant_column every_column_counts more_columns_than_rows
        """,
    ),
    "not_saved": (
        detector(capabilities=("novelty", "multivariate", "deterministic")),
        """
        saving_is_declared
        """,
        """
        another_class_is_refused column_names_are_saved failed_save_leaves_no_trace
        flipped_bits_are_refused loaded_detectors_live_on loading_runs_no_code
        loads_in_a_new_process not_fitted_is_not_saved other_files_are_refused
        saved_and_loaded_is_the_same saving_again_replaces_the_file set_threshold_is_saved
        tampered_files_are_refused truncated_files_are_refused
        """,
    ),
    "supervised": (
        detector(learning="supervised", capabilities=(*PLAIN, "supervised")),
        """
        labels_are_needed labels_are_used wrong_labels_are_refused
        """,
        """
        clean_rows_are_rarely_flagged labels_are_ignored
        """,
    ),
    "missing_values": (
        detector(capabilities=(*PLAIN, "missing_values")),
        """
        missing_values_are_accepted
        """,
        """
        undeclared_nan_is_refused
        """,
    ),
    "contributions": (
        detector(capabilities=(*PLAIN, "feature_contributions")),
        """
        column_that_is_off_contributes_most
        """,
        "",
    ),
    "partial_fit": (
        detector(capabilities=(*PLAIN, "partial_fit")),
        """
        partial_fit_adds_to_the_fit
        """,
        "",
    ),
    "places": (
        detector(capabilities=(*PLAIN, "localizes")),
        """
        anomaly_map_has_a_number_a_place
        """,
        "",
    ),
    "pinned": (
        detector(fixed={"shrinkage": 1.0}),
        """
        pinned_arguments_are_hidden
        """,
        "",
    ),
    "modules": (
        detector(modules=("numpy",), extra="numpy"),
        """
        extra_brings_the_modules
        """,
        "",
    ),
    "deviations": (
        detector(deviations=(Deviation(check="any_seed", reason="no"),)),
        """
        deviations_name_cases
        """,
        "",
    ),
    "gpu_only": (
        detector(hardware=("gpu",)),
        """
        device_is_an_argument
        """,
        """
        runs_on_the_cpu
        """,
    ),
    "gpu": (
        detector(hardware=("cpu", "gpu")),
        """
        device_is_an_argument gpu_scores_as_the_cpu
        """,
        "",
    ),
    "mps": (
        detector(hardware=("cpu", "mps")),
        """
        device_is_an_argument mps_scores_as_the_cpu
        """,
        "",
    ),
}

DATASETS = {
    "files": (
        dataset(files=(FILE,)),
        """
        dataset_files_are_pinned dataset_files_are_those_stated dataset_refuses_damaged_files
        """,
        "",
    ),
    "large": (
        dataset(n_samples=10**9),
        "",
        """
        dataset_is_finite dataset_is_split_completely dataset_leaves_generators_alone
        dataset_loads_the_same_again dataset_loads_the_same_elsewhere
        dataset_seed_decides_only_chance dataset_uses_no_network
        """,
    ),
    "found": (
        dataset(synthetic=False),
        "",
        """
        dataset_loads_the_same_elsewhere
        """,
    ),
    "large_files": (
        dataset(files=(FILE,), n_samples=10**9),
        """
        dataset_files_are_pinned
        """,
        """
        dataset_is_finite dataset_is_split_completely dataset_leaves_generators_alone
        dataset_loads_the_same_again dataset_loads_the_same_elsewhere
        dataset_seed_decides_only_chance dataset_uses_no_network
        """,
    ),
    "no_anomalies": (
        dataset(n_anomalies=0),
        "",
        """
        dataset_test_holds_both_classes
        """,
    ),
    "graphs": (
        dataset(data="graph"),
        "",
        """
        dataset_is_finite
        """,
    ),
}

METRICS = {
    "predictions": (
        metric(input="predictions"),
        """
        metric_refuses_other_predictions
        """,
        """
        metric_depends_on_ranks_only metric_ignores_order_within_ties
        metric_of_equal_scores_is_defined
        """,
    ),
    "series": (
        metric(data=("timeseries",)),
        "",
        """
        metric_ignores_order_of_rows metric_ignores_order_within_ties
        """,
    ),
    "series_predictions": (
        metric(data=("timeseries",), input="predictions"),
        """
        metric_refuses_other_predictions
        """,
        """
        metric_depends_on_ranks_only metric_ignores_order_of_rows
        metric_ignores_order_within_ties metric_of_equal_scores_is_defined
        """,
    ),
}


@pytest.mark.parametrize("name", DETECTORS)
def test_what_a_detector_declares_decides_what_is_asked(name):
    spec, more, less = DETECTORS[name]
    assert difference(spec, detector()) == ({*more.split()}, {*less.split()})


@pytest.mark.parametrize("name", DATASETS)
def test_what_a_data_set_states_decides_what_is_asked(name):
    spec, more, less = DATASETS[name]
    assert difference(spec, dataset()) == ({*more.split()}, {*less.split()})


@pytest.mark.parametrize("name", METRICS)
def test_what_a_metric_states_decides_what_is_asked(name):
    spec, more, less = METRICS[name]
    assert difference(spec, metric()) == ({*more.split()}, {*less.split()})


def test_questions_of_one_kind_are_not_asked_of_another():
    of_detectors, of_sets, of_metrics = asked(detector()), asked(dataset()), asked(metric())
    assert not of_detectors & of_sets
    assert not of_sets & of_metrics
    assert not of_metrics & of_detectors


def test_what_is_asked_in_every_scenario():
    assert {name for name, one in CHECKS.items() if one.each} == EACH


def test_what_is_asked_of_registered_detectors_only():
    registered = {
        "libraries_are_required",
        "listing_imports_no_library",
        "names_are_its_own",
        "references_are_given",
        "summary_fits_a_list",
    }
    assert registered <= CHECKS.keys()
    assert not registered & asked(detector())
