"""The command line: livefit serve | demo | train | lesson | download | verify | doctor | version. Errors are words."""

import os
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from app.errors import LivefitError
from app.example import EXAMPLE
from app.lessons.command import command as lesson_command
from app.settings import Settings
from trainer import faults

if TYPE_CHECKING:
    from fastapi import FastAPI

DEMO_BY = "demo"

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Watch and steer neural networks while they train.",
)
app.add_typer(lesson_command, name="lesson")
Host = Annotated[str | None, typer.Option(help="Address to listen on; any but loopback asks visitors to sign in.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)]
DataDir = Annotated[Path | None, typer.Option(help="Where runs are kept; made when missing.")]
MaxRunning = Annotated[int | None, typer.Option(help="Runs that train at once; the rest is queued.", min=1)]


@app.command()
def serve(host: Host = None, port: Port = None, data_dir: DataDir = None, max_running: MaxRunning = None) -> None:
    """Start the server. Every option can also be set as LIVEFIT_HOST, LIVEFIT_PORT and so on."""

    async def nothing(_: "FastAPI", address: str) -> None:
        pass

    _serve(_settings(host=host, port=port, data_dir=data_dir, max_running=max_running), nothing)


@app.command()
def demo(host: Host = None, port: Port = None, data_dir: DataDir = None, max_running: MaxRunning = None) -> None:
    """Start the server with a fresh run on the digits data already training."""

    async def launch(server: "FastAPI", address: str) -> None:
        try:
            run = await _fresh_demo(server.state.lab)
            _say(f"A network is training, watch it at {address}/runs/{run.id}")
        except LivefitError as error:
            _complain(error)

    _serve(_settings(host=host, port=port, data_dir=data_dir, max_running=max_running), launch)


@app.command()
def train(
    spec: Annotated[
        str, typer.Argument(help="A spec in YAML or JSON, - for standard input, or a run's folder to go on")
    ],
    overrides: Annotated[list[str] | None, typer.Argument(help="Changes: optimizer.lr=0.1 training.epochs=5")] = None,
    out: Annotated[Path, typer.Option(help="Where the new run's folder is made.")] = Path("runs-local"),
) -> None:
    """Train one spec here, without a server. Ctrl-C saves it, and it can go on later."""
    from app.train_here import train_here

    raise typer.Exit(train_here(spec, overrides or [], out))


@app.command()
def download(
    names: Annotated[
        list[str] | None, typer.Argument(help="Data sets to bring here; left out, say which there are")
    ] = None,
) -> None:
    """Bring data sets here before they are needed: a run downloads what it lacks only when it starts."""
    import subprocess

    # the trainer knows the data sets, and the server's part of Livefit imports nothing of it
    raise typer.Exit(
        subprocess.run([sys.executable, "-m", "trainer.downloads", *(names or [])], check=False).returncode
    )


@app.command()
def verify(
    run: Annotated[str | None, typer.Argument(help="A run's id, or its folder; left out, every run")] = None,
    data_dir: DataDir = None,
) -> None:
    """Read runs again and count what is lost, duplicated or wrong in them. Changes nothing."""
    from rich.console import Console

    from app.verify import print_verdicts, runs_to_verify
    from app.verify import verify as verify_run

    verdicts = [verify_run(folder) for folder in runs_to_verify(run, _settings(data_dir=data_dir).runs_dir)]
    print_verdicts(verdicts, Console(highlight=False))
    raise typer.Exit(0 if all(one.good for one in verdicts) else 1)


@app.command()
def doctor(host: Host = None, port: Port = None, data_dir: DataDir = None) -> None:
    """Look at what a server needs: versions, disk, clock, port, fork server. Exit code 1 when something is bad."""
    from rich.console import Console

    from app.doctor import examine, print_rows

    settings = _settings(host=host, port=port, data_dir=data_dir)
    raise typer.Exit(0 if print_rows(examine(settings), Console(highlight=False)) else 1)


@app.command()
def version() -> None:
    """Print the version."""
    print(f"livefit {version_of('livefit')}")


def main() -> None:
    """Run the command line; an error of ours is one sentence and exit code 1."""
    try:
        faults.arm()
        app()
    except LivefitError as error:
        _complain(error)
        sys.exit(1)
    except faults.FaultRefused as error:
        print(error, file=sys.stderr)
        sys.exit(1)


def _serve(settings: Settings, then: Callable[["FastAPI", str], Awaitable[None]]) -> None:
    from app.serve import serve as run_server  # `livefit version` shall not wait for a web framework

    run_server(settings, _say, then)


async def _fresh_demo(lab: Any) -> Any:
    from trainer.protocol import Stop

    for card in lab.runs():
        if card["by"] == DEMO_BY and "stop" in card["status"]["actions"]:
            lab.run(card["id"]).send(Stop(by=DEMO_BY))
    return await lab.create(EXAMPLE, DEMO_BY)


def _settings(**options: Any) -> Settings:
    try:
        return Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        for one in error.errors():
            name = str(one["loc"][0])
            source = (
                f"LIVEFIT_{name.upper()}" if f"LIVEFIT_{name.upper()}" in os.environ else f"--{name.replace('_', '-')}"
            )
            print(f"{source} = {one['input']!r:.60}: {one['msg']}.", file=sys.stderr)
        sys.exit(2)


def _say(line: str) -> None:
    print(line, flush=True)


def _complain(error: LivefitError) -> None:
    print(f"{error.detail or error.title} {error.hint}".strip(), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
