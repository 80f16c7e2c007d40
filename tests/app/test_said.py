"""Each sentence that the code can say has its translation, and the page looks it up as the server does."""

import json
import re
import subprocess

import pytest

from app.said import PLACE, Said
from app.texts import ENGLISH, NAMES
from tests.said_in_code import ROOT, sentences
from trainer.catalog import CATALOG
from trainer.component import ParameterError
from trainer.training import Training

OTHERS = sorted(NAMES.keys() - {ENGLISH})
# only ever said inside of a longer sentence, which stands in the catalogue with the part in it
PARTS = {
    "{0} to {1}{2}", "at least {0}{1}", "at most {0}{1}", "is outside {0}", "{0} of {1}", "is not true or false",
    "is not a list of at most {0} whole numbers", "is not a text of at most {0} characters", "is not one of: {0}.{1}",
    "is a list", "is one of {0}", "after epoch {0} is too late", "after step {0} is too late",
    "this run ends after epoch {0}, which is step {1}.", "has at most {0} entries",
    "comes once so many epochs, or so many steps, are done: say one of them",
    "is a field and its value, or the name of what takes over and its params",
    "lets another optimizer or schedule take over, and nothing else",
    "is not a whole number", "is not a number", "is not a finite number",
    'is not a number for each of at most {0} layers, as in {"dense 1": 0.01}',
    "no {0} is called {1}.{2} There are: {3}.",
    "Did you mean {0}?", "is a text", "has at most {0} characters", "is not an id as Livefit makes them",
    "is less than {0}", "is a whole number", "is at least {0}", "is true or false", "{0} {1}; got {2}.",
    "no {0} for {1} s", "first step", "and {0} more", ", and {0} more", "run {0}{1}:", ", which held {0}",
    "of the {0} there are", "out of memory: the kernel killed the trainer (signal 9){0}{1}", "out of memory: {0}.",
    "{0} were asked for", "{0} are available{1}", "on the GPU", "Take smaller", "Take larger",
    "the {0} part would be empty: {1} has {2} samples, validation takes {3} of them and test {4}. {5} shares, "
    "or 0 for no such part.",
    "The probe {0} has captured nothing{1}.", "up to step {0}", "The trainer (pid {0}) did not answer within {1} "
    "seconds.{2}", "; or", "put {0}, as they are at {1}, into {2}", "put {0} into {1} by hand",
    "Take {0}, which needs no download",
    "{0} {1} samples for {2} folds. Take fewer folds.", "there are", "class {0} has", "cannot be reached ({0})",
    "broke off in the middle; the next try goes on from there", "does not answer", "refuses the connection",
    "cannot be found: there seems to be no network",
    "The group {0} was launched by {1}.", "no lesson", "the lesson {0}", "Leave it out", "Use fields of at most {0}",
    "{0} gets {1}, too small for fields of {2}. {3}, or pool less before it.", "{0} channel{1} of {2}",
    "is not a list of at most {0} {1}s such as {2}",
    "Without it these could neither go on nor be run again: {0}{1}.",
    "the run {0} {1}", "has not finished",
    "Learning-rate finder: the loss fell fastest at a learning rate of {0}. It was lowest, {1}, at {2}, a tenth of "
    "which is {3}. Take one from {4} to {5}.{6}",
    ", by {0}", "Goes on{0}.", "Finished: {0}{1}.", "Refused{0}{1}: {2}", "Epoch {0}: {1}.{2}",
    "{0} {1}: {2} → {3}{4}.{5}",
    "Write it as in {0}",
    "{0} gets {1}, {2} values, which do not make {3}.",
    "{0} Use sizes whose product is {1}; one of them may be -1.",
    "cnn wants images (channels, height, width), signals or volumes; these inputs have {0}.",
    "{0} Use model mlp, or a data set of images such as digits.",
}  # fmt: skip
# no words for a person: of formats, of SQL, of the API's own description, of the code itself
NO_WORDS = re.compile(
    r"Problem details|^attachment; |^PRAGMA |^SELECT |^\{\"type\"|default-src|Path=/|; Secure|^livefit train|^choice: "
    r"|^torch torch|python -m|SOCK_SEQPACKET|^Process \| |^(conv|dense) \{0\}$|^\{0\} skip$|^global pool$"
)
# seen by the code alone: names of evidence, and what it compares with
CODE_ALONE = {
    ", first in",
    "not launched", "ended by a stop", "is full", "unable to open", "disk I/O error", "can't allocate memory",
    "blocks are spilled only for a run that can read its logs again", "the columns of a table are not of one length",
    "{0}: the block at byte {1} does not match its checksum", "exit.json of {0} cannot be written: {1}",
    "a request came without its pipe: too many files are open", "{0} names no layer",
    # the catalogue cannot be opened: the server does not start
    "It was written by a newer Livefit: start that one, or take another data folder.",
    "LIVEFIT_DATABASE_URL cannot be used: {0}.", "The catalogue has the shape {0}, which this version does not know.",
    "The catalogue cannot be opened: {0}.",
    # the API's own description, heads of a CSV
    "Launch, watch and steer networks while they train.", "best", "step of best",
    # what is looked for in the words of a library, and what a terminal is told
    "Connection broken", "timed out", "name resolution", "bytes {0}-", "or", "{0} to download",
}  # fmt: skip


def catalogue(language):
    return json.loads((ROOT / "static" / "texts" / f"said.{language}.json").read_text(encoding="utf-8"))


