"""The pages of data in a browser: a file comes in and is corrected, points are drawn, looks follow their parameters."""

import re
import threading
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.app.test_uploads import bring, keep
from tests.browser.test_accessibility import SIZES, faults, open_settled
from tests.file_server import serving
from tests.server import Server
from tests.uploads import PETS, TABLE, packed, zipped

LOOKED = "dataset-look [data-part=look]:not([aria-busy])"
READ = "upload-preview:not([aria-busy])"


@pytest.fixture(scope="module")
def own(server: Server) -> str:
    return keep(server, TABLE, "kept.csv")["id"]


def choose(page: Page, name: str, content: bytes) -> None:
    page.locator("#data-file").set_input_files({"name": name, "mimeType": "", "buffer": content})


def column(page: Page, name: str):
    return page.locator("[data-part=columns] tr", has=page.get_by_role("rowheader", name=name, exact=True))


def test_a_korean_table_comes_in_is_corrected_and_kept(visit, server):
    page = visit("/data", locale="ko-KR")
    choose(page, "우리 반.csv", TABLE.encode("cp949"))
    page.wait_for_url(re.compile("/data/new"))
    expect(page.get_by_label("문자 인코딩")).to_have_value("cp949")
    expect(page.get_by_label("이름")).to_have_value("우리 반")
    expect(column(page, "번호").locator("select")).to_have_value("ignore")
    expect(column(page, "label")).to_contain_text("예측할 값")
    page.get_by_label("예측할 값").select_option("성별")
    expect(column(page, "성별")).to_contain_text("예측할 값")
    column(page, "label").locator("select").select_option("ignore")
    expect(page.locator("[data-part=becomes]")).to_contain_text("입력1")
    page.reload()
    expect(column(page, "label").locator("select")).to_have_value("ignore")
    page.get_by_role("button", name="데이터셋으로 저장").click()
    page.wait_for_url(re.compile(r"/data/own\?dataset\.data="))
    expect(page.locator("h1")).to_have_text("우리 반")
    kept = server.ask("GET", f"/api/datasets/{page.url.rpartition('=')[2]}")
    assert (kept["classes"], kept["features"]) == (["남", "여"], ["점수"])


def test_what_is_wrong_stands_at_its_column_and_goes_when_it_is_mended(visit, server):
    text = "a,b,y\n" + "\n".join(f"{n if n != 5 else 'oops'},{n % 4},{n % 2}" for n in range(30))
    page = visit(f"/data/new?upload={bring(server, text, 'slip.csv')}")
    line = column(page, "a").locator(".problem")
    expect(line).to_have_text(re.compile("Line 7 has ‘oops’ in a, which is no number"))
    expect(page.get_by_role("button", name="Keep as a data set")).to_be_disabled()
    page.get_by_label("A word among numbers").select_option("missing")
    expect(line).to_be_hidden()
    expect(page.get_by_role("button", name="Keep as a data set")).to_be_enabled()


def test_a_file_that_cannot_be_cut_into_cells_can_be_cut_another_way(visit, server):
    text = "x;y\n" + "\n".join(f"{n},{n};{n % 2},{n},{n}" if n % 2 else f"{n},5;{n % 2}" for n in range(40))
    page = visit(f"/data/new?upload={bring(server, text)}")
    page.expected = ("422",)
    page.wait_for_selector(READ)
    page.get_by_label("Separator").select_option("comma")
    expect(page.locator('.field[data-path="separator"] .problem')).to_contain_text("Is the separator right?")
    page.get_by_label("Separator").select_option("semicolon")
    expect(page.locator('.field[data-path="separator"] .problem')).to_be_hidden()


@pytest.mark.parametrize(("name", "content"), [("empty.csv", b""), ("program", b"\x7fELF\x02\0\0\0"),
                                               ("cut.zip", zipped(PETS)[:-40])],
                         ids=["empty", "program", "cut"])  # fmt: skip
def test_a_file_that_is_nothing_is_refused_in_a_sentence(visit, server, name, content):
    page = visit("/data")
    page.expected = ("422",)
    choose(page, name, content)
    page.wait_for_url(re.compile("/data/new"))
    said = re.compile(r"^(The file is empty|This is not a text|The zip)")
    expect(page.locator("[data-part=refused]")).to_have_text(said)
    expect(page.get_by_role("button", name="Keep as a data set")).to_be_hidden()
    expect(page.get_by_role("link", name="Choose another file")).to_be_visible()


