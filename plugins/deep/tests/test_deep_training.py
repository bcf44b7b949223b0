"""The training loop, the scales, the files, and what is each detector's own."""

import io
import json
import sys
import zipfile
from importlib import import_module

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from safetensors.numpy import load as read_safetensors
from sklearn.metrics import roc_auc_score

from ad_core import BaseDetector, create, load_detector
from ad_core.errors import FitError

torch = pytest.importorskip("torch", reason="needs torch: pip install 'ad-deep[torch]'")

networks = import_module("ad_deep.networks")
training = import_module("ad_deep.training")
autoencoder = import_module("ad_deep.detectors.autoencoder")
deep_svdd = import_module("ad_deep.detectors.deep_svdd")
usad = import_module("ad_deep.detectors.usad")
Adam = import_module("ad_deep._adam").Adam
Scaler = import_module("ad_deep._scaling").Scaler
enough_threads = import_module("ad_deep._threads").enough_threads

NAMES = ("autoencoder", "deep_svdd", "usad")
ROWS = np.random.default_rng(0).normal(size=(200, 4)) @ np.diag([3.0, 1.0, 0.3, 0.1])


def make(name="autoencoder", **values):
    return create(name, **{"random_state": 0, "device": "cpu", "n_epochs": 5, **values})


def plan(**values):
    defaults = {
        "n_epochs": 5,
        "batch_size": 32,
        "learning_rate": 1e-3,
        "weight_decay": 0.0,
        "trim": 0.0,
        "validation_fraction": 0.1,
        "patience": None,
    }
    return training.Plan(**{**defaults, **values})


def network(seed=0):
    net = autoencoder._Network(4, (8, 2), "relu")
    networks.initialise(net, torch.Generator().manual_seed(seed))
    return net


def trained(plan_, progress=None):
    net = network()
    X = torch.from_numpy(ROWS).float()
    generator = torch.Generator().manual_seed(1)
    return net, training.train(net, X, plan_, generator=generator, whose="it", progress=progress)


@pytest.mark.parametrize("name", NAMES)
def test_the_history_tells_each_pass(name):
    history = make(name, patience=None).fit(ROWS).history_
    assert len(history["train_loss"]) == 5
    assert (history["validation_loss"], history["best_epoch"]) == ([], 5)
    assert history["stopped"] == "epochs"
    watched = make(name, patience=3).fit(ROWS).history_
    assert len(watched["validation_loss"]) == len(watched["train_loss"])
    best = int(np.argmin(watched["validation_loss"])) + 1
    assert watched["best_epoch"] == best


def test_training_lowers_the_loss():
    losses = make(n_epochs=40).fit(ROWS).history_["train_loss"]
    assert losses[-1] < losses[0] / 2


