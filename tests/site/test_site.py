"""The built documentation, opened in a browser.

    python -m pytest tests/site

after a build into docs/_build/html. Chromium is the one that the variable CHROMIUM
names, or else the system's.
"""

import re
from collections import deque
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from conftest import DESKTOP, PHONE, SITE

# What a newcomer looks for, and the page that answers
TASKS = {
    "Train and tune": "user_guide/training.html",
    "Read your own digits": "user_guide/your_own_digits.html",
    "Plot": "user_guide/results.html",
    "Save and serve": "user_guide/saving.html",
}

LOOK_AT_THE_PAGE = """() => {
    const all = selector => [...document.querySelectorAll(selector)];
    const main = document.querySelector('main');
    const scrolls = element => !element.matches('.bd-article')
        && (['auto', 'scroll'].includes(getComputedStyle(element).overflowX)
            || scrolls(element.parentElement));
    const isWide = element => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && box.right > window.innerWidth + 1;
    };
    return {
        links: all('a[href]').map(a => a.href),
        empty: all('.bd-article .highlight pre')
            .filter(element => element.innerText.trim() === '').length,
        // Of what scrolls by itself, or is cut; one pixel is hidden on purpose
        hidden: all('.bd-article *')
            .filter(element => element.clientWidth > 1
                && element.scrollWidth > element.clientWidth + 1
                && getComputedStyle(element).overflowX !== 'visible')
            .map(element => element.innerText.slice(0, 80)),
        anchors: all('[id], a[name]').map(element => element.id || element.name),
        // Code and tables may scroll by themselves; the rest must fit
        wide: all('.bd-article *')
            .filter(element => isWide(element) && !scrolls(element))
            .map(element => element.outerHTML.slice(0, 80)),
        overflow: document.documentElement.scrollWidth - window.innerWidth,
        heading: main?.querySelector('h1')?.innerText,
        images: all('main img').map(image => {
            const box = image.getBoundingClientRect();
            return {
                source: image.currentSrc,
                loaded: image.complete && image.naturalWidth > 0,
                shown: box.width > 0 && box.height > 0 && image.checkVisibility(),
                fits: box.left >= -1 && box.right <= window.innerWidth + 1,
                // A thumbnail stands beside the title of its example
                described: image.alt.trim() !== ''
                    || image.closest('.sphx-glr-thumbcontainer') !== null,
            };
        }),
    };
}"""


# The part of each thumbnail, in either direction, that is neither white nor clear
FILLED_BY_PICTURE = """images => images.map(image => {
    const canvas = document.createElement('canvas');
    const [width, height] = [image.naturalWidth, image.naturalHeight];
    Object.assign(canvas, {width, height});
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, width, height).data;
    const [xs, ys] = [[], []];
    for (let i = 0; i < width * height; i++) {
        const [r, g, b, alpha] = pixels.slice(4 * i, 4 * i + 4);
        if (alpha > 0 && Math.min(r, g, b) < 250) {
            xs.push(i % width);
            ys.push(Math.floor(i / width));
        }
    }
    const extent = values => values.reduce((a, b) => Math.max(a, b))
        - values.reduce((a, b) => Math.min(a, b));
    return [image.src, extent(xs) / width, extent(ys) / height];
})"""


class Visit:
    """What opening a page at a width has shown."""

    def __init__(self, url, status, found, errors, requests):
        self.url, self.status = url, status
        self.found, self.errors, self.requests = found, errors, requests


def open_page(context, url):
    page = context.new_page()
    errors, requests, failed = [], [], []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.on(
        "response",
        lambda reply: (
            failed.append((reply.status, reply.url)) if not reply.ok else None
        ),
    )
    status = page.goto(url, wait_until="load").status
    # Pictures that load when they are scrolled to
    page.evaluate(
        "() => document.querySelectorAll('img').forEach(i => i.loading = 'eager')"
    )
    page.wait_for_function("() => [...document.images].every(image => image.complete)")
    found = page.evaluate(LOOK_AT_THE_PAGE)
    page.close()
    return Visit(url, status, found, errors + failed, requests)


def crawl(browser, address, viewport):
    """Open every page that links lead to from the front page."""
    context = browser.new_context(viewport=viewport)
    visits, waiting, seen = {}, deque([urljoin(address, "index.html")]), set()
    while waiting:
        url = waiting.popleft()
        if url in seen:
            continue
        seen.add(url)
        visits[url] = open_page(context, url)
        for link in visits[url].found["links"]:
            page, _ = urldefrag(link)
            if page.startswith(address) and page.endswith((".html", "/")):
                waiting.append(page)
    context.close()
    return visits