def test_arrays_and_images_are_shown_before_they_are_kept(visit, server):
    import numpy as np

    arrays = packed(x=np.random.default_rng(0).normal(size=(60, 4)), y=np.arange(60) % 3, z=np.arange(9))
    page = visit(f"/data/new?upload={bring(server, arrays, 'a.npz')}")
    expect(page.get_by_label("Inputs", exact=True)).to_have_value("x")
    page.get_by_label("Targets", exact=True).select_option("z")
    expect(page.locator('.field[data-path="targets"] .problem')).to_contain_text("x has 60 rows and z has 9")
    page = visit(f"/data/new?upload={bring(server, zipped(PETS), 'pets.zip')}")
    expect(page.locator("[data-part=images] img")).to_have_count(12)
    page.expected = ("422",)
    page.get_by_label("Width and height").fill("4")
    page.keyboard.press("Enter")
    expect(page.locator('.field[data-path="size"] .problem')).to_contain_text("is not one of: 8 to 256")


def test_what_is_wrong_with_an_array_stands_at_its_choice(visit, server):
    import numpy as np

    arrays = packed(x=np.random.default_rng(0).normal(size=(60, 4)), y=np.zeros(60), z=np.arange(60) % 3)
    page = visit(f"/data/new?upload={bring(server, arrays, 'same.npz')}")
    expect(page.locator('.field[data-path="targets"] .problem')).to_contain_text("Choose another array.")
    expect(page.get_by_label("Targets", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("It is", exact=True)).to_have_value("classes")
    page.get_by_label("Targets", exact=True).select_option("z")
    expect(page.get_by_role("button", name="Keep as a data set")).to_be_enabled()


def test_without_a_file_the_page_of_all_data_asks_for_one(visit):
    page = visit("/data/new")
    expect(page).to_have_url(re.compile("/data$"))
    expect(page.get_by_text("Choose a file")).to_be_visible()


def test_a_file_that_is_refused_keeps_its_name_and_has_no_outcome_until_it_is_read(visit, server):
    page = visit(f"/data/new?upload={bring(server, 'a,b' + chr(10), 'lone line.csv')}")
    page.expected = ("422",)
    page.wait_for_selector(READ)
    expect(page.locator("[data-part=file]")).to_have_text("lone line.csv · 4 B")
    expect(page.locator(".field[data-path=header] .problem")).to_be_visible()
    expect(page.locator("upload-preview aside")).to_be_hidden()
    page.get_by_label("First line").select_option("false")
    expect(page.locator("upload-preview aside")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("lone line")


def test_images_that_may_be_left_out_are_counted_as_at_most(visit, server):
    page = visit(f"/data/new?upload={bring(server, zipped(PETS | {'pets/cat/x.png': b'none'}), 'pets.zip')}")
    expect(page.locator('.field[data-path="unreadable"] .problem')).to_be_visible()
    page.get_by_label("Images that cannot be read").select_option("skip")
    expect(page.locator("[data-part=becomes]")).to_contain_text("Samples, at most13")


def test_the_numbers_at_the_axes_of_a_plane_neither_meet_nor_are_cut_off(visit, server):
    rows = [f"{150 + 22 * n / 39},{50 + 50 * (n % 9) / 8},{'ab'[n % 2]}" for n in range(40)]
    plane = keep(server, chr(10).join(["height,weight,y", *rows]), "plane.csv")["id"]
    page = visit(f"/data/own?dataset.data={plane}")
    page.wait_for_selector(LOOKED)
    svg, *texts = page.locator(".scatter, .scatter text").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect()).map(({ x, y, right, bottom }) => [x, y, right, bottom])"
    )
    assert [one for one in texts if one[0] < svg[0] or one[2] > svg[2] or one[3] > svg[3]] == []
    pairs = [(one, two) for at, one in enumerate(texts) for two in texts[:at]]
    assert [(a, b) for a, b in pairs if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]] == []


def test_what_images_show_stands_on_one_line_whatever_stands_below(visit):
    page = visit("/data/digits")
    page.wait_for_selector(LOOKED)
    lines = page.locator(".pictures li").evaluate_all(
        "all => all.map((one) => [one.offsetTop, one.querySelector('span').offsetTop - one.offsetTop])"
    )
    assert len({shift for _, shift in lines}) == 1, lines


def test_a_file_over_the_limit_is_not_even_sent(visit):
    page = visit("/data")
    page.evaluate("document.querySelector('upload-box').dataset.limit = 10")
    choose(page, "large.csv", b"x" * 100)
    expect(page.locator("upload-box .problem")).to_have_text("This file has 100 B; at most 10 B are taken.")


