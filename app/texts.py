"""The words of the pages, one catalogue per language, for templates and scripts alike.

static/texts/<language>.json maps a key to a sentence with {placeholders}. A key may have a sister
that ends in `.one`, for a sentence about one thing (its `n` is 1). Beside it lie, for every language but English, in
which they are written, components.<language>.json (`app.component_words`) and said.<language>.json (`app.said`).
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.requests import HTTPConnection

from app.said import Said

COOKIE = "livefit_lang"
ENGLISH = "en"
NAMES = {ENGLISH: "English", "ko": "한국어"}

Translate = Callable[..., str]


class Texts:
    """Every language's catalogue, read once."""

    def __init__(self, folder: Path):
        self.catalogues = {language: _read(folder / f"{language}.json") for language in NAMES}
        others = NAMES.keys() - {ENGLISH}
        self.components = {ENGLISH: {}} | {one: _read(folder / f"components.{one}.json") for one in others}
        self.says = {ENGLISH: Said({})} | {one: Said(_read(folder / f"said.{one}.json")) for one in others}

    def language(self, request: HTTPConnection) -> str:
        """Return the language to answer in: what was switched to, else what the browser prefers, else English."""
        wanted = request.cookies.get(COOKIE, "")
        if wanted in self.catalogues:
            return wanted
        return next((one for one in preferred(request.headers.get("accept-language", "")) if one in NAMES), ENGLISH)

    def translator(self, language: str) -> Translate:
        """Return t(key, **values) for a language. An unknown key is shown as it is, so that it is seen."""
        catalogue = self.catalogues[language]

        def t(key: str, **values: Any) -> str:
            one = f"{key}.one"
            text = catalogue[one] if values.get("n") == 1 and one in catalogue else catalogue.get(key, key)
            for name, value in values.items():
                text = text.replace("{" + name + "}", str(value))
            return text

        return t


def _read(file: Path) -> dict[str, str]:
    return json.loads(file.read_text(encoding="utf-8"))


def preferred(header: str) -> list[str]:
    """Return the languages of an Accept-Language header, best first, without their regions."""
    ranked = []
    for place, part in enumerate(header.split(",")[:20]):
        tag, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            quality = 0.0
        ranked.append((-quality, place, tag.partition("-")[0].lower()))
    return [tag for _, _, tag in sorted(ranked)]
