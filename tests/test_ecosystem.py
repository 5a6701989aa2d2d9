"""MLPDigitClassifier in the places of scikit-learn where a classifier goes."""

import pickle
import subprocess
import sys

import joblib
import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.stats import loguniform, randint
from sklearn import config_context
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    ConfusionMatrixDisplay,
    accuracy_score,
    balanced_accuracy_score,
    log_loss,
    roc_auc_score,
    top_k_accuracy_score,
)
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_validate,
    learning_curve,
    validation_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.semi_supervised import SelfTrainingClassifier

from skdigits import FlattenScaler, MLPDigitClassifier, load_mnist

MNIST = load_mnist("test")
# Batches of 64 and thirds for training: every fit has 8 steps an epoch, up to a power
# of two, so that one network serves them all
IMAGES, LABELS = MNIST.images[:500], MNIST.target[:500]
ROWS = (MNIST.data[:500] / 255).astype(np.float32)
TEST_IMAGES, TEST_LABELS = MNIST.images[5000:6000], MNIST.target[5000:6000]
TEST_ROWS = (MNIST.data[5000:6000] / 255).astype(np.float32)

# What a dense network reaches with 500 training images, and chance is far from
GOOD = 0.75


def classifier(**parameters):
    # At this rate, so few epochs leave something to gain
    defaults = dict(
        hidden_layer_sizes=(32,),
        epochs=8,
        batch_size=64,
        learning_rate=0.004,
        random_state=0,
    )
    return MLPDigitClassifier(**{**defaults, **parameters})


def pipeline(**parameters):
    return make_pipeline(FlattenScaler(), classifier(**parameters))


@pytest.fixture(scope="module")
def trained():
    """A classifier that no test may change."""
    return classifier().fit(ROWS, LABELS)


# Pipelines


def test_pipeline_takes_images_as_they_come():
    model = pipeline().fit(IMAGES, LABELS)
    assert model.score(TEST_IMAGES, TEST_LABELS) > GOOD


def test_pipeline_may_end_in_features_that_are_no_pixels():
    # Principal components are small numbers, to be learned from in larger steps
    network = classifier(learning_rate=0.03)
    model = make_pipeline(FlattenScaler(), PCA(30, random_state=0), network)
    model.fit(IMAGES, LABELS)
    assert model[-1].n_features_in_ == 30
    assert model.score(TEST_IMAGES, TEST_LABELS) > GOOD


def test_pipeline_with_a_memory_gives_what_one_without_gives(tmp_path):
    memory = joblib.Memory(tmp_path, verbose=0)
    model = make_pipeline(FlattenScaler(), classifier(), memory=memory)
    first, from_memory = (
        model.fit(IMAGES, LABELS).predict_proba(TEST_IMAGES) for _ in range(2)
    )
    without = pipeline().fit(IMAGES, LABELS).predict_proba(TEST_IMAGES)
    assert list(tmp_path.rglob("output.pkl"))
    np.testing.assert_array_equal(first, without)
    np.testing.assert_array_equal(from_memory, without)


def test_a_memory_knows_a_classifier_it_has_fitted(tmp_path):
    @joblib.Memory(tmp_path, verbose=0).cache
    def fitted(model):
        return model.fit(ROWS, LABELS)

    first = fitted(classifier())
    assert fitted.check_call_in_cache(classifier())
    assert not fitted.check_call_in_cache(classifier(epochs=9))
    np.testing.assert_array_equal(
        fitted(classifier()).predict_proba(TEST_ROWS), first.predict_proba(TEST_ROWS)
    )


def test_dataframes_from_set_output_bring_their_column_names():
    model = pipeline().set_output(transform="pandas").fit(IMAGES, LABELS)
    np.testing.assert_array_equal(
        model[-1].feature_names_in_, model[0].get_feature_names_out()
    )
    np.testing.assert_array_equal(
        model.predict(TEST_IMAGES),
        pipeline().fit(IMAGES, LABELS).predict(TEST_IMAGES),
    )


# Searches


GRID = {"mlpdigitclassifier__learning_rate": [1e-5, 1e-2]}


@pytest.fixture(scope="module")
def search():
    return GridSearchCV(pipeline(), GRID, cv=3).fit(IMAGES, LABELS)


def test_grid_search_finds_the_better_parameter(search):
    assert search.best_params_ == {"mlpdigitclassifier__learning_rate": 1e-2}
    assert search.best_score_ > GOOD > search.cv_results_["mean_test_score"][0]


def test_grid_search_refits_the_best(search):
    best = pipeline(learning_rate=1e-2).fit(IMAGES, LABELS)
    np.testing.assert_array_equal(
        search.predict_proba(TEST_IMAGES), best.predict_proba(TEST_IMAGES)
    )


