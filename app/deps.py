"""What a route may ask for by type: the lab, a run, a group of runs, who is asking."""

from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.groups.group import Group
from app.groups.groups import Groups
from app.guard import Doorman
from app.lab import Lab
from app.names import cleaned
from app.run import Run

NAME_COOKIE = "livefit_name"
NAMELESS = "someone"
MAX_NAME = 40


async def the_lab(connection: HTTPConnection) -> Lab:
    """Return the application's lab."""
    return connection.app.state.lab


async def the_run(run_id: str, connection: HTTPConnection) -> Run:
    """Return the run that the path names; an unknown id is a 404 before the route is reached."""
    return connection.app.state.lab.run(run_id)


async def the_groups(connection: HTTPConnection) -> Groups:
    """Return the groups of the application's lab."""
    return connection.app.state.groups


async def the_group(group_id: str, connection: HTTPConnection) -> Group:
    """Return the group of runs that the path names; an unknown id is a 404 before the route is reached."""
    return connection.app.state.groups.group(group_id)


async def the_doorman(connection: HTTPConnection) -> Doorman:
    """Return who makes one-time links."""
    return connection.app.state.doorman


async def who(connection: HTTPConnection) -> str:
    """Return what the visitor calls themselves: a name for others to read, and no proof of anything."""
    return name_of(connection) or NAMELESS


def name_of(connection: HTTPConnection) -> str:
    """Return the name that a visitor has given, or ""."""
    return cleaned(unquote(connection.cookies.get(NAME_COOKIE, "")), MAX_NAME)


TheLab = Annotated[Lab, Depends(the_lab)]
TheRun = Annotated[Run, Depends(the_run)]
TheGroups = Annotated[Groups, Depends(the_groups)]
TheGroup = Annotated[Group, Depends(the_group)]
TheDoorman = Annotated[Doorman, Depends(the_doorman)]
Who = Annotated[str, Depends(who)]
