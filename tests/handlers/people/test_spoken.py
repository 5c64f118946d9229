"""Commands in other words: what is asked of us and of theirs, and what is said of something else."""

from __future__ import annotations

import pytest

from handlers.people.spoken import spoken


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("你们存了我哪些东西", "people:mine"),
        ("看一下我的个人信息", "people:mine"),
        ("请把我的记录都清掉", "people:delete"),
        ("把你们存的我的东西都删了", "people:delete"),
        ("我的电话换了", "people:change"),
        ("我换号了，新号13900001111", "people:change"),
        ("我想换个手机号", "people:change"),
        ("手机号换了", "people:change"),
        ("电话换成13900001111了", "people:change"),
        ("改一下我的电话", "people:change"),
        ("我电话写错了", "people:change"),
        ("我原来的号不用了", "people:change"),
        ("注销", "people:delete"),
        ("注销我的账号", "people:delete"),
        ("把我以前说的话都删掉", "people:delete"),
        ("聊天记录清空", "people:delete"),
        ("我今年五十八不是八十五", "people:change"),
        ("年龄改成四十", "people:change"),
        ("把我的电话删了", "people:ask_drop"),
        ("莫留我的号码", "people:ask_drop"),
        ("把年龄删了", "people:ask_drop"),
    ],
)
def test_what_is_asked_of_us_is_a_command(words: str, action: str) -> None:
    pressed = spoken(words)
    assert pressed is not None
    assert pressed.action == action


@pytest.mark.parametrize("words", ["我的档案在哪", "查询我的档案", "我的档案怎么查", "你们有我的档案吗"])
def test_the_file_of_a_working_life_is_not_what_we_keep(words: str) -> None:
    assert spoken(words) is None


@pytest.mark.parametrize(
    "words",
    ["之前的电话打不通了", "换手机", "想换个手机", "手机换了", "我的手机换了", "号码写错了", "电话换了", "换个电话"],
)
def test_a_new_device_and_the_phone_of_an_office_change_nothing_of_theirs(words: str) -> None:
    assert spoken(words) is None


def test_my_things_are_not_my_data() -> None:
    assert spoken("把我的东西都清了") is None


def lines(words: str) -> list[str]:
    return [one for line in words.split("\n") for one in line.split("|") if one]


OF_MESSAGES = {
    "stop": """
把我拉黑算了|你们能不能消停点|发么子发，不看|推什么推|哪个要你们发的|谁准你们给我发短信的
stop please|Please stop sending|弗要再发给我|覅推了|毋发了|无爱收|毋爱看你们的短信|谁要看这些
""",
    "may_stop": "停发了|不发了|都停了|不发拉倒|把我拉黑|不认得字，发给我冇用|发你个头",
    "seldom": """
少发点|能不能少给我发几条|一个星期发一次就行|十天半个月一回就够了|莫发这么多|白天发可以，夜里莫发|睡觉的时候别发|半夜三更发么事|白天发就行
莫天天发，一个星期发一次就行|每个星期发一次吧|偶尔发发就行|周末莫发|晚上九点以后别发
""",
    "resume": "把招工的恢复|培训的也恢复|把短信打开",
    "send_me": "给我发招工信息|有招工的发给我|以后有开班的就给我发|招工信息我还要|想收到招工信息",
}


@pytest.mark.parametrize(("verb", "said"), OF_MESSAGES.items())
def test_what_is_wished_for_our_messages_is_a_command(verb: str, said: str) -> None:
    found = {words: spoken(words) for words in lines(said)}
    assert {words: pressed and pressed.action for words, pressed in found.items()} == dict.fromkeys(
        found, f"people:{verb}"
    )


def test_a_kind_of_messages_is_named_with_the_wish() -> None:
    topics = {
        words: (spoken(words) or pytest.fail(words)).data["topics"] for words in ("把招工的恢复", "有培训的发给我")
    }
    assert topics == {"把招工的恢复": ["jobs"], "有培训的发给我": ["courses"]}


def test_the_right_age_is_the_one_that_is_not_denied() -> None:
    for words, said in (
        ("我不是三十六是三十七", "37岁"),
        ("我今年五十六不是六十五", "56岁"),
        ("我年纪是三十七，改一下", "37岁"),
        ("我不是六二年的是六四年的", "64年的"),
    ):
        assert (spoken(words) or pytest.fail(words)).data == {"item": "age", "said": said}


OF_SOMETHING_ELSE = """
工资一直没发|补贴不发了吗|老板说不发了|别人都发了我没发|工资停发了|低保停了|停电了|都停工了|少发了三百|少发工资|少发我两百块
一天发一次|工资一个月发一次就行|晚上不要发火|半夜发高烧|夜里老板发微信|白天发工资|把我拉黑了|老板把我拉黑算了|隔壁能不能消停点
谁要你们管|谁让你们扣我钱|天天发什么工资|发什么补贴|弗要做这个活|无爱做|恢复户口|恢复我的低保|培训恢复了吗|岗位恢复了吗|有电焊的活发给我
给我发工资|给我发补贴|有招工的吗|老板把我电话删了|把我电话从名单里删了|电话不用删|把船删了|注销营业执照|渔船证注销|老板把我说的话删了
过年发什么|中午发盒饭|补贴每年发一次吧|招工的还要人吗|培训还要|想收徒弟|把培训补贴发给我
不是三千是四千|我不是渔民是农民|我今年五十八能领吗|年龄多大能报|十二改一下
"""


def test_pay_benefits_and_the_doings_of_others_are_no_command() -> None:
    assert {words: pressed for words in lines(OF_SOMETHING_ELSE) if (pressed := spoken(words))} == {}
