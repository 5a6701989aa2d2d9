"""scikit-learn's own checks of the classifier: all pass, none is expected to fail."""

import pytest
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from skdigits import MLPDigitClassifier


@pytest.mark.thorough
def test_check_estimator_passes_as_a_user_calls_it():
    results = check_estimator(MLPDigitClassifier())

    assert {result["status"] for result in results} == {"passed"}
    assert not any(result["expected_to_fail"] for result in results)


# A small network, which is compiled sooner
@parametrize_with_checks([MLPDigitClassifier((16,), dropout=0.2)])
def test_passes_every_check_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.thorough
@parametrize_with_checks(
    [
        # With less patience, a few samples are a matter of luck
        MLPDigitClassifier(early_stopping=True, n_iter_no_change=10),
        # Some checks fit twice and expect the same predictions, so to convergence
        MLPDigitClassifier(
            (), epochs=200, learning_rate=0.2, weight_decay=1, warm_start=True
        ),
        MLPDigitClassifier(activation="logistic"),
        MLPDigitClassifier(activation="silu", optimizer="nadam"),
    ]
)
def test_passes_every_check_with_other_parameters(estimator, check):
    check(estimator)
