"""Is the installation well: the database answers, its schema is this version's, the audit's chain is whole.

It only reads, so it may run beside the service; one sentence for each thing it looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from api.migrations.runner import schema_state
from kit.audit.schemas import Break, Verification
from kit.audit.sealing import Sealer
from kit.clock import Clock
from kit.db import Database, DatabaseUnavailable

_BROKEN = {
    Break.CHANGED: ("something in it was changed", "内容被改过"),
    Break.MISSING: ("records of it are missing", "有记录被删除"),
    Break.ADDED: ("records were added to it", "有记录被插入"),
    Break.SEAL_MISSING: ("there is no such seal", "这个封印不见了"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and whether it is well."""

    well: bool
    en: str
    zh: str


def examine(database: Database, clock: Clock) -> Iterator[Finding]:
    """Look at one thing after another and stop where the next one needs what is missing."""
    place = database.url.database or ""
    if database.is_sqlite and not Path(place).is_file():  # asking would make an empty one
        yield Finding(well=False, en=f"there is no database at {place} yet", zh=f"{place} 还没有数据库")
        return
    try:
        current, head = schema_state(database)
    except DatabaseUnavailable:
        yield Finding(well=False, en="the database does not answer", zh="数据库没有应答")
        return
    yield Finding(well=True, en="the database answers", zh="数据库可用")
    if current != head:
        en = f"the schema is at {current or 'nothing'}, this version needs {head}: start the service once"
        yield Finding(well=False, en=en, zh=f"数据库结构为 {current or '空'}，本版本需要 {head}：请启动一次服务")
        return
    yield Finding(well=True, en=f"the schema is current ({head})", zh=f"数据库结构是最新的（{head}）")
    try:
        with database.reading() as session:
            verified = Sealer(clock).verify(session)
    except DatabaseUnavailable:
        yield Finding(well=False, en="the database went away", zh="数据库中断")
        return
    yield _of_chain(verified)


def _of_chain(found: Verification) -> Finding:
    state = found.state
    if found.how is not None:
        en, zh = _BROKEN[found.how]
        return Finding(
            well=False,
            en=f"the audit is broken at seal {found.broken} of {state.seals}: {en}",
            zh=f"审计在第 {found.broken} 个封印处断开（共 {state.seals} 个）：{zh}",
        )
    return Finding(
        well=True,
        en=f"the audit is whole: {state.sealed} records under {state.seals} seals, {state.unsealed} not sealed yet, "
        f"last seal {state.head}",
        zh=f"审计完整：{state.seals} 个封印共 {state.sealed} 条，{state.unsealed} 条待封存，最后封印 {state.head}",
    )
