"""The groups of a lab: launching several runs at once, and what is asked of them together.

Nothing is queued unless all can run. A group is its runs: it is there as long as one of them is, and what is known of
it besides stands in the catalogue and, complete, in the group.json of each of its runs.
"""

import asyncio
import json
import logging
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.checkpoint_files import start_of
from app.errors import BadGroup, BadSpec, LivefitError, NoSuchGroup
from app.groups.ensembles import Ensembles
from app.groups.feed import GroupFeed, GroupFeeds
from app.groups.group import Group, group_of
from app.groups.looks import Look, Looks
from app.groups.variants import BETWEEN, repeat_told, repeats
from app.groups.vary import MAX_MEMBERS, Member
from app.lab import Lab
from app.planning import plan_all
from app.run import Run, new_run
from app.run_folder import membership_of, new_folder
from trainer import faults
from trainer.protocol import AnyCommand, Pause, Resume, Stop
from trainer.spec import RunSpec, SpecError

LOG = logging.getLogger("livefit.groups")
TICK_S = 0.1
COMMANDS: dict[str, type[AnyCommand]] = {"stop": Stop, "pause": Pause, "resume": Resume}


class Groups:
    """All groups of a lab. Everything here happens on the event loop; folders are written in a thread."""

    def __init__(self, lab: Lab):
        self._lab = lab
        self._groups: dict[str, Group] = {}
        self._looks = Looks()
        self._ensembles = Ensembles(lab.workers)
        self.feeds = GroupFeeds(self._looks)

    def open(self) -> None:
        """Read the catalogue; what it does not know of is found in the folders of the runs."""
        self._groups = {row["id"]: group_of(row) for row in self._lab.catalogue.groups()}
        named = {run.group_id: run for run in self._lab.everything() if run.group_id}
        for group_id, run in named.items():
            known = None if group_id in self._groups else membership_of(run.folder)
            if known and known["id"] == group_id:
                self._groups[group_id] = group_of(known)
                self._lab.catalogue.keep_group(self._groups[group_id].row())
        for gone in self._groups.keys() - named.keys():
            del self._groups[gone]
            self._lab.catalogue.forget_group(gone)
        self._lab.group_names |= {one.id: one.name for one in self._groups.values()}

    # -- what there is

    def group(self, group_id: str) -> Group:
        """Return one group.

        Raises:
            NoSuchGroup: there is none with this id, or all of its runs are in the trash.
        """
        if (group := self._groups.get(group_id)) is None or not self.runs(group):
            raise NoSuchGroup(f"There is no group of runs {group_id[:40]!r}.")
        return group

    def runs(self, group: Group) -> list[Run]:
        """Return the runs of a group that are not in the trash, in their places."""
        found = [one for one in self._lab.everything() if one.group_id == group.id and not one.deleted_at]
        return sorted(found, key=lambda one: (one.place, one.id))

    def all(self) -> list[tuple[Group, list[Run]]]:
        """Return every group that has runs, with them, newest first. Safe to call from any thread."""
        found: dict[str, list[Run]] = {}
        for run in self._lab.everything():
            if run.group_id and not run.deleted_at:
                found.setdefault(run.group_id, []).append(run)
        known = [(self._groups[one], runs) for one, runs in found.items() if one in self._groups]
        for _, runs in known:
            runs.sort(key=lambda one: (one.place, one.id))
        return sorted(known, key=lambda one: (one[0].created, one[0].id), reverse=True)

    def seen(self, runs: Sequence[Run]) -> list[tuple[Run, Look]]:
        """Return runs, each with what there is to see of it. Safe to call from any thread; may take seconds."""
        return [(run, self._looks.at(run)) for run in runs]

    def feed(self, group_id: str, run_ids: Sequence[str], names: Sequence[str]) -> GroupFeed:
        """Return what tells of a group, or of some runs, as they change; it has to `begin`.

        Raises:
            NoSuchGroup, NoSuchRun: one of them is not there.
        """
        if group_id:
            group = self.group(group_id)
            return self.feeds.feed(group.id, lambda: self.runs(group), names)
        runs = [self._lab.run(one) for one in dict.fromkeys(run_ids)]
        key = ",".join(run.id for run in runs)
        return self.feeds.feed(key, lambda: [run for run in runs if not run.deleted_at], names)

    async def tend(self) -> None:
        """Look at the groups that are watched until cancelled."""
        while True:
            try:
                self.feeds.tick(time.monotonic())
            except Exception:
                LOG.exception("looking at groups of runs failed; going on")
            await asyncio.sleep(TICK_S)

    # -- what can be done

    async def plan(self, members: Sequence[Member]) -> list[dict[str, Any]]:
        """Return for each member {"plan", "spec"}: what it would train, and its spec complete.

        Raises:
            BadGroup: some cannot run; each problem names the members that have it.
        """
        if not members:
            raise BadGroup([{"path": "", "message": "a group has at least one run.", "members": []}])
        if len(members) > MAX_MEMBERS:
            told = f"these are {len(members):,} runs; a group has at most {MAX_MEMBERS}."
            raise BadGroup([{"path": "", "message": told, "members": []}])
        answers = _shaped(members)
        for place, answer in enumerate(answers):
            try:
                if "spec" in answer:
                    start_of(answer["spec"], self._lab.run)
            except BadSpec as error:
                answers[place] = {"problems": error.problems}
        fit = [place for place, answer in enumerate(answers) if "spec" in answer]
        planned = await plan_all(self._lab.workers, [answers[place]["spec"] for place in fit], self._lab.run)
        for place, answer in zip(fit, planned, strict=True):
            answers[place] = answer
        if problems := _problems(members, answers):
            raise BadGroup(problems)
        return answers

    async def create(
        self,
        name: str,
        members: Sequence[tuple[str, dict[str, Any]]],
        by: str,
        kind: str = "several",
        lesson: str = "",
        asked: Mapping[str, Any] | None = None,
    ) -> Group:
        """Plan all members, each a label and a spec, write their folders, and queue them: all or none.

        Raises:
            BadGroup: some cannot run. DiskFull, CatalogueBusy: nothing was kept.
        """
        self._lab.disk.check_room()
        members = [Member(*one) for one in members]
        answers = await self.plan(members)
        group = Group(name or members[0].spec.get("name", ""), by, kind, lesson, dict(asked or {}))
        await self._launch(group, members, answers, by, 1)
        return group

    async def add(self, group: Group, members: Sequence[Member], by: str) -> list[Run]:
        """Launch more members of a group, behind those that it has.

        Raises:
            BadGroup: some cannot run, or they would be too many. DiskFull, CatalogueBusy: nothing was kept.
        """
        self._lab.disk.check_room()
        there = [run for run in self._lab.everything() if run.group_id == group.id]
        if len(there) + len(members) > MAX_MEMBERS:
            told = f"the group has {len(there)} runs, and may have {MAX_MEMBERS} at most."
            raise BadGroup([{"path": "", "message": told, "members": []}])
        answers = await self.plan(members)
        return await self._launch(group, members, answers, by, 1 + max(run.place for run in there))

    async def ensemble(self, group: Group, variant: int) -> dict[str, Any]:
        """Return what the networks of the finished runs of a variant come to together; see `app.groups.ensembles`.

        Raises:
            NotNow: fewer than two have finished, or they cannot be taken together; the text says why.
        """
        seen = await asyncio.to_thread(self.seen, self.runs(group))
        return await self._ensembles.of(seen, variant)

    def ask(self, group: Group, what: str, by: str) -> dict[str, Any]:
        """Ask every run of a group to stop, pause, resume or restart that can be asked so at the moment.

        Returns {"asked": [run ids], "refused": [{"run", "reason"}]}; runs that are past it are in neither.
        """
        asked, refused = [], []
        # those that wait first: when a run stops, the next in the queue would start
        for run in sorted(self.runs(group), key=lambda one: one.standing.name != "queued"):
            if what not in run.status["actions"]:
                continue
            try:
                if what == "restart":
                    self._lab.restart(run, by)
                else:
                    run.send(COMMANDS[what](by=by))
                asked.append(run.id)
            except LivefitError as error:
                refused.append({"run": run.id, "reason": error.detail})
        return {"asked": asked, "refused": refused}

    async def delete(self, group: Group) -> None:
        """Put all runs of a group in the trash.

        Raises:
            NotNow: one of them trains. CatalogueBusy: they are still there.
        """
        await self._lab.delete(*self.runs(group))

    async def restore(self, group_id: str) -> Group:
        """Take the runs out of the trash that were put there last, all at once.

        Raises:
            NoSuchGroup: there is none with this id, there or anywhere. CatalogueBusy: they are still in the trash.
        """
        group = self._groups.get(group_id)
        gone = [run for run in self._lab.trash.runs() if group and run.group_id == group.id]
        if group is None or not (gone or self.runs(group)):
            raise NoSuchGroup(f"There is no group of runs {group_id[:40]!r}, and none in the trash.")
        await self._lab.trash.restore_all([run for run in gone if run.deleted_at == gone[0].deleted_at])
        return group

    async def _launch(
        self, group: Group, members: Sequence[Member], answers: Sequence[dict[str, Any]], by: str, first: int
    ) -> list[Run]:
        specs = [answer["spec"] for answer in answers]
        names = _names(group, members, specs)
        planned = [
            (member, answer | {"spec": answer["spec"] | {"name": name}})
            for member, answer, name in zip(members, answers, names, strict=True)
        ]
        folders = await asyncio.to_thread(self._new_folders, group, planned, first)
        faults.reach("lab.launch")
        runs = [
            new_run(self._lab, folder, answer, by, group.id, member.label, place)
            for place, (folder, (member, answer)) in enumerate(zip(folders, planned, strict=True), first)
        ]
        self._groups[group.id], self._lab.group_names[group.id] = group, group.name
        await self._lab.take_in(runs, group.row())
        return runs

    def _new_folders(self, group: Group, planned: Iterable[tuple[Member, dict[str, Any]]], first: int) -> list[Path]:
        made: list[Path] = []
        try:
            for place, (member, answer) in enumerate(planned, first):
                spec = answer["spec"]
                start, membership = start_of(spec, self._lab.run), group.membership(member.label, place)
                made.append(new_folder(self._lab.settings.runs_dir, spec, start, membership))
        except BaseException:  # a folder that is left is a run at the next start
            for folder in made:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        return made


def _shaped(members: Sequence[Member]) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = []
    for member in members:
        try:
            # as text: a value that no spec may have, such as NaN, is said in the words of a spec
            answers.append({"spec": RunSpec.parse(json.dumps(member.spec)).model_dump()})
        except SpecError as error:
            answers.append({"problems": [one.model_dump() for one in error.problems]})
    return answers


def _names(group: Group, members: Sequence[Member], specs: Sequence[dict[str, Any]]) -> list[str]:
    own = [spec["name"] for spec in specs]
    if len(set(own)) > 1:
        return own
    differ = repeats(specs)
    words = [(group.name, member.label, repeat_told(spec, differ)) for member, spec in zip(members, specs, strict=True)]
    return [BETWEEN.join(filter(None, each))[:200] for each in words]


def _problems(members: Sequence[Member], answers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for place, (member, answer) in enumerate(zip(members, answers, strict=True), 1):
        for one in answer.get("problems", ()):
            found.setdefault((one["path"], one["message"]), []).append({"place": place, "label": member.label})
    return [{"path": path, "message": message, "members": who} for (path, message), who in found.items()]
