"""scikit-learn's own checks, all of them, with none expected to fail."""

import pytest
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from skdigits import MLPDigitClassifier


@parametrize_with_checks(
    [
        MLPDigitClassifier(),
        MLPDigitClassifier(early_stopping=True),
        MLPDigitClassifier(dropout=0.2),
        MLPDigitClassifier((32,), activation="tanh", batch_size=16),
        MLPDigitClassifier(activation="selu", optimizer="nadam"),
        MLPDigitClassifier(warm_start=True, learning_rate_schedule="constant"),
    ]
)
def test_passes_every_check_of_scikit_learn(estimator, check):
    check(estimator)


def test_check_estimator_passes_as_a_user_calls_it():
    results = check_estimator(MLPDigitClassifier())

    assert {result["status"] for result in results} == {"passed"}
