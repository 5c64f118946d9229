"""The table of trades: what people say finds the trade, words that only hold one do not."""

from __future__ import annotations

import pytest

from handlers.people.models import Wish
from handlers.people.trades import find_trades, load_trades


@pytest.mark.parametrize(
    ("words", "trades"),
    [
        ("会电焊，会补网会开船，有驾照", ("welder", "net_making", "boatman", "driver")),
        ("学开挖机 有没有", ("digger",)),
        ("有冇得在屋里做的手工活", ("handwork",)),
        ("我儿子想学修车", ("car_repair",)),
        ("我会燒菜，也會開叉車", ("cook", "forklift")),
        ("想去电子厂打螺丝", ("electronics", "factory")),
        ("月嫂班，护工也行，月嫂最好", ("confinement", "carer")),
        ("老板说了要加工资", ()),
        ("招聘会有没有车接", ()),
        ("", ()),
    ],
)
def test_a_trade_is_found_in_what_people_say(words: str, trades: tuple[str, ...]) -> None:
    assert find_trades(words) == trades


def test_every_trade_is_found_by_its_own_name_and_fits_its_column() -> None:
    trades = load_trades()
    assert len(trades.names) >= 60
    for trade, name in trades.names.items():
        assert trades.find(name)[:1] == (trade,), name
        assert len(trade) <= Wish.__table__.c.trade.type.length
