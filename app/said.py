"""What the code says in English, in another language: the one place where such sentences are looked up.

static/texts/said.<language>.json maps a sentence as it stands in the code, with {0}, {1}, ... for what is put
into it, to one of that language. What is put in is looked up as well. static/js/said.js does the same in the page;
tests/app/test_said.py holds the code to the catalogue, and both to one another.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

PLACE = re.compile(r"\{(\d)\}")
END_OF_SENTENCE = re.compile(r"(?<=[.?!]) (?=\S)")
NEXT_REASON = "; "  # between reasons, each a sentence of its own: why one address failed, and the other
DEEPEST = 4  # sentences in sentences
LONGEST = 1000  # characters of a text that is looked up; a longer one is no sentence of ours


class Said:
    """Sentences of one language. An empty catalogue leaves every text as it is."""

    def __init__(self, catalogue: Mapping[str, str]):
        self._catalogue = catalogue
        # the most particular first
        keys = sorted((key for key in catalogue if PLACE.search(key)), key=lambda key: (-len(PLACE.sub("", key)), key))
        self._patterns = [(key, max(PLACE.split(key)[::2], key=len), pattern_of(key)) for key in keys]

    def said(self, text: str, depth: int = 0) -> str:
        """Return a text in this language; as it is where it is nothing that the code says."""
        bare = text.strip()
        if not bare or depth > DEEPEST or len(bare) > LONGEST:
            return text
        found = (
            self._catalogue.get(bare)
            or self._one_by_one(bare, depth, all)
            or self._each(bare.split(NEXT_REASON), NEXT_REASON, depth, all)
            or self._filled(bare, depth)
            or self._one_by_one(bare, depth, any)
        )
        return text.replace(bare, found, 1) if found else text

    def _filled(self, text: str, depth: int) -> str:
        for key, piece, pattern in self._patterns:
            if piece in text and (found := pattern.fullmatch(text)):
                inside = zip(PLACE.findall(key), found.groups(), strict=True)
                return _fill(self._catalogue[key], {place: self.said(value, depth + 1) for place, value in inside})
        return ""

    def _one_by_one(self, text: str, depth: int, enough: Callable[[Iterable[bool]], bool]) -> str:
        """Return a text of several sentences, each looked up by itself, where `enough` of them are known."""
        return self._each(END_OF_SENTENCE.split(text), " ", depth, enough)

    def _each(self, parts: Sequence[str], between: str, depth: int, enough: Callable[[Iterable[bool]], bool]) -> str:
        found = [self.said(part, depth + 1) for part in parts] if len(parts) > 1 else []
        known = enough(other != part for part, other in zip(parts, found, strict=True)) if found else False
        return between.join(found) if known else ""


def pattern_of(key: str) -> re.Pattern[str]:
    """Return what fits a sentence with anything in its places."""
    return re.compile("(.*?)".join(map(re.escape, PLACE.split(key)[::2])), re.DOTALL)


def _fill(text: str, values: Mapping[str, str]) -> str:
    return PLACE.sub(lambda place: values[place[1]], text)
