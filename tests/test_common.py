"""scikit-learn's own checks, all of them, with none expected to fail."""

from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from skdigits import MLPDigitClassifier


@parametrize_with_checks(
    [
        MLPDigitClassifier(),
        MLPDigitClassifier(early_stopping=True),
        MLPDigitClassifier(dropout=0.2),
        MLPDigitClassifier((32,), activation="tanh", epochs=300),
        MLPDigitClassifier(activation="selu", optimizer="nadam"),
        # Some checks fit twice and expect the same predictions: to convergence, then
        MLPDigitClassifier((), warm_start=True, epochs=500, learning_rate=0.1),
    ]
)
def test_passes_every_check_of_scikit_learn(estimator, check):
    check(estimator)


def test_check_estimator_passes_as_a_user_calls_it():
    results = check_estimator(MLPDigitClassifier())

    assert {result["status"] for result in results} == {"passed"}