def said(language):
    return Said(catalogue(language)).said


@pytest.fixture(scope="module")
def in_code():
    return {text: place for text, place in sentences().items() if not NO_WORDS.search(text) and text not in CODE_ALONE}


@pytest.mark.parametrize("language", OTHERS)
def test_each_sentence_that_the_code_can_say_has_its_translation(language, in_code):
    missing = {text: place for text, place in in_code.items() if text not in catalogue(language) and text not in PARTS}
    assert missing == {}, json.dumps(dict.fromkeys(sorted(missing), ""), indent=2, ensure_ascii=False)


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_said_no_more_is_gone_from_the_catalogue(language, in_code):
    pieces = [max(PLACE.split(one)[::2], key=len) for one in PARTS]
    words = {text for text in catalogue(language) if " " not in text}
    errno = re.compile(r"^(No space|Permission|Read-only|Input/output|No such file|Disk quota|Cannot allocate)")
    left = {
        text
        for text in catalogue(language).keys() - in_code.keys() - words
        if not any(piece in text for piece in pieces) and not errno.match(text)
    }
    assert left == set()


def test_every_part_is_said_inside_of_a_sentence(in_code):
    assert PARTS - in_code.keys() == set(), "no longer in the code"
    for part in PARTS:
        piece = max(PLACE.split(part)[::2], key=len).strip()
        assert any(piece in text for text in catalogue(OTHERS[0])), part


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_same_places_and_is_none_of_english(language):
    for text, other in catalogue(language).items():
        assert set(PLACE.findall(text)) == set(PLACE.findall(other)), text
        assert not re.search(r"\}\{", text), f"no telling where one ends and the other begins: {text}"
        assert other != text or " " not in text


@pytest.mark.parametrize("language", OTHERS)
def test_the_sentences_are_sorted_and_none_is_empty(language):
    assert list(catalogue(language)) == sorted(catalogue(language))
    assert all(text.strip() == text and other.strip() for text, other in catalogue(language).items())


SPOKEN = [
    ("The best so far.", "지금까지 최고입니다."),
    ("killed, signal 9 (SIGKILL)", "강제 종료됨, 시그널 9(SIGKILL)"),
    ("lr = 'ten' is not a number.", "lr = 'ten': 수여야 합니다."),
    ("batch_size = 0 is outside 1 to 1,000,000.", "batch_size = 0: 1 ~ 1,000,000 범위를 벗어났습니다."),
    (
        "no optimizer is called 'adamm'. Did you mean 'adam'? There are: adam, sgd.",
        "옵티마이저 중에 'adamm'(이)라는 이름은 없습니다. 혹시 'adam'인가요? 있는 것: adam, sgd.",
    ),
    (
        "optimizer lr: 0.1 → 0.01, by Kim. adam began with fresh moments.",
        "optimizer lr: 0.1 → 0.01 · Kim adam이(가) 모멘트를 비우고 시작했습니다.",
    ),
    (
        "Interrupted: The trainer was asked to save itself and go (SIGTERM).",
        "중단되었습니다: 저장하고 끝내라는 요청을 받았습니다(SIGTERM).",
    ),
    ("regularizers.l2 enabled: off → on.", "regularizers.l2 enabled: 꺼짐 → 켜짐"),
    (
        "MNIST is not on this machine and could not be downloaded: a.com cannot be found: there seems to be no "
        "network; b.org does not answer.",
        "MNIST이(가) 이 컴퓨터에 없고 내려받지도 못했습니다: a.com을(를) 찾을 수 없습니다. 네트워크에 연결되어 있지 "
        "않은 것 같습니다; b.org이(가) 응답하지 않습니다.",
    ),
    ("Nobody says so. The best so far.", "Nobody says so. 지금까지 최고입니다."),
    ("a name that a person gave", "a name that a person gave"),
    ("", ""),
]


@pytest.mark.parametrize(("english", "korean"), SPOKEN)
def test_a_sentence_is_said_with_what_is_put_into_it(english, korean):
    assert said("ko")(english) == korean


def test_the_page_says_what_the_server_says(in_code):
    filled = [PLACE.sub(lambda place: ["adam", "0.1", "the loss", "7"][int(place[1]) % 4], text) for text in in_code]
    texts = [*filled, *(english for english, _ in SPOKEN), "  spaces around.  ", "x" * 3000]
    script = """
        import { readFileSync } from "node:fs"
        import { reader } from "./static/js/said.js"
        const said = reader(JSON.parse(readFileSync("static/texts/said.ko.json", "utf-8")))
        console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf-8")).map(said)))
    """
    command = ["node", "--input-type=module", "-e", script]
    told = subprocess.check_output(command, cwd=ROOT, input=json.dumps(texts), text=True, timeout=60)
    assert json.loads(told) == [said("ko")(text) for text in texts]


def refusals():
    for kind in [*(one for folder in CATALOG.values() for one in folder.values()), Training]:
        for declared in kind.params.values():
            outside = [] if declared.low is None else [declared.low - 1, declared.high + 1]
            if declared.type not in (int, float):
                outside = [{"dense 1": one} if declared.layers else [one] for one in outside]
            for value in (None, "no such", 10**400, *outside):
                try:
                    declared.check(value)
                except ParameterError as error:
                    yield str(error)


def test_every_refusal_of_a_parameter_is_said_in_korean():
    translate = said("ko")
    assert [text for text in sorted(set(refusals())) if not re.search("[가-힣]", translate(text))] == []