def test_training_stops_without_progress_and_keeps_the_best_weights():
    net, history = trained(plan(n_epochs=500, patience=3, learning_rate=0.05))
    losses = history["validation_loss"]
    assert history["stopped"] == "patience"
    assert len(losses) == history["best_epoch"] + 3
    assert history["best_epoch"] == int(np.argmin(losses)) + 1
    order = torch.randperm(200, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        again = float(net.score(torch.from_numpy(ROWS).float()[order[:20]]).mean())
    assert again == pytest.approx(min(losses), rel=1e-6)


def test_ctrl_c_keeps_the_best_so_far():
    def interrupt(epoch, loss):
        if epoch == 3:
            raise KeyboardInterrupt

    net, history = trained(plan(), progress=interrupt)
    assert (history["stopped"], history["best_epoch"]) == ("interrupted", 3)
    whole, _ = trained(plan(n_epochs=3))
    assert torch.equal(networks.pack(net), networks.pack(whole))


@pytest.mark.parametrize(
    ("name", "module"), [("autoencoder", autoencoder), ("deep_svdd", deep_svdd), ("usad", usad)]
)
def test_ctrl_c_in_the_middle_of_a_pass_lets_fit_finish(name, module, monkeypatch):
    learn = module._Network.learn

    def interrupted(self, x, player, epoch, weigh):
        if epoch == 3 and len(x) < 32:
            raise KeyboardInterrupt
        return learn(self, x, player, epoch, weigh)

    monkeypatch.setattr(module._Network, "learn", interrupted)
    detector = make(name, patience=None).fit(ROWS)
    assert (detector.history_["stopped"], detector.history_["best_epoch"]) == ("interrupted", 2)
    monkeypatch.undo()
    two = make(name, patience=None, n_epochs=2).fit(ROWS)
    np.testing.assert_array_equal(detector.score_samples(ROWS), two.score_samples(ROWS))


def test_ctrl_c_before_the_first_pass_is_over_is_passed_on(monkeypatch):
    def interrupted(self, x, player, epoch, weigh):
        raise KeyboardInterrupt

    monkeypatch.setattr(autoencoder._Network, "learn", interrupted)
    detector = make()
    with pytest.raises(KeyboardInterrupt):
        detector.fit(ROWS)
    assert not detector.is_fitted


def test_a_loss_that_is_nan_says_when_and_what_helps(monkeypatch):
    learn = autoencoder._Network.learn

    def broken(self, x, player, epoch, weigh):
        return learn(self, x, player, epoch, weigh) * (float("nan") if epoch == 2 else 1)

    monkeypatch.setattr(autoencoder._Network, "learn", broken)
    with pytest.raises(FitError) as caught:
        make(patience=None).fit(ROWS)
    assert str(caught.value) == (
        "autoencoder: the loss became nan at epoch 2, step 1 of 7; "
        "lower learning_rate, or scale the data with scale='standard'"
    )


def test_rows_too_large_for_float32_are_told_of():
    with pytest.raises(FitError, match=r"the loss became inf at epoch 1, step 1 of 7; lower"):
        make(scale="none", patience=None).fit(ROWS * 1e30)


def test_a_watched_loss_that_is_nan_is_an_error(monkeypatch):
    monkeypatch.setattr(
        autoencoder._Network, "monitor", lambda self, x: torch.full((len(x),), float("nan"))
    )
    with pytest.raises(FitError, match="the loss on held-out rows became nan at epoch 1; lower"):
        make(patience=2).fit(ROWS)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu", "tanh"])
@pytest.mark.parametrize("module", [autoencoder, deep_svdd])
def test_gradients_by_hand_are_those_of_torch(module, activation):
    net = module._Network(4, (6, 5, 2), activation).double()
    networks.initialise(net, torch.Generator().manual_seed(0))
    x = torch.from_numpy(ROWS)
    with torch.no_grad():
        net.start(x)
    block = networks.pack(net)

    def weigh(losses):
        return training._row_weights(losses, 0.2)

    found = []
    for learn in (net.learn, lambda *args: networks.Network.learn(net, *args)):
        block.grad.zero_()
        with torch.no_grad():
            found.append((learn(x, 0, 1, weigh), block.grad.clone()))
    torch.testing.assert_close(found[0][0], found[1][0], rtol=1e-12, atol=0)
    torch.testing.assert_close(found[0][1], found[1][1], rtol=1e-9, atol=1e-12)
    assert float(found[0][1].abs().max()) > 0


def test_the_rows_with_the_greatest_losses_are_left_out():
    losses = torch.tensor([3.0, 1.0, 9.0, 2.0, 5.0])
    for trim, mean in ((0.0, 4.0), (0.1, 4.0), (0.2, 11 / 4), (0.5, 2.0), (0.99, 1.0)):
        weights = training._row_weights(losses, trim)
        assert float(weights.sum()) == pytest.approx(1)
        assert float(weights @ losses) == pytest.approx(mean)


def test_trimming_keeps_anomalies_from_being_learned():
    X = np.vstack([ROWS, np.random.default_rng(1).normal([20.0, -20, 20, -20], size=(10, 4))])
    y = np.r_[np.zeros(200), np.ones(10)]
    fits = [make(trim=trim, n_epochs=60).fit(X).training_scores_ for trim in (0.0, 0.2)]
    learned, left_out = (roc_auc_score(y, scores) for scores in fits)
    assert learned < left_out
    assert left_out > 0.99


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_packed_parameters_train_as_separate_ones_do_under_torchs_adam(weight_decay):
    packed, plain = network().double(), network().double()
    block = networks.pack(packed)
    x = torch.from_numpy(ROWS)
    ours = Adam([block], learning_rate=0.01, weight_decay=weight_decay)
    torchs = torch.optim.Adam(plain.parameters(), lr=0.01, weight_decay=weight_decay)
    for _ in range(20):
        block.grad.zero_()
        packed.loss(x, 0, 1).mean().backward()
        ours.step()
        torchs.zero_grad()
        plain.loss(x, 0, 1).mean().backward()
        torchs.step()
    for a, b in zip(packed.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-12)


def test_batches_hold_every_row_once_and_in_order():
    X = torch.arange(10.0)[:, None]
    assert [len(part) for part in networks.batches(X, 3)] == [3, 3, 3, 1]
    assert torch.equal(torch.cat(list(networks.batches(X, 3))), X)


def test_threads_are_bounded_for_small_work_only_and_given_back():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with enough_threads(32, 1000):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
        with enough_threads(10**5, 10**5):
            assert torch.get_num_threads() == 2
        two = make().fit(ROWS).training_scores_
        torch.set_num_threads(1)
        np.testing.assert_array_equal(make().fit(ROWS).training_scores_, two)
    finally:
        torch.set_num_threads(before)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_progress_bar_is_drawn_on_a_terminal_when_asked_for(monkeypatch):
    for verbose, drawn in ((True, True), (False, False)):
        screen = Terminal()
        monkeypatch.setattr(sys, "stderr", screen)
        make(verbose=verbose).fit(ROWS)
        assert ("autoencoder" in screen.getvalue()) == drawn


def test_columns_are_scaled_whatever_their_units():
    X = np.c_[ROWS, np.full(200, 0.1)]
    for unit in (1.0, 1e-200, 1e200):
        scaler = Scaler.fit(X * unit, "standard")
        scaled = scaler.to_tensor(X * unit, torch.float64, torch.device("cpu")).numpy()
        np.testing.assert_allclose(scaled[:, :4].mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(scaled[:, :4].std(axis=0), 1, rtol=1e-12)
        np.testing.assert_array_equal(scaled[:, 4], 0)
    scaled = Scaler.fit(X, "minmax").to_tensor(X, torch.float64, torch.device("cpu")).numpy()
    np.testing.assert_array_equal(scaled[:, :4].min(axis=0), 0)
    np.testing.assert_allclose(scaled[:, :4].max(axis=0), 1, rtol=1e-15)
    np.testing.assert_array_equal(scaled[:, 4], 0)


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_saved_as_safetensors_beside_a_manifest(name, tmp_path):
    detector = make(name).fit(ROWS)
    detector.save(tmp_path / "it")
    with zipfile.ZipFile(tmp_path / "it") as archive:
        manifest = json.loads(archive.read("manifest.json"))
        weights = read_safetensors(archive.read("parts/0/network.safetensors"))
    assert {*manifest["files"]} == {"state.skops", "parts/0/network.safetensors"}
    assert {"torch", "ad-deep"} <= {*manifest["versions"]}
    assert weights.keys() == detector.network_.state_dict().keys()
    assert {values.dtype for values in weights.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", NAMES)
def test_saved_for_a_gpu_it_loads_on_a_machine_without(name, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    detector = make(name).fit(ROWS)
    detector.device = "cuda"
    detector.save(tmp_path / "it")
    with caplog.at_level("INFO", logger="ad.deep"):
        loaded = load_detector(tmp_path / "it")
    assert "was fitted for cuda, which is not there; it scores on the CPU" in caplog.text
    np.testing.assert_array_equal(loaded.score_samples(ROWS), detector.score_samples(ROWS))
    assert loaded.device == "cuda"


def test_arguments_changed_after_the_fit_do_not_change_the_saved_network(tmp_path):
    detector = make(hidden_units=[5, 2]).fit(ROWS)
    expected = detector.score_samples(ROWS)
    detector.set_params(hidden_units=[64, 32], activation="tanh")
    detector.save(tmp_path / "it")
    np.testing.assert_array_equal(load_detector(tmp_path / "it").score_samples(ROWS), expected)


class Both(BaseDetector):
    """Two networks in one detector."""

    def _fit(self, X, y):
        self.parts_ = [make(name).fit(X) for name in ("deep_svdd", "usad")]

    def _score(self, X):
        return sum(part.score_samples(X) for part in self.parts_)


def test_networks_inside_another_detector_are_saved_with_it(tmp_path):
    detector = Both().fit(ROWS)
    detector.save(tmp_path / "it")
    loaded = load_detector(tmp_path / "it")
    np.testing.assert_array_equal(loaded.score_samples(ROWS), detector.score_samples(ROWS))


def test_deep_svdd_cannot_collapse_by_bias_or_centre():
    detector = make("deep_svdd", n_epochs=100).fit(ROWS)
    net = detector.network_
    assert not [name for name, _ in net.named_parameters() if "bias" in name]
    assert float(net.center.abs().min()) >= 0.1
    images = net.stack(torch.from_numpy(ROWS))
    assert float(images.std(dim=0).max()) > 1e-3
    assert detector.training_scores_.std() > 1e-3 * detector.training_scores_.mean()


def test_the_centre_is_the_mean_image_of_the_training_rows():
    net = deep_svdd._Network(4, (8, 3), "leaky_relu")
    networks.initialise(net, torch.Generator().manual_seed(0))
    X = torch.from_numpy(5 + 3 * np.abs(ROWS)).float()
    with torch.no_grad():
        net.start(X)
    mean = net.stack(X).mean(dim=0).detach()
    far = mean.abs() >= 0.1
    torch.testing.assert_close(net.center[far], mean[far], rtol=1e-5, atol=1e-5)


def test_usad_computes_the_losses_of_the_paper():
    net = usad._Network([4, 2, 1, 1], 0.3, bounded=True)
    networks.initialise(net, torch.Generator().manual_seed(0))
    x = torch.rand(16, 4, generator=torch.Generator().manual_seed(1))
    first, second = net.decoder1(net.encoder(x)), net.decoder2(net.encoder(x))
    twice = net.decoder2(net.encoder(first))

    def error(output):
        return ((output - x) ** 2).mean(dim=1)

    for n in (1, 4):
        expected = error(first) / n + (1 - 1 / n) * error(twice)
        torch.testing.assert_close(net.loss(x, 0, n), expected)
        expected = error(second) / n - (1 - 1 / n) * error(twice)
        torch.testing.assert_close(net.loss(x, 1, n), expected)
    torch.testing.assert_close(net.score(x), 0.3 * error(first) + 0.7 * error(twice))


def test_usad_finds_a_strange_window_of_a_series():
    series = np.sin(np.arange(2400) / 5) + 0.05 * np.random.default_rng(0).normal(size=2400)
    series[2000:2015] = 1.2 * np.sign(np.sin(1.3 * np.arange(15)))
    windows = sliding_window_view(series, 30)
    scores = make("usad", n_epochs=30).fit(windows[:1900]).score_samples(windows)
    strange = np.arange(len(windows)) + 30 > 2000
    strange &= np.arange(len(windows)) < 2015
    assert roc_auc_score(strange, scores) > 0.9


class Sleepy(networks.Network):
    """A network with two players that share a module."""

    def __init__(self):
        super().__init__()
        self.a, self.b = torch.nn.Linear(4, 4), torch.nn.Linear(4, 4)

    def players(self):
        return ((self.a, self.b), (self.a,))

    def score(self, x):
        return (self.b(self.a(x)) - x).square().mean(dim=1)


def test_a_player_moves_its_own_modules_only():
    net = Sleepy()
    net.players = lambda: ((net.a,), (net.a,))
    before = net.b.weight.clone()
    training.train(net, torch.rand(20, 4), plan(), generator=torch.Generator(), whose="it")
    assert torch.equal(net.b.weight, before)
