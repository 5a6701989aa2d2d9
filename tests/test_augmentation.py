"""Random distortion of images: what each strength does, and in training."""

import pickle

import numpy as np
import pytest
from helpers import run_python, same_weights, small
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import gaussian_filter1d, map_coordinates
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skdigits import RandomDistortion
from skdigits.augmentation import _sample, _waves

NOTHING = {
    "rotation": 0,
    "zoom": 0,
    "shear": 0,
    "translation": 0,
    "elastic": 0,
}


def only(**strengths):
    return RandomDistortion(**NOTHING | strengths)


def blob(shape=(41, 41), centre=(20, 20), axes=(3, 3), angle=0.0):
    """A smooth elliptical spot, whose moments tell where it went."""
    y, x = np.mgrid[: shape[0], : shape[1]] - np.reshape(centre, (2, 1, 1))
    along = np.cos(angle) * y + np.sin(angle) * x
    across = np.cos(angle) * x - np.sin(angle) * y
    return np.exp(-((along / axes[0]) ** 2) / 2 - (across / axes[1]) ** 2 / 2)


def moments(image):
    """The centre of mass, and the covariance of (y, x) around it."""
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    places = np.stack([y.ravel(), x.ravel()])
    weights = image.ravel()
    return (
        np.average(places, axis=1, weights=weights),
        np.cov(places, aweights=weights),
    )


def copies(image, n_copies):
    return np.repeat(image[np.newaxis], n_copies, axis=0)


# What comes out


@given(
    images=arrays(
        st.sampled_from([np.uint8, np.int64, np.bool_, np.float32, np.float64]),
        st.tuples(st.integers(0, 4), st.integers(1, 9), st.integers(1, 9)),
        elements=st.integers(0, 1),
    ),
    seed=st.integers(0, 99),
)
def test_images_of_any_size_and_type_keep_their_shape_and_range(images, seed):
    before = images.copy()

    distorted = RandomDistortion(rotation=90, zoom=1, elastic=0.2)(images, seed)

    assert distorted.shape == images.shape
    expected = np.float64 if images.dtype == np.float64 else np.float32
    assert distorted.dtype == expected
    # Interpolating in float32 may round beyond the range
    assert np.all((distorted >= -1e-6) & (distorted <= 1 + 1e-6))
    np.testing.assert_array_equal(images, before)


def test_no_strength_changes_nothing(mnist):
    images = mnist.X_train.reshape(-1, 28, 28)

    np.testing.assert_allclose(only()(images, 0), images, atol=1e-6)


@pytest.mark.parametrize("layout", ["Fortran order", "reversed", "every other"])
def test_memory_layout_is_of_no_account(layout, mnist):
    images = mnist.X_train[:50].reshape(-1, 28, 28)
    images, as_laid_out = {
        "Fortran order": (images, np.asfortranarray(images)),
        "reversed": (images[::-1].copy(), images[::-1]),
        "every other": (images[::2].copy(), images[::2]),
    }[layout]

    np.testing.assert_array_equal(
        RandomDistortion()(images, 0), RandomDistortion()(as_laid_out, 0)
    )


def test_the_generator_decides_and_each_image_has_its_own(mnist):
    images = copies(mnist.X_train[0].reshape(28, 28), 5)
    distort = RandomDistortion()

    first = distort(images, np.random.default_rng(0))

    np.testing.assert_array_equal(first, distort(images, np.random.default_rng(0)))
    assert len({image.tobytes() for image in first}) == 5
    assert not np.array_equal(first, distort(images, np.random.default_rng(1)))


def test_a_generator_goes_on_from_call_to_call(mnist):
    images = mnist.X_train[:5].reshape(-1, 28, 28)
    rng = np.random.default_rng(0)

    first, second = (RandomDistortion()(images, rng) for _ in range(2))

    assert not np.array_equal(first, second)


@pytest.mark.programs
def test_the_number_of_threads_is_of_no_account():
    code = """
import hashlib
from skdigits import RandomDistortion, load_mnist
images = load_mnist("test").images[:1000] / 255
print(hashlib.sha256(RandomDistortion()(images, 0).tobytes()).hexdigest())
"""
    hashes = {
        run_python(code, environment={"OMP_NUM_THREADS": n_threads}).stdout
        for n_threads in ("1", "4")
    }
    assert len(hashes) == 1


# What each strength means


@pytest.mark.parametrize("translation", [0.02, 0.2])
def test_translation_shifts_by_up_to_that_fraction_of_each_side(translation):
    image = blob((41, 61), (20, 30))
    shifts = np.array(
        [
            moments(shifted)[0] - (20, 30)
            for shifted in only(translation=translation)(copies(image, 300), 0)
        ]
    )

    largest = translation * np.array(image.shape)
    assert np.all(np.abs(shifts) < largest + 0.05)
    assert np.all(shifts.max(axis=0) > 0.9 * largest)
    assert np.all(shifts.min(axis=0) < -0.9 * largest)