@pytest.fixture(scope="session")
def desktop(browser, address):
    return crawl(browser, address, DESKTOP)


@pytest.fixture(scope="session")
def phone(browser, address):
    return crawl(browser, address, PHONE)


@pytest.fixture(scope="session", params=["desktop", "phone"])
def visits(request):
    return request.getfixturevalue(request.param)


def test_every_page_is_found_and_has_a_heading(visits):
    assert len(visits) > 20
    assert [url for url, visit in visits.items() if visit.status != 200] == []
    assert [url for url, visit in visits.items() if not visit.found["heading"]] == []


def test_every_page_that_was_built_is_linked_to(desktop, address):
    built = {path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html")}
    built = {name for name in built if not name.startswith("_static/")}
    linked = {url.removeprefix(address) for url in desktop}
    assert built - linked <= {"genindex.html", "search.html"}


def test_no_page_has_an_error(visits):
    errors = {url: visit.errors for url, visit in visits.items() if visit.errors}
    assert errors == {}


def test_internal_links_lead_to_files(desktop, address):
    missing = {
        (url, link)
        for url, visit in desktop.items()
        for link in visit.found["links"]
        if link.startswith(address)
        and not (SITE / unquote(urldefrag(link).url.removeprefix(address))).exists()
    }
    assert missing == set()


def test_internal_links_lead_to_anchors(desktop, address):
    missing = set()
    for url, visit in desktop.items():
        for link in visit.found["links"]:
            page, anchor = urldefrag(link)
            if page in desktop and anchor:
                anchors = desktop[page].found["anchors"]
                if unquote(anchor) not in anchors:
                    missing.add((url, link))
    assert missing == set()


def test_nothing_is_fetched_from_elsewhere(visits, address):
    elsewhere = {
        request
        for visit in visits.values()
        for request in visit.requests
        if not request.startswith((address, "data:", "blob:"))
    }
    assert elsewhere == set()


@pytest.mark.parametrize("quality", ["loaded", "shown", "fits", "described"])
def test_every_picture_is(quality, visits):
    pictures = [
        (url, image) for url, visit in visits.items() for image in visit.found["images"]
    ]
    assert len(pictures) > 10
    assert [
        (url, image["source"]) for url, image in pictures if not image[quality]
    ] == []


def test_no_page_scrolls_sideways(visits):
    wide = {
        url: visit.found["overflow"]
        for url, visit in visits.items()
        if visit.found["overflow"] > 0
    }
    assert wide == {}


def test_nothing_is_wider_than_the_page(visits):
    wide = {url: visit.found["wide"] for url, visit in visits.items()}
    assert {url: elements for url, elements in wide.items() if elements} == {}


def test_a_desktop_shows_all_of_a_table_and_of_a_line_of_code(desktop):
    hidden = {url: visit.found["hidden"] for url, visit in desktop.items()}
    assert {url: texts for url, texts in hidden.items() if texts} == {}


def test_no_box_of_code_is_empty(desktop):
    empty = {url: visit.found["empty"] for url, visit in desktop.items()}
    assert {url: n_boxes for url, n_boxes in empty.items() if n_boxes} == {}


@pytest.fixture
def front_page(browser, address):
    page = browser.new_page(viewport=DESKTOP)
    page.goto(urljoin(address, "index.html"))
    yield page
    page.close()


def test_the_front_page_begins_with_what_a_newcomer_wants_to_know(front_page):
    # All of it without scrolling
    bottoms = {
        selector: front_page.locator(selector).last.bounding_box()
        for selector in ("main pre", "main img", "main .sd-card")
    }
    for box in bottoms.values():
        assert box["y"] + box["height"] <= DESKTOP["height"]
    blocks = front_page.locator("main pre").all_inner_texts()
    assert blocks[0].strip() == "pip install skdigits"
    assert "model.fit(train.images" in blocks[1]
    assert "of the test images right" in blocks[2]
    text = front_page.locator("main").inner_text()
    assert "It is for you if" in text
    assert "It is not for" in text
    assert "Version " in text


def test_the_front_page_links_to_source_issues_and_package(front_page):
    links = {
        link.inner_text(): link.get_attribute("href")
        for link in front_page.locator("main p a").all()
    }
    assert links["Source"].startswith("https://github.com/")
    assert links["Issues"] == f"{links['Source']}/issues"
    assert links["Package on PyPI"] == "https://pypi.org/project/skdigits"


def test_a_phone_shows_the_words_of_the_front_picture_large_enough(browser, address):
    page = browser.new_page(viewport=PHONE)
    page.goto(urljoin(address, "index.html"))
    shown, width = page.locator("main img").first.evaluate(
        "image => [image.getBoundingClientRect().width, image.naturalWidth]"
    )
    page.close()
    # Its words have 10 points, and its pixels 200 to an inch
    assert 10 / 72 * 200 * shown / width >= 9


def test_every_class_and_function_of_the_reference_links_to_its_source(desktop):
    pages = [url for url in desktop if "/generated/skdigits" in url]
    assert len(pages) > 10
    without = [
        url
        for url in pages
        if not any(
            "/_modules/skdigits/" in link for link in desktop[url].found["links"]
        )
    ]
    assert without == []


def test_the_reference_leaves_out_what_scikit_learn_makes_for_routing(desktop):
    made = [
        anchor
        for visit in desktop.values()
        for anchor in visit.found["anchors"]
        if anchor.startswith("skdigits.") and anchor.endswith("_request")
    ]
    assert made == []


def test_every_example_can_be_downloaded_as_script_and_as_notebook(desktop):
    pages = {url: v for url, v in desktop.items() if "/auto_examples/plot_" in url}
    assert len(pages) >= 10
    for url, visit in pages.items():
        files = {link.rpartition("/")[2] for link in visit.found["links"]}
        name = url.rpartition("/")[2].removesuffix(".html")
        assert {f"{name}.py", f"{name}.ipynb"} <= files


def test_thumbnails_fill_the_shape_that_all_have(browser, address):
    page = browser.new_page(viewport=DESKTOP)
    page.goto(urljoin(address, "auto_examples/index.html"))
    page.evaluate(
        "() => document.querySelectorAll('img').forEach(i => i.loading = 'eager')"
    )
    page.wait_for_function("() => [...document.images].every(image => image.complete)")
    filled = page.locator(".sphx-glr-thumbcontainer img").evaluate_all(
        FILLED_BY_PICTURE
    )
    page.close()
    assert len(filled) >= 10
    for name, width, height in filled:
        assert min(width, height) > 0.75, name


def test_what_is_copied_of_a_session_are_its_commands(browser, address):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(urljoin(address, "user_guide/saving.html"))
    block = page.locator("div.highlight", has_text="Traceback (most recent").first
    block.hover()
    block.locator("button.copybtn").click()
    page.wait_for_function("() => navigator.clipboard.readText()")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    context.close()

    assert "Traceback" not in copied
    assert "Error" not in copied
    assert ">>>" not in copied
    compile(copied, "copied", "exec")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_drawing_of_the_path_is_as_dark_as_its_page(scheme, browser, address):
    page = browser.new_page(color_scheme=scheme)
    page.goto(urljoin(address, "user_guide/inside.html"))
    ground, ink = (
        page.locator(selector).first.evaluate(
            "(element, name) => getComputedStyle(element)[name]", name
        )
        for selector, name in (
            ("svg.data-path rect", "fill"),
            ("svg.data-path text", "fill"),
        )
    )
    page.close()
    assert (brightness(ground) < brightness(ink)) == (scheme == "dark")


def brightness(color):
    """The mean of red, green and blue in a computed colour."""
    return sum(map(int, re.findall(r"\d+", color)[:3])) / 3


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize(("task", "target"), TASKS.items())
def test_a_newcomer_clicks_once_to_learn_how_to(
    task, target, viewport, browser, address
):
    page = browser.new_page(viewport=viewport)
    page.goto(urljoin(address, "index.html"))

    page.locator("main .sd-card", has_text=task).first.click()

    page.wait_for_url(f"**/{target}")
    page.close()


# What people look for, by the field's words, and the page that must be among the hits
SEARCHES = {
    "FlattenScaler": "generated/skdigits.FlattenScaler.html",
    "early stopping": "user_guide/training.html",
    "overfitting": "user_guide/training.html",
    "imbalanced": "user_guide/tabular_data.html",
    "reproducible": "user_guide/training.html",
    "convergence": "user_guide/training.html",
    "Docker": "user_guide/serving.html",
    "FastAPI": "user_guide/serving.html",
    "FAQ": "user_guide/faq.html",
    "CNN": "user_guide/faq.html",
    "Jupyter": "user_guide/notebooks.html",
    "PNG": "user_guide/reader.html",
}


@pytest.mark.parametrize(("words", "target"), SEARCHES.items())
def test_the_search_finds(words, target, browser, address):
    page = browser.new_page()
    page.goto(urljoin(address, f"search.html?q={words}"))
    page.locator(f'#search-results li a[href*="{target}"]').first.wait_for()
    page.close()
