"""What is the matter with a run: findings, each with its evidence, how sure it is, and what to try.

A diagnosis is a pure function of what is folded of a run and of the level that somebody has set: no clock, no memory.
So every browser sees the same, and the same comes again after a restart. It is sent with a snapshot, and with a delta
when it has changed, at most once a second; GET /api/runs/{id}/diagnosis gives it with its words.

    findings   [finding], the worst first
    balance    bias and variance (`app.diagnosis.balance`): {metric, level, high}, and once an epoch has ended
               {best, train, validation, bias, variance, spread, quadrant, step, epoch}. All are error rates, of numbers
               the share of the targets' variance that is not explained; `spread` is the standard error of `validation`,
               `high` what is called high, `quadrant` fine, bias, variance or both
    finding    {name, kind: bad | warn | note, sure: possible | likely | sure, since, until, says, why, evidence, tries}
               since: the step from which on it held; until: null, or the step at which it held no longer
    says, why  {key, values}: a sentence of the catalogue, `diagnosis.<key>`, and what its {placeholders} stand for
    evidence   {says, series, step, span}: where to see it; span is null or the first and last step to zoom to
    try        {says, changes, command, done}: changes is the query of /new, {"optimizer.lr": "0.005"}; command is what
               a trainer may be asked, or null; done the step at which that was last turned since the finding holds
"""