def test_rotation_turns_about_the_middle_by_up_to_that_angle():
    image = blob(axes=(8, 2))
    angles = []
    for turned in only(rotation=30)(copies(image, 300), 0):
        centre, covariance = moments(turned)
        np.testing.assert_allclose(centre, (20, 20), atol=0.1)
        along = np.linalg.eigh(covariance)[1][:, -1]
        angles.append(np.rad2deg(np.arctan(along[1] / along[0])))

    assert 27 < max(angles) < 30.5
    assert -30.5 < min(angles) < -27


def test_zoom_stretches_height_and_width_each_by_up_to_that_factor():
    image = blob(axes=(4, 4))
    # Squared, as the covariance is
    factors = np.array(
        [
            np.sqrt(np.diag(moments(zoomed)[1]) / np.diag(moments(image)[1]))
            for zoomed in only(zoom=0.5)(copies(image, 300), 0)
        ]
    )

    np.testing.assert_allclose(factors.max(axis=0), 1.5, rtol=0.04)
    np.testing.assert_allclose(factors.min(axis=0), 1 / 1.5, rtol=0.04)
    assert abs(np.corrcoef(factors.T)[0, 1]) < 0.2


def test_shear_moves_rows_sideways_by_up_to_that_slope():
    image = blob(axes=(6, 3))
    slopes = []
    for sheared in only(shear=0.4)(copies(image, 300), 0):
        _, covariance = moments(sheared)
        slopes.append(covariance[0, 1] / covariance[0, 0])
        np.testing.assert_allclose(covariance[0, 0], 36, rtol=0.05)

    assert 0.36 < max(slopes) < 0.41
    assert -0.41 < min(slopes) < -0.36


def displacements(elastic, sigma, shape=(40, 60), n_images=400):
    """Where pixels come from less where they are: (n_images, 2, height, width)."""
    place = np.mgrid[: shape[0], : shape[1]].astype(float)
    distort = only(elastic=elastic, sigma=sigma, fill_value=np.nan)
    return np.stack(
        [distort(copies(axis, n_images), 0) - axis for axis in place], axis=1
    )


def test_elastic_is_the_root_mean_square_displacement_of_each_side():
    moved = displacements(elastic=0.01, sigma=0.15)

    rms = np.sqrt(np.nanmean(moved**2, axis=(0, 2, 3)))
    np.testing.assert_allclose(rms, [0.4, 0.6], rtol=0.05)


def test_elastic_displacement_is_the_same_at_the_edge_as_in_the_middle():
    # Shifts reach nowhere near what is looked at, three pixels from the edge
    moved = displacements(elastic=0.01, sigma=0.15)[:, :, 3:-3, 3:-3]

    rms = np.sqrt((moved**2).mean(axis=0))
    np.testing.assert_allclose(rms[0], 0.4, rtol=0.2)
    np.testing.assert_allclose(rms[1], 0.6, rtol=0.2)


@pytest.mark.parametrize("sigma", [0.1, 0.3])
def test_sigma_is_the_standard_deviation_of_the_gaussian_that_smooths(sigma):
    # The correlation of such noise is a Gaussian, too, wider by the root of two
    moved = displacements(elastic=0.005, sigma=sigma)[:, 0, 3:-3, 3:-3]

    distance = 8
    correlation = (moved[:, :, :-distance] * moved[:, :, distance:]).mean() / (
        moved**2
    ).mean()
    expected = np.exp(-((distance / (sigma * 60)) ** 2) / 4)
    assert correlation == pytest.approx(expected, abs=0.05)


def test_fill_value_is_what_lies_around_the_image():
    white = np.ones((1, 20, 20))
    distort = RandomDistortion(translation=0.5, fill_value=-3.0)

    distorted = np.concatenate([distort(white, seed) for seed in range(20)])

    assert distorted.min() == -3
    assert distorted.max() == pytest.approx(1)
    same = RandomDistortion(translation=0.5, fill_value=1.0)(white, 0)
    np.testing.assert_allclose(same, 1)


@given(seed=st.integers(0, 1000), far=st.sampled_from([1.0, 100.0]))
def test_sampling_agrees_with_scipy(seed, far):
    rng = np.random.default_rng(seed)
    images = rng.random((2, 3, 5, 7))
    coordinates = rng.uniform(-2, 8, (2, 3, 5, 7)) * far
    expected = [
        [
            map_coordinates(image, place, order=1, cval=0.3, mode="grid-constant")
            for image, place in zip(sharing, coordinates.swapaxes(0, 1), strict=True)
        ]
        for sharing in images
    ]

    sampled = _sample(images, coordinates, 0.3)

    np.testing.assert_allclose(sampled, expected, atol=1e-12)


@pytest.mark.parametrize(("n_images", "n_distortions"), [(1999, 1999), (4003, 251)])
def test_of_many_images_sixteen_share_a_distortion(n_images, n_distortions):
    images = np.tile(np.linspace(0, 1, 64).reshape(8, 8), (n_images, 1, 1))

    distorted = RandomDistortion()(images, 0)

    assert len(np.unique(distorted, axis=0)) == n_distortions
    # Those that come to be trained on together have one each
    assert len(np.unique(distorted[1000:1128], axis=0)) == 128


