"""The fork server's keeper: a component file that changes is trained with by the next run."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.server import QUICK, ROOT, Server

NEW = '''"""Does nothing."""

from trainer.component import param
from trainer.regularizers import Regularizer


class Idle(Regularizer):
    """Changes nothing.

    Source: none.
    """

    much: float = param({default}, "How much of nothing", low=0, high=1, live=True)
'''


@pytest.fixture
def tree(tmp_path):
    """A copy of the checkout, whose component files may be changed."""
    for part in ("app", "trainer", "static", "templates"):
        shutil.copytree(ROOT / part, tmp_path / part)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_a_new_component_file_is_there_at_once_for_all_who_ask_at_the_same_time(tree):
    file = tree / "trainer" / "regularizers" / "idle.py"
    with Server(tree / "data", tree=tree) as server, ThreadPoolExecutor(6) as visitors:
        assert "idle" not in server.ask("GET", "/api/catalog")["regularizers"]
        for default in (0.25, 0.5):
            file.write_text(NEW.format(default=default))
            catalogs = [visitors.submit(server.ask, "GET", "/api/catalog") for _ in range(3)]
            plans = [visitors.submit(server.ask, "POST", "/api/plans", QUICK) for _ in range(3)]
            for one in catalogs:
                assert one.result(60)["regularizers"]["idle"]["properties"]["much"]["default"] == default
            for one in plans:
                assert one.result(60)["spec"]["regularizers"]["idle"]["much"] == default
        run = server.launch(QUICK)
        server.wait(run, "finished")
