"""Route and urgency of messages: on utterances by another hand, at the boundaries, and on any input at all."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.crisis import Crisis
from knowledge.loader import load_policies
from knowledge.routes import Recogniser, Route, load_recogniser

FRESH = [json.loads(line) for line in (Path(__file__).parent / "routes_fresh.jsonl").read_text("utf-8").splitlines()]
SECOND = [json.loads(line) for line in (Path(__file__).parent / "routes_second.jsonl").read_text("utf-8").splitlines()]
"""By yet other hands, terser and more oblique, written before the examples for such wordings; `figure` marks strong
words that mean no harm. A measure: nothing is tuned on a single one of them."""
FEWEST = {"policy": 300, "grievance": 300, "crisis": 300, "jobs": 200, "training": 200, "consult": 200}


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    asks = [ask for policy in load_policies() for _, lines in policy.asks for ask in lines]
    return load_recogniser(asks[:: max(1, len(asks) // 1500)])


@pytest.fixture(scope="module")
def examples() -> dict[str, list[str]]:
    data = yaml.safe_load((files("knowledge") / "routes.yaml").read_text("utf-8"))
    return {label: lines.splitlines() for label, lines in data["examples"].items()}


def test_fresh_utterances_find_their_route(recogniser: Recogniser) -> None:
    wrong = [
        (utterance["text"], utterance["route"], found.route.value, found.reason)
        for utterance in FRESH
        if (found := recogniser.recognise(utterance["text"])).route != utterance["route"]
    ]
    assert len(wrong) <= 0.06 * len(FRESH), wrong


def test_urgent_utterances_are_found_and_others_are_not_alarmed(recogniser: Recogniser) -> None:
    missed, needless = [], []
    for utterance in FRESH:
        urgent = recogniser.recognise(utterance["text"]).urgent
        if utterance["urgent"] and not urgent:
            missed.append(utterance["text"])
        if urgent and not utterance["urgent"]:
            needless.append(utterance["text"])
    assert len(missed) <= 0.02 * sum(utterance["urgent"] for utterance in FRESH), missed
    assert len(needless) <= 0.02 * len(FRESH), needless


def test_oblique_utterances_find_their_route(recogniser: Recogniser) -> None:
    found = [(utterance, recogniser.recognise(utterance["text"])) for utterance in SECOND]
    wrong = [(utterance["text"], seen.route.value) for utterance, seen in found if seen.route != utterance["route"]]
    missed = [utterance["text"] for utterance, seen in found if utterance["urgent"] and not seen.urgent]
    needless = [utterance["text"] for utterance, seen in found if seen.urgent and not utterance["urgent"]]
    assert len(wrong) <= 0.11 * len(SECOND), wrong
    assert len(missed) <= 0.1 * sum(utterance["urgent"] for utterance in SECOND), missed
    assert len(needless) <= 0.02 * len(SECOND), needless


def test_asks_of_the_documents_raise_hardly_any_alarm(recogniser: Recogniser) -> None:
    asks = [ask for policy in load_policies() for _, lines in policy.asks for ask in lines][5::11]
    alarmed = [ask for ask in asks if recogniser.recognise(ask).urgent]
    assert len(alarmed) <= 0.01 * len(asks), alarmed


def test_examples_recognise_themselves_and_stand_in_one_route(
    recogniser: Recogniser, examples: dict[str, list[str]]
) -> None:
    routes = {label: label.partition(".")[0] for label in examples}
    count = Counter(routes[label] for label, texts in examples.items() for _ in texts)
    assert all(count[route] >= FEWEST.get(route, 150) for route in Route), count
    texts = Counter(text for lines in examples.values() for text in lines)
    assert [text for text, times in texts.items() if times > 1] == []
    assert {utterance["text"] for utterance in FRESH + SECOND}.isdisjoint(texts)
    wrong = [
        text
        for label, lines in examples.items()
        for text in lines[::7]
        if recogniser.recognise(text).route != routes[label]
    ]
    assert len(wrong) <= 0.04 * len(texts) / 7, wrong


@pytest.mark.parametrize(
    "text",
    [
        *("想死你们了", "累死了", "打死我也不去外地", "急死人", "穷得要命", "气死我了", "笑死", "堵车了晚点到"),
        *("火锅店招人吗", "我们十几个人一起去招聘会", "全村妇女想去培训", "老人去世了补贴怎么办", "帮我砍一刀"),
        *("我妈把存折丢了", "我两天没吃上鱼", "船快不行了要修", "老人断气了丧葬补贴怎么领", "儿子找不到工作"),
        *("被蚊子咬死了", "老鼠怎么打都打不死", "这把王者又被打死了", "今年我们家过不成年了", "存折一直在会计手里"),
    ],
)
def test_figures_of_speech_raise_no_alarm(recogniser: Recogniser, text: str) -> None:
    assert not recogniser.recognise(text).urgent


BOUNDARIES: Sequence[tuple[str, Route]] = (
    ("拖欠工资补贴怎么处理，文件有没有写", Route.POLICY),
    ("补贴什么时候发", Route.POLICY),
    ("补贴该发了一直没发", Route.GRIEVANCE),
    ("说好的补贴呢？？？", Route.GRIEVANCE),
    ("我是渔民，补贴没到账", Route.GRIEVANCE),
    ("俺组里的路费都没给", Route.GRIEVANCE),
    ("补贴没到账是什么原因", Route.POLICY),
    ("最晚几号前报名单", Route.POLICY),
    ("我报的名单批了没有", Route.STATUS),
    ("厂里招一个人补三千对不对", Route.POLICY),
    ("别给我发链接，我要找人", Route.CONSULT),
    ("不要再发招聘信息", Route.OPTOUT),
    ("学电焊有没有补贴", Route.POLICY),
    ("我想学电焊有班吗", Route.TRAINING),
    ("招电焊工吗", Route.JOBS),
    ("取消我报的课", Route.TRAINING),
    ("水电工证上哪考", Route.TRAINING),
    ("木工一天多少工钱", Route.JOBS),
    ("公益岗一个月能拿多少", Route.POLICY),
    ("两千到四千的，就近", Route.JOBS),
    ("工资三千一直没给", Route.GRIEVANCE),
    ("老板欠工资", Route.GRIEVANCE),
    ("欠薪怎么办", Route.POLICY),
    ("工地上太累了干不动", Route.JOBS),
    ("我娘的嫂子烧饭的活哪里要", Route.JOBS),
    ("医保报销怎么弄", Route.POLICY),
    ("公益岗有哪些活", Route.POLICY),
    ("那贷款呢", Route.POLICY),
    ("武汉呢", Route.POLICY),
    ("？", Route.POLICY),
    ("您好打扰了，养老补贴怎么申请，谢谢", Route.POLICY),
    ("投诉电话是多少", Route.POLICY),
    ("TD", Route.OPTOUT),
    ("0", Route.CONSULT),
    ("", Route.GREETING),
    ("👍👍", Route.GREETING),
    ("<script>alert(1)</script>", Route.OFFTOPIC),
    ("'; DROP TABLE ticket; --", Route.OFFTOPIC),
)


@pytest.mark.parametrize(("text", "route"), BOUNDARIES)
def test_boundaries(recogniser: Recogniser, text: str, route: Route) -> None:
    found = recogniser.recognise(text)
    assert (found.route, found.urgent) == (route, False), found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我不想活了", Crisis.SELF_HARM),
        ("我不想或了", Crisis.SELF_HARM),  # as voice input spells it
        ("这些年太累了", Crisis.SELF_HARM),  # of life; of work it is none
        ("干活太累了对不起", Crisis.SELF_HARM),
        ("再不給錢我就砍死他", Crisis.VIOLENCE),
        ("我要叫他一家老小过不好年", Crisis.VIOLENCE),
        ("老板家别想安生", Crisis.VIOLENCE),
        ("明天我们三十个人去县政府门口静坐", Crisis.GATHERING),
        ("身份证被收了走不了", Crisis.HELD),
        ("厂门锁着，证件也让收走了，我们出不去", Crisis.HELD),
        ("脚手架要塌了还让我们上去", Crisis.DANGER),
        ("我爹发烧没钱看病快不行了", Crisis.DANGER),
        ("屋里断粮三天了，没米下锅", Crisis.DANGER),
        ("我娘走丢了找不到了", Crisis.DANGER),
        ("男人打我，快打死了", Crisis.DANGER),
        ("全村人的工资都没发", Crisis.MASS_ARREARS),
    ],
)
def test_danger_is_named_by_its_kind(recogniser: Recogniser, text: str, kind: Crisis) -> None:
    found = recogniser.recognise(text)
    assert (found.urgent, found.crisis) == (True, kind)
    assert (found.route is Route.GRIEVANCE) == kind.is_grievance


def test_a_sign_of_danger_is_found_wherever_it_stands(recogniser: Recogniser) -> None:
    story = "我在工地干了一年，天天起早贪黑，" * 12
    assert recogniser.recognise(story + "我不想活了。" + story).crisis is Crisis.SELF_HARM
    for long in ("字" * 20_000, "好" * 4_000 + "X", "<a " * 5_000, "我们30个人" * 3_000):
        assert recogniser.recognise(long).route in Route


@settings(deadline=None)  # the first one builds the recogniser
@given(st.text(max_size=300))
def test_any_text_has_a_route_and_the_reason_holds_none_of_its_words(text: str) -> None:
    found = _shared().recognise(text)
    assert found.route in Route
    assert 0 <= found.score <= 1
    assert found.reason.isascii()
    assert found.urgent == (found.crisis is not None)


def _shared(kept: list[Recogniser] = []) -> Recogniser:  # noqa: B006 - built once for all of hypothesis's examples
    if not kept:
        kept.append(load_recogniser())
    return kept[0]