def test_points_are_drawn_by_pointer_and_kept(visit, server):
    page = visit("/data/draw")
    plane = page.locator(".plane")
    for n, (label, sign) in enumerate((("Class 1", -1), ("Class 2", 1))):
        page.get_by_text(label, exact=True).click()
        box = plane.bounding_box()
        for step in range(8):
            page.mouse.click(box["x"] + box["width"] * (0.5 + sign * 0.3), box["y"] + box["height"] * (0.2 + step / 14))
        expect(page.locator("[data-part=count]")).to_contain_text(f"{8 * (n + 1)} points")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-part=count]")).to_have_text("15 points: 8 of class 1, 7 of class 2")
    page.get_by_label("Name", exact=True).fill("two clouds")
    page.get_by_role("button", name="Keep and look at it").click()
    page.wait_for_url(re.compile(r"/data/own\?dataset\.data="))
    page.wait_for_selector(LOOKED)
    expect(page.locator("h1")).to_have_text("two clouds")
    expect(page.locator(".scatter .mark")).to_have_count(15)
    page.get_by_role("link", name="Draw on").click()
    expect(page.locator("[data-part=count]")).to_have_text("15 points: 8 of class 1, 7 of class 2")


def test_points_are_drawn_by_keys_and_as_text_as_well(visit):
    page = visit("/data/draw")
    page.locator(".plane").focus()
    for key in ("ArrowRight", "ArrowRight", "Enter", "ArrowUp", "3", "Enter", "Shift+ArrowLeft", "Enter", "Backspace"):
        page.keyboard.press(key)
    expect(page.get_by_label("The points as text")).to_have_value("1, 0, 1\n1, 0.5, 3")
    page.get_by_label("The points as text").fill("x y class\n1 2 1\n-3;4;2\n5, 5")
    expect(page.locator("[data-part=count]")).to_have_text("3 points: 2 of class 1, 1 of class 2")
    page.get_by_label("The points as text").fill("1 2 1\n99 4 2")
    expect(page.locator("[data-part=text-problem]")).to_contain_text("Line 2 is no point")
    expect(page.locator("[data-part=points] path")).to_have_count(3)
    page.reload()
    expect(page.locator("[data-part=points] path")).to_have_count(3)


def test_a_curve_is_drawn_for_a_number_to_predict(visit, server):
    page = visit("/data/draw")
    page.get_by_role("switch", name="A curve to fit").check()
    page.get_by_label("The points as text").fill("\n".join(f"{n / 2 - 5}, {n % 5}" for n in range(20)))
    page.get_by_role("button", name="Keep and look at it").click()
    page.wait_for_url(re.compile(r"/data/own"))
    page.wait_for_selector(LOOKED)
    expect(page.locator(".head p")).to_have_text("20 samples of 1 inputs, a number to predict")
    expect(page.locator(".scatter .mark")).to_have_count(20)


def test_a_look_follows_its_parameters_and_leads_to_training(visit, server):
    page = visit("/data/wine")
    page.wait_for_selector(LOOKED)
    expect(page.locator(".big-facts .of-train dd")).to_have_text("124")
    expect(page.locator(".feature")).to_have_count(12)
    page.get_by_role("button", name="Show 1 more of 13").click()
    expect(page.locator(".feature")).to_have_count(13)
    page.get_by_label("Scaling", exact=True).select_option("unit")
    page.locator("[name='dataset.test']").fill("0.4")
    expect(page.locator(".big-facts .of-test dd")).to_have_text("71")
    expect(page.locator(".feature").first.locator(".ends span").last).to_have_text("1")
    page.expected = ("422",)
    page.locator("[name='dataset.validation']").fill("0.9")
    expect(page.locator('.field[data-path="dataset.validation"] .problem')).to_contain_text("is outside 0 to 0.5")
    page.locator("[name='dataset.validation']").fill("0.2")
    expect(page.locator(".big-facts .of-validation dd")).to_have_text("36")
    page.get_by_role("link", name="Train on it").click()
    page.wait_for_url(re.compile("/new"))
    expect(page.locator("#dataset")).to_have_value("wine")
    assert page.locator("[name='dataset.test']:visible").input_value() == "0.4"
    page.get_by_role("link", name="What does this look like?").click()
    page.wait_for_url(re.compile(r"/data/wine\?.*dataset\.test=0\.4"))


def test_a_new_run_offers_own_data_and_the_way_to_it(visit, own):
    page = visit(f"/new?dataset=own&dataset.data={own}")
    page.expected = ("422",)
    field = page.locator('.field[data-path="dataset.data"]:visible')
    expect(field.locator("select option:checked")).to_have_text("kept")
    expect(page.get_by_role("link", name="What does this look like?")).to_have_attribute(
        "href", f"/data/own?dataset.data={own}"
    )
    field.locator("select").select_option("")
    expect(field.locator(".problem")).to_contain_text("no data set is chosen")
    field.get_by_role("link", name="Bring in your own").click()
    page.wait_for_url(re.compile("/data$"))