@pytest.mark.programs
def test_grid_search_in_two_processes_finds_the_same(search):
    parallel = GridSearchCV(pipeline(), GRID, cv=3, n_jobs=2).fit(IMAGES, LABELS)
    np.testing.assert_array_equal(
        parallel.cv_results_["mean_test_score"], search.cv_results_["mean_test_score"]
    )
    np.testing.assert_array_equal(
        parallel.predict_proba(TEST_IMAGES), search.predict_proba(TEST_IMAGES)
    )


def test_grid_search_in_two_threads_finds_the_same(search):
    with joblib.parallel_config(backend="threading", n_jobs=2):
        parallel = GridSearchCV(pipeline(), GRID, cv=3).fit(IMAGES, LABELS)
    np.testing.assert_array_equal(
        parallel.cv_results_["mean_test_score"], search.cv_results_["mean_test_score"]
    )


def test_halving_search_spends_epochs_on_the_best():
    search = HalvingGridSearchCV(
        classifier(),
        {"learning_rate": [1e-5, 1e-4, 1e-3, 1e-2]},
        resource="epochs",
        min_resources=2,
        max_resources=8,
        factor=2,
        cv=3,
        random_state=0,
    ).fit(ROWS, LABELS)
    assert search.n_resources_ == [2, 4, 8]
    assert search.n_candidates_ == [4, 2, 1]
    assert search.best_params_ == {"learning_rate": 1e-2, "epochs": 8}
    assert search.best_estimator_.n_iter_ == 8
    assert search.score(TEST_ROWS, TEST_LABELS) > GOOD


def test_randomized_search_draws_from_distributions():
    search = RandomizedSearchCV(
        classifier(),
        {"learning_rate": loguniform(1e-3, 3e-2), "epochs": randint(3, 9)},
        n_iter=3,
        cv=3,
        random_state=0,
    ).fit(ROWS, LABELS)
    drawn = search.cv_results_["params"]
    assert len({parameters["learning_rate"] for parameters in drawn}) == 3
    assert search.best_params_ in drawn
    assert search.best_estimator_.n_iter_ == search.best_params_["epochs"]
    assert search.score(TEST_ROWS, TEST_LABELS) > GOOD


def test_grid_search_routes_sample_weights_through_a_pipeline():
    # A classifier told that nines weigh nothing never learns of them
    sample_weight = (LABELS != 9).astype(float)
    with config_context(enable_metadata_routing=True):
        step = classifier().set_fit_request(sample_weight=True)
        step.set_score_request(sample_weight=True)
        search = GridSearchCV(make_pipeline(FlattenScaler(), step), GRID, cv=3)
        search.fit(IMAGES, LABELS, sample_weight=sample_weight)
    assert (TEST_LABELS == 9).any()
    assert not (search.predict(TEST_IMAGES) == 9).any()
    # Nines weigh nothing in the scores either
    assert search.best_score_ > 0.75 / (LABELS != 9).mean()


def test_sample_weights_that_nobody_requested_are_refused():
    with config_context(enable_metadata_routing=True):
        message = r"\[sample_weight\] are passed but are not .* MLPDigitClassifier\.fit"
        with pytest.raises(UnsetMetadataPassedError, match=message):
            pipeline().fit(IMAGES, LABELS, sample_weight=np.ones(len(LABELS)))


# Cross-validation


def test_cross_validate_scores_by_several_metrics():
    metrics = ["accuracy", "f1_macro", "neg_log_loss", "roc_auc_ovr"]
    scores = cross_validate(
        pipeline(), IMAGES, LABELS, scoring=metrics, cv=3, return_train_score=True
    )
    assert (scores["test_accuracy"] > 0.75).all()
    assert (scores["test_f1_macro"] > 0.7).all()
    assert (scores["test_neg_log_loss"] > -np.log(10) / 2).all()
    assert (scores["test_roc_auc_ovr"] > 0.95).all()
    assert (scores["train_accuracy"] > scores["test_accuracy"]).all()


def test_cross_val_predict_gives_probabilities_out_of_sample():
    probability = cross_val_predict(
        classifier(), ROWS, LABELS, cv=3, method="predict_proba"
    )
    np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=1e-5)
    assert accuracy_score(LABELS, probability.argmax(axis=1)) > GOOD


def test_learning_curve_rises_with_the_number_of_images():
    sizes, _, scores = learning_curve(
        classifier(), ROWS, LABELS, train_sizes=[40, 320], cv=3
    )
    np.testing.assert_array_equal(sizes, [40, 320])
    assert scores[1].min() > scores[0].max()


def test_validation_curve_rises_with_the_epochs():
    train_scores, scores = validation_curve(
        classifier(), ROWS, LABELS, param_name="epochs", param_range=[1, 8], cv=3
    )
    assert train_scores[1].min() > train_scores[0].max()
    assert scores[1].min() > scores[0].max()


# Classifiers made of classifiers