def test_a_few_waves_stand_for_smoothed_noise():
    smooth = _waves(28, 0.15)[2:]
    smoothing = gaussian_filter1d(np.eye(200), 0.15 * 28, axis=1)[86:114]
    covariance = smoothing @ smoothing.T

    np.testing.assert_allclose(
        smooth.T @ smooth, covariance / covariance[0, 0], atol=5e-3
    )
    assert len(smooth) < 10


# As a parameter


@pytest.mark.parametrize(
    ("parameter", "value", "accepted"),
    [
        ("rotation", -1, r"a float in the range \[0.0, 180.0\]"),
        ("rotation", 181, r"a float in the range \[0.0, 180.0\]"),
        ("zoom", -0.1, r"a float in the range \[0.0, inf\)"),
        ("shear", "0.1", r"a float in the range \[0.0, inf\)"),
        ("translation", np.nan, r"a float in the range \[0.0, inf\)"),
        ("elastic", None, r"a float in the range \[0.0, inf\)"),
        ("sigma", 0, r"a float in the range \(0.0, inf\)"),
        ("fill_value", "black", "an instance of 'float'"),
    ],
)
def test_a_strength_out_of_range_is_refused(parameter, value, accepted, mnist):
    distort = RandomDistortion(**{parameter: value})
    message = f"The '{parameter}' parameter of RandomDistortion must be {accepted}"

    with pytest.raises(ValueError, match=message):
        distort(np.zeros((1, 8, 8)), 0)
    classifier = small(augment=distort)
    with pytest.raises(ValueError, match=message):
        classifier.fit(mnist.X_train, mnist.y_train)
    assert not hasattr(classifier, "coefs_")


@pytest.mark.parametrize("shape", [(28, 28), (2, 784), (2, 28, 28, 1), (2, 0, 28)])
def test_what_is_no_stack_of_images_is_refused(shape):
    message = r"images must have the shape \(n_images, height, width\).*Got \("
    with pytest.raises(ValueError, match=message):
        RandomDistortion()(np.zeros(shape), 0)


def test_strengths_are_parameters_of_the_classifier_and_cloned_with_it():
    classifier = small(augment=RandomDistortion(rotation=5))

    copy = clone(classifier).set_params(augment__rotation=20)

    assert classifier.get_params()["augment__rotation"] == 5
    assert copy.augment.rotation == 20
    assert pickle.loads(pickle.dumps(copy)).augment.rotation == 20


def test_grid_search_goes_over_strengths(mnist):
    search = GridSearchCV(
        small(augment=RandomDistortion()),
        {"augment__rotation": [0, 10], "augment__elastic": [0, 0.03]},
        cv=2,
    ).fit(mnist.X_train, mnist.y_train)

    assert set(search.best_params_) == {"augment__rotation", "augment__elastic"}
    assert len(set(search.cv_results_["mean_test_score"])) > 1


# In training


@pytest.mark.parametrize(
    ("name", "same"),
    [("affine", RandomDistortion(elastic=0)), ("elastic", RandomDistortion())],
)
def test_names_stand_for_distortions(name, same, mnist):
    by_name, by_object = (
        small(augment=augment).fit(mnist.X_train, mnist.y_train)
        for augment in (name, same)
    )

    assert same_weights(by_name, by_object)


def test_affine_and_elastic_differ_from_each_other_and_from_none(mnist):
    affine, elastic, none = (
        small(augment=augment).fit(mnist.X_train, mnist.y_train)
        for augment in ("affine", "elastic", None)
    )

    assert not same_weights(affine, elastic)
    assert not same_weights(affine, none)


@pytest.mark.parametrize("shape", [(14, 56), (784, 1), (1, 784), (28, 28, 1)])
def test_images_of_any_shape_can_be_distorted(shape, mnist):
    images = mnist.X_train.reshape(-1, *shape)

    classifier = small(augment="elastic").fit(images, mnist.y_train)

    assert classifier.predict(images).shape == mnist.y_train.shape


def test_partial_fit_distorts(mnist):
    plain, distorted = (
        small(augment=augment).partial_fit(
            mnist.X_train, mnist.y_train, classes=range(10)
        )
        for augment in (None, "elastic")
    )

    assert not same_weights(plain, distorted)


def test_training_on_distorted_images_helps_with_distorted_images(mnist):
    turned = RandomDistortion(rotation=25)(mnist.X_test.reshape(-1, 28, 28), 0)
    scores = [
        small(augment=augment, epochs=60)
        .fit(mnist.X_train, mnist.y_train)
        .score(turned.reshape(-1, 784), mnist.y_test)
        for augment in (None, RandomDistortion(rotation=25))
    ]

    assert scores[1] > scores[0] + 0.03


@pytest.mark.parametrize(
    ("given", "expected"),
    [(">f4", "f4"), (">f8", "f8"), ("longdouble", "f8"), ("f2", "f4"), ("u1", "f4")],
)
def test_distorted_images_have_the_float_type_that_a_network_would(given, expected):
    images = np.ones((2, 5, 5), given)
    distorted = RandomDistortion()(images, np.random.default_rng(0))
    assert distorted.dtype == np.dtype(expected)