def test_a_data_set_is_deleted_after_a_question(visit, server):
    kept = keep(server, TABLE, "doomed.csv")
    page = visit("/data")
    page.get_by_role("button", name="Delete doomed").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Delete doomed").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("doomed is deleted.")).to_be_visible()
    assert kept["id"] not in [one["id"] for one in server.ask("GET", "/api/datasets")["own"]]


def test_a_name_is_text_wherever_it_stands(visit, server):
    evil = '<img src=x onerror="document.title=1">'
    text = f'"{evil}",y\n' + "\n".join(f"{n}.5,{'<b>a</b>' if n % 2 else 'b'}" for n in range(30))
    upload = bring(server, text.replace('onerror="', 'onerror=""').replace('1">"', '1"">"'), f"{evil}.csv")
    page = visit(f"/data/new?upload={upload}")
    page.get_by_role("button", name="Keep as a data set").click()
    page.wait_for_url(re.compile(r"/data/own"))
    page.wait_for_selector(LOOKED)
    expect(page.locator("h1")).to_have_text(evil)
    expect(page.get_by_role("rowheader", name="<b>a</b>")).to_be_visible()
    assert page.locator("main img").count() == 0
    assert "Livefit" in page.title()


@pytest.mark.parametrize(("size", "scheme", "language"), [("wide", "light", "en-US"), ("phone", "dark", "ko-KR")])
def test_every_page_of_data_is_accessible_and_no_wider_than_the_window(visit, server, own, size, scheme, language):
    waits = {
        "/data": "h1",
        f"/data/new?upload={bring(server, TABLE, quote('표.csv'))}": "[data-part=columns] tr",
        f"/data/new?upload={bring(server, zipped(PETS), 'pets.zip')}": "[data-part=images] img",
        "/data/draw": ".plane .grid path",
        f"/data/own?dataset.data={own}": ".feature svg",
        "/data/digits": ".pictures img",
        "/data/spiral": ".scatter path",
    }
    for path, there in waits.items():
        page = open_settled(visit, path, viewport=SIZES[size], color_scheme=scheme, locale=language)
        page.locator(there).first.wait_for(state="attached")
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        if size == "phone":
            page.set_viewport_size(SIZES["small"])
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{path} at 360 px"


@pytest.mark.parametrize("language", ["en-US", "ko-KR"])
def test_a_data_set_that_is_not_here_is_offered_and_a_refusal_says_what_to_take_instead(visit, language):
    page = visit("/data/mnist", locale=language)
    page.expected = ("422 (Unprocessable",)
    download, refused = {"en-US": ("Download (11.6 MB)", "Take digits"), "ko-KR": ("내려받기(11.6 MB)", "digits")}[
        language
    ]
    page.get_by_role("button", name=download).click()
    expect(page.locator("download-box .problem")).to_contain_text("LIVEFIT_OFFLINE")
    expect(page.locator("download-box .problem")).to_contain_text(refused)
    expect(page.get_by_role("button", name=download)).to_be_visible()


def test_a_download_is_seen_by_whoever_comes_cancelled_and_the_data_is_shown_when_it_is_here(chromium, tmp_path):
    rows = "".join(f"{n % 2},{1 + n % 3},{'male' if n % 3 else 'female'},{n},0,0,{n},S\n" for n in range(60))
    cache = tmp_path / "cache"
    with serving(**{"titanic/titanic-openml.csv": b"x" * 110_000}) as web:
        web.hold, web.hold_after = threading.Event(), 80_000
        env = {"LIVEFIT_MIRROR": web.url, "LIVEFIT_OFFLINE": "0", "LIVEFIT_CACHE": str(cache)}
        with Server(tmp_path / "data", **env) as server:
            one, other = (chromium.new_context(locale="en-US").new_page() for _ in range(2))
            one.goto(f"{server.address}/data/titanic")
            one.get_by_role("button", name="Download (118 kB)").click()
            expect(one.get_by_role("progressbar")).to_be_visible()
            expect(one.locator("download-box output")).to_contain_text("Titanic: ")
            other.goto(f"{server.address}/data/titanic")
            expect(other.locator("download-box output")).to_contain_text("Titanic: ")
            other.get_by_role("button", name="Cancel").click()
            expect(other.get_by_role("progressbar")).to_be_hidden()
            (cache / "titanic.csv").write_text(f"survived,pclass,sex,age,sibsp,parch,fare,embarked\n{rows}")
            other.get_by_role("button", name="Download (118 kB)").click()
            expect(other.get_by_role("heading", name="What went where")).to_be_visible()
            one.reload()
            for page in (other, one):
                expect(page.get_by_role("heading", name="What went where")).to_be_visible()
                expect(page.locator("download-box")).to_be_hidden()
                page.context.close()
