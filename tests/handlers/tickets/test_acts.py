"""Short messages inside a form or about a ticket."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.tickets.acts import RATINGS, acts_in, read_act
from handlers.tickets.ticket import Satisfaction
from handlers.tickets.words import Act, WordsFaulty, load_words, parse_words

SAID = {
    Act.CONFIRM: "没错 交吧/对 提交/就这些 报上去吧/好了，就这些，报吧/确认/行，交吧/没问题，提交/就是这样/嗯，报上去",
    Act.NOTHING_MORE: "好了就这些/没有了/没得了/说完了/就这个事/没啥了",
    Act.NOT_NOW: "回头再说/等一下再交/先不交/等我问下我老公/我在干活呢/改天再弄",
    Act.CANCEL: "算了不报了/算了/不填了/那个，算了/拉倒/不弄了",
    Act.MORE: "还有/再补充/我还要补充一点/漏了一点/对了还有个事/没说完",
    Act.SKIP: "不留/不想说/没有/没电话/不记得了/跳过/不方便说/忘了/记不清了",
    Act.YES: "是/是的/好/好的/要得/中/管/行/嗯/可以",
    Act.NO: "不撤/先别撤/不/不是/不用/不用了/不要/不对/莫/不行的",
    Act.RESUME: "继续刚才那个/接着上次的/继续/接着填",
    Act.NEW: "新报一个/另外报一件/是另一件事/报个新的",
    Act.ASK_STATUS: "我那个事咋样了/俺那单子办得咋样/查进度/有结果没/啥时候能办好/上次反映的事怎么样了/处理了没有",
    Act.URGE: "咋还没办/催一下/快点办/都半个月了还没消息/赶紧给我办/怎么还没人管/到底办不办",
    Act.LEAVE: "我不参加了/不参加了/那我退出/别算我了/把我去掉/我不跟他们一起了",
    Act.WITHDRAW: "撤/撤吧/嗯撤了/对，撤/那就撤吧/不办了/"
    "撤了吧 不告了/撤诉/把那个单子撤了/不投诉了/我们私了了/帮我撤销那个投诉",
    Act.OBJECT: "不服/我不认可这个结果/你们这答复糊弄人/我要求重新调查/怎么就办结了",
    Act.NOT_SOLVED: "没解决/还没给钱/根本没解决/问题还在/等于没办",
    Act.SOLVED: "解决了/钱拿到了，谢谢/工资都结清了/办好了/补贴到账了/老板把钱给了",
    Act.RATE_SATISFIED: "满意/很满意/好得很，谢谢你们/非常满意/没得说/办得真快",
    Act.RATE_MOSTLY: "基本满意/还行/凑合吧/一般/马马虎虎/还可以",
    Act.RATE_DISSATISFIED: "不满意/很不满意/太差了/不太满意/差评",
    Act.JOINED: "我也一样/算我一个/我家也是这情况/加我一个/我也没拿到",
}


@pytest.mark.parametrize(("act", "text"), [(act, text) for act, line in SAID.items() for text in line.split("/")])
def test_an_act_is_understood(act: Act, text: str) -> None:
    assert act in acts_in(text)
    assert read_act(text, expecting={act}) is act


def test_most_acts_need_no_expectation() -> None:
    all_of_them = [(act, text) for act, line in SAID.items() for text in line.split("/")]
    wrong = [(text, act.value, read_act(text)) for act, text in all_of_them if read_act(text) is not act]
    assert len(wrong) <= 0.03 * len(all_of_them), wrong


@pytest.mark.parametrize(
    "text",
    [
        "老板欠我三个月工资不给", "我是峰口的", "一共四千八", "13871234567", "我姓符", "公益岗给了村长亲戚",
        "培训班不发证", "在服装厂做事",
        "从三月到五月", "养老补贴没到账怎么回事", "我爸以前打鱼的", "你们管不管欠薪的",
        "怎么申请创业补贴", "电话改成13987654321",
    ],
)  # fmt: skip
def test_what_tells_something_is_no_act(text: str) -> None:
    assert read_act(text) is None


def test_what_is_expected_decides_between_readings() -> None:
    assert read_act("对", expecting={Act.YES}) is Act.YES
    assert read_act("对", expecting={Act.CONFIRM}) is Act.CONFIRM


def test_a_rating_is_one_of_three() -> None:
    said = [read_act(text, expecting=RATINGS) for text in ("满意", "还行吧", "不满意")]
    assert [RATINGS[act] for act in said if act] == list(Satisfaction)
    assert read_act("老板欠钱", expecting=RATINGS) is None


@given(st.text(max_size=60))
def test_any_text_is_an_act_or_none(text: str) -> None:
    act = read_act(text)
    assert act is None or act in acts_in(text)


def test_the_words_are_complete_and_a_faulty_file_is_refused_with_every_fault() -> None:
    assert set(load_words().acts) == set(Act)
    with pytest.raises(WordsFaulty) as raised:
        parse_words(
            {"longest": 1, "particles": "(", "thanks": "谢", "acts": {"dance": {}}, "facts": {"odd": "x"},
             "surnames": "王", "double_surnames": ["欧阳"], "no_names": []}
        )  # fmt: skip
    for fault in ("particles", "acts.dance", "acts.yes: missing", "facts.odd", "facts.wish: missing"):
        assert fault in str(raised.value)