@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "temperature"])
def test_calibration_gives_probabilities(method):
    # In float64, as scikit-learn calibrates: float32 sums to 1 less exactly than
    # log_loss then expects
    X, test_X = ROWS.astype(np.float64), TEST_ROWS.astype(np.float64)
    calibrated = CalibratedClassifierCV(classifier(), method=method, cv=3)
    calibrated.fit(X, LABELS)
    assert calibrated.score(test_X, TEST_LABELS) > GOOD
    assert log_loss(TEST_LABELS, calibrated.predict_proba(test_X)) < np.log(10) / 2


@pytest.mark.filterwarnings("ignore:The y_prob values do not sum to one")  # float32
def test_calibration_improves_a_frozen_classifier(trained):
    # Label smoothing and few epochs leave a classifier less sure than it may be
    calibrated = CalibratedClassifierCV(FrozenEstimator(trained), method="temperature")
    calibrated.fit(TEST_ROWS[:300], TEST_LABELS[:300])
    before, after = (
        log_loss(TEST_LABELS[300:], model.predict_proba(TEST_ROWS[300:]))
        for model in (trained, calibrated)
    )
    assert after < 0.95 * before


def test_frozen_classifier_is_not_fitted_again(trained):
    before = trained.predict_proba(TEST_ROWS)
    frozen = FrozenEstimator(trained).fit(ROWS[::-1], LABELS)
    np.testing.assert_array_equal(frozen.predict_proba(TEST_ROWS), before)


def test_soft_voting_takes_the_mean_of_the_probabilities():
    voting = VotingClassifier(
        [
            ("network", classifier()),
            ("neighbours", KNeighborsClassifier()),
        ],
        voting="soft",
    ).fit(ROWS, LABELS)
    members = [member.predict_proba(TEST_ROWS) for member in voting.estimators_]
    np.testing.assert_allclose(
        voting.predict_proba(TEST_ROWS), np.mean(members, axis=0), rtol=1e-6
    )
    assert voting.score(TEST_ROWS, TEST_LABELS) > GOOD


def test_bagging_makes_members_that_differ():
    bagging = BaggingClassifier(classifier(), n_estimators=3, random_state=0)
    bagging.fit(ROWS, LABELS)
    first, second, third = (
        member.predict_proba(TEST_ROWS) for member in bagging.estimators_
    )
    assert not np.allclose(first, second)
    assert not np.allclose(second, third)
    assert bagging.score(TEST_ROWS, TEST_LABELS) > GOOD


def test_boosting_weighs_the_samples():
    boosting = AdaBoostClassifier(classifier(), n_estimators=3, random_state=0)
    boosting.fit(ROWS, LABELS)
    assert len(boosting.estimators_) == 3
    assert boosting.score(TEST_ROWS, TEST_LABELS) > GOOD


def test_stacking_learns_from_the_probabilities():
    stacking = StackingClassifier(
        [("two", classifier()), ("one", classifier(epochs=2))],
        final_estimator=LogisticRegression(max_iter=1000),
        cv=3,
    ).fit(ROWS, LABELS)
    assert stacking.transform(TEST_ROWS).shape == (len(TEST_ROWS), 20)
    assert stacking.score(TEST_ROWS, TEST_LABELS) > GOOD


class Uncounted(MLPDigitClassifier):
    """Does without n_features_in_, as scikit-learn's stacking lets its members do."""

    def fit(self, X, y):
        super().fit(X, y)
        del self.n_features_in_
        return self


def test_stacking_takes_a_classifier_without_the_number_of_features():
    uncounted = Uncounted(**classifier().get_params())
    stacking = StackingClassifier([("one", uncounted)], cv=2).fit(ROWS, LABELS)
    assert stacking.score(TEST_ROWS, TEST_LABELS) > GOOD


@pytest.mark.parametrize("make", [list, np.asarray], ids=["list", "array"])
def test_a_classifier_without_the_number_of_features_predicts_the_same(make, trained):
    uncounted = Uncounted(**classifier().get_params()).fit(ROWS, LABELS)
    loaded = pickle.loads(pickle.dumps(uncounted))
    for one in (uncounted, loaded):
        predicted = one.predict_proba(make(TEST_ROWS))
        np.testing.assert_array_equal(predicted, trained.predict_proba(TEST_ROWS))
    assert loaded.model_.input_shape == (None, 784)


def test_one_vs_rest_makes_a_classifier_for_each_digit():
    one_vs_rest = OneVsRestClassifier(classifier()).fit(ROWS, LABELS)
    assert len(one_vs_rest.estimators_) == 10
    assert one_vs_rest.score(TEST_ROWS, TEST_LABELS) > GOOD


