"""The built documentation, opened in a browser.

    python -m pytest tests/site

after a build into docs/_build/html. Chromium is the one that the variable CHROMIUM
names, or else the system's.
"""

from collections import deque
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from conftest import DESKTOP, PHONE, SITE

# What a newcomer looks for, and the page that answers
TASKS = {
    "Train": "user_guide/training.html",
    "Tune": "user_guide/searching.html",
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


def test_the_front_page_has_a_picture_and_the_ten_lines(browser, address):
    page = browser.new_page()
    page.goto(urljoin(address, "index.html"))
    assert "classification_report" in page.locator("main pre").first.inner_text()
    assert page.locator("main img").count() >= 1
    page.close()


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


@pytest.mark.parametrize("word", ["FlattenScaler", "early stopping"])
def test_the_search_finds(word, browser, address):
    page = browser.new_page()
    page.goto(urljoin(address, f"search.html?q={word}"))
    page.wait_for_selector("#search-results li a")
    page.close()
