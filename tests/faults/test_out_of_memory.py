"""Out of memory (CUDA or host): "failed: out of memory", the numbers, a smaller batch; slot freed, server lives."""

import json
import os
import signal

import pytest

from tests.ill import assert_sound
from tests.server import ENDLESS, QUICK, Server
from tests.waiting import wait_for

GREEDY = '''"""Takes memory that is not there."""

import resource

import torch

from trainer.regularizers import Regularizer


class Greedy(Regularizer):
    """Takes memory that is not there at its third step.

    Source: none.
    """

    steps = 0

    def on_gradients(self, model, step):
        self.steps += 1
        if self.steps == 3:
            {takes}
'''
LIMITED = """pages = int(open("/proc/self/statm").read().split()[0])
            limit = pages * resource.getpagesize() + 2**29
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))  # as ulimit -v does
            """
GPU = (
    'raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of '
    '139.72 GiB of which 1.50 GiB is free. Process 1 has 138.00 GiB memory in use.")'
)


@pytest.mark.parametrize(
    ("takes", "numbers"),
    [
        (GPU, "out of memory: 20.0 GiB were asked for, 1.5 GiB are available on the GPU."),
        (LIMITED + "torch.empty(2**36)", "out of memory: 256.0 GiB were asked for, "),
        (LIMITED + "bytearray(2**36)", " are available."),
        (LIMITED + "__import__('numpy').ones(2**33)", "out of memory: 64.0 GiB were asked for, "),
        (LIMITED + "kept = [bytearray(2**20) for _ in range(2**14)]", "out of memory: "),
    ],
    ids=["GPU", "torch", "Python", "NumPy", "bit by bit"],
)
def test_a_trainer_that_gets_no_memory_says_how_much_it_wanted_and_what_to_do(tree, folder, takes, numbers):
    (tree / "trainer" / "regularizers" / "greedy.py").write_text(GREEDY.format(takes=takes))
    spec = QUICK | {"regularizers": {"greedy": {"enabled": True}}}
    with Server(folder, "--max-running", "1", tree=tree) as server:
        run, other = server.launch(spec), server.launch(QUICK)
        status = server.wait(run, "failed", "interrupted")["status"]
        assert status["name"] == "failed"
        assert numbers in status["reason"]
        assert "are available" in status["reason"]
        assert status["hint"] == "The batch size is 64 now: try 32, or a smaller network."
        server.wait(other, "finished")  # the slot is free, and the server lives
        assert server.status(run) == "failed"
    assert_sound(folder, run)


def test_a_trainer_that_the_kernel_kills_for_want_of_memory_has_failed_and_is_not_tried_again(tree, folder, tmp_path):
    counter = tmp_path / "vmstat"
    counter.write_text("nr_free_pages 1\noom_kill 4\n")
    procfs = tree / "trainer" / "procfs.py"
    real = 'VMSTAT = Path("/proc/vmstat")'
    assert real in procfs.read_text()
    procfs.write_text(procfs.read_text().replace(real, f"VMSTAT = Path({str(counter)!r})"))
    with Server(folder, "--max-running", "1", tree=tree) as server:
        run, other = server.launch(ENDLESS), server.launch(QUICK)
        server.wait_for_step(run)
        counter.write_text("nr_free_pages 1\noom_kill 5\n")
        os.kill(server.trainer(run), signal.SIGKILL)
        status = server.wait(run, "failed", "interrupted", within_s=2)["status"]
        assert status["name"] == "failed"
        assert status["reason"].startswith("out of memory: the kernel killed the trainer (signal 9), which held ")
        assert "try 32" in status["hint"]
        server.wait(other, "finished")
        assert json.loads((folder / "runs" / run / "exit.json").read_text())["out_of_memory"] is True
        assert "restart" in status["actions"]
        server.ask("POST", f"/api/runs/{run}/restart")
        wait_for(lambda: server.status(run) in ("running", "resuming"))
        server.stop(run)
    assert_sound(folder, run)