def test_one_vs_rest_takes_several_labels_an_image():
    traits = np.column_stack([LABELS % 2 == 0, LABELS < 5]).astype(int)
    test_traits = np.column_stack([TEST_LABELS % 2 == 0, TEST_LABELS < 5])
    one_vs_rest = OneVsRestClassifier(classifier()).fit(ROWS, traits)
    assert (one_vs_rest.predict(TEST_ROWS) == test_traits).mean() > GOOD


def test_multi_output_makes_a_classifier_for_each_column():
    model = MultiOutputClassifier(classifier())
    model.fit(ROWS, np.column_stack([LABELS, LABELS % 2]))
    digit, parity = model.predict(TEST_ROWS).T
    assert accuracy_score(TEST_LABELS, digit) > GOOD
    assert accuracy_score(TEST_LABELS % 2, parity) > GOOD


def test_self_training_labels_what_has_no_label():
    few = np.where(np.arange(500) < 200, LABELS, -1)
    model = SelfTrainingClassifier(classifier(), threshold=0.8, max_iter=3)
    model.fit(ROWS, few)
    given_later = model.labeled_iter_ > 0
    assert given_later.sum() > 30
    assert (model.transduction_[given_later] == LABELS[given_later]).mean() > GOOD
    alone = classifier().fit(ROWS[:200], LABELS[:200])
    assert model.score(TEST_ROWS, TEST_LABELS) > alone.score(TEST_ROWS, TEST_LABELS)


def test_tuned_threshold_serves_a_rare_class():
    is_eight, test_is_eight = LABELS == 8, TEST_LABELS == 8
    model = classifier(epochs=2)
    tuned = TunedThresholdClassifierCV(model, scoring="balanced_accuracy", cv=3)
    tuned.fit(ROWS, is_eight)
    before, after = (
        balanced_accuracy_score(test_is_eight, fitted.predict(TEST_ROWS))
        for fitted in (model.fit(ROWS, is_eight), tuned)
    )
    assert 0 < tuned.best_threshold_ < 0.5
    assert after > before


# Metrics and inspection


def test_metrics_take_the_probabilities(trained):
    probability = trained.predict_proba(TEST_ROWS)
    accuracy = trained.score(TEST_ROWS, TEST_LABELS)
    assert accuracy > GOOD
    assert roc_auc_score(TEST_LABELS, probability, multi_class="ovr") > 0.97
    assert log_loss(TEST_LABELS, probability) < np.log(10) / 2
    assert top_k_accuracy_score(TEST_LABELS, probability, k=1) == accuracy
    assert top_k_accuracy_score(TEST_LABELS, probability, k=3) > 0.93


def test_confusion_matrix_is_drawn_from_the_classifier(trained):
    display = ConfusionMatrixDisplay.from_estimator(
        trained, TEST_ROWS, TEST_LABELS, ax=Figure().subplots()
    )
    matrix = display.confusion_matrix
    np.testing.assert_array_equal(display.display_labels, range(10))
    assert matrix.sum() == len(TEST_LABELS)
    assert matrix.trace() / matrix.sum() == trained.score(TEST_ROWS, TEST_LABELS)


def test_permutation_importance_lies_in_pixels_that_vary():
    # Every fourth pixel across and down, for fewer features to permute
    few = np.arange(784).reshape(28, 28)[::4, ::4].ravel()
    X, test_X = ROWS[:, few], TEST_ROWS[:, few]
    model = classifier().fit(X, LABELS)
    importance = permutation_importance(
        model, test_X, TEST_LABELS, n_repeats=2, random_state=0
    )
    varies = np.ptp(test_X, axis=0) > 0
    assert not varies.all()
    assert (importance.importances_mean[~varies] == 0).all()
    assert importance.importances_mean[varies].max() > 0.02


# The diagram in notebooks


WITHOUT_TENSORFLOW = """
import pickle, sys
from skdigits import FlattenScaler, MLPDigitClassifier
from sklearn.pipeline import make_pipeline

unfitted = make_pipeline(FlattenScaler(), MLPDigitClassifier())
for estimator in (unfitted, pickle.load(sys.stdin.buffer)):
    html = estimator._repr_html_()
    print("MLPDigitClassifier" in html, "hidden_layer_sizes" in html)
print(*{"keras", "scikeras", "tensorflow"} & {*sys.modules})
"""


def test_html_needs_no_tensorflow(trained):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TENSORFLOW],
        input=pickle.dumps(trained),
        check=True,
        capture_output=True,
    )
    assert done.stdout.split() == [b"True"] * 4


def test_html_says_whether_the_classifier_is_fitted(trained):
    assert "<span>Not fitted</span>" in classifier()._repr_html_()
    assert "<span>Fitted</span>" in trained._repr_html_()
    assert "<span>Not fitted</span>" not in trained._repr_html_()


def test_html_shows_what_was_set():
    html = classifier(learning_rate=0.0123)._repr_html_()
    assert "learning_rate" in html
    assert "0.0123" in html
