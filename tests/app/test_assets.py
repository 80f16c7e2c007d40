"""Static files: kept for good under their stamp, asked after otherwise, and all modules of a page named in its head."""

import re

from app.assets import Assets


def test_a_stamped_file_is_kept_and_another_is_asked_after(server):
    page = server.http.get("/").text
    main = re.search(r'src="(/static/v-[0-9a-f]{12}/js/main\.js)"', page)[1]
    kept = server.http.get(main)
    assert "immutable" in kept.headers["cache-control"]
    for address in ("/static/js/main.js", "/static/v-000000000000/js/main.js"):
        answer = server.http.get(address)
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.content == kept.content
        assert server.http.get(address, headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def test_the_stamp_changes_with_a_file(tmp_path, monkeypatch):
    (tmp_path / "a.js").write_text("1")
    before = Assets(tmp_path).stamp()
    (tmp_path / "a.js").write_text("22")
    assert Assets(tmp_path).stamp() != before


def test_modules_are_followed_through_every_kind_of_import(tmp_path):
    (tmp_path / "js" / "deep").mkdir(parents=True)
    (tmp_path / "js" / "main.js").write_text(
        'import "./a.js"\nimport {\n  b,\n} from "./deep/b.js"\nconst later = () => import("./later.js")\n'
    )
    (tmp_path / "js" / "a.js").write_text('export { b } from "./deep/b.js"\n')
    (tmp_path / "js" / "deep" / "b.js").write_text('import { a } from "../a.js"\n')
    assert Assets(tmp_path).modules("js/main.js") == ["js/main.js", "js/a.js", "js/deep/b.js"]


def test_a_page_names_every_module_that_it_loads(server):
    page = server.http.get("/new").text
    named = re.findall(r'<link rel="modulepreload" href="([^"]+)"', page)
    assert len(named) > 10
    assert {server.http.get(address).status_code for address in named} == {200}


def test_nothing_outside_the_folder_is_served(server):
    for path in ("/static/v-x/../pyproject.toml", "/static/v-x/%2e%2e/pyproject.toml", "/static/../app/main.py"):
        assert server.http.get(path).status_code in (404, 400)
