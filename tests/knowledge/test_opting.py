"""No more messages, and again: what people really write, and what only looks so. Through the recogniser."""

from __future__ import annotations

import pytest

from knowledge.opting import Topic, read_opting, topics_in
from knowledge.routes import RESUMES, Route
from tests.bureau import knowing

STOP = """
别联系我了
不要打电话给我了
把我从名单里移出去
让我清静几天
一天到晚推推推
你们怎么又发了
能不能别发了
再发就举报你们
TD|T D|t.d|td。|退 订|退定|推订|退丁|tuiding|tui ding|TUIDING|退ding|tdd|qx|STOP|stop|Unsubscribe|取关|拒收|屏蔽
免打扰|停|停了吧|莫发了|莫再发了撒|莫给我发了咯|烦死了别发|烦死了，别发了|取消订阅|不要再给我发短信|不要再给我发短信了！|以后莫发了|甭发了|唔好再发
不想收了|不想再收到你们的短信|请勿打扰|别烦我|莫来烦我|别再骚扰我|天天发天天发，退了|半夜还响，吵得睡不着，别发|把我号码删了
把我从名单里去掉|关掉通知|把通知关了|消息提醒关掉|停止发送|短信太多了，停|不感兴趣，不要了|回复T退订|怎么退订|如何取消订阅短信
你们发的这些我不看，别发了|老发老发，麻烦别发了|不消发了|不需要通知我|群发的不要发给我|帮我退订|不要给俺推信息|信息不用发了
再发我投诉你们，退订|以后有啥消息都不用通知我|够了，别再推送了|白发了，我不看|手机都被你们刷屏了，别发|收到烦死，退订谢谢|我要退定短信
你们搞错人了，别发了|整天叮叮叮的，不要再推|恁别发了中不中|咋个退订嘛|TD谢谢|别@我了|闭嘴别发了|我爸手机，别发了
你们咋天天发，退了退了|推送关了|麻烦停止推送|给我把短信停了|这些消息不要再来了，退订|别推了别推了
"""
KINDS = [
    ("别推岗位了", {Topic.JOBS}),
    ("岗位别推了", {Topic.JOBS}),
    ("不要再发招聘信息了 烦不烦", {Topic.JOBS}),
    ("我已经上班了，以后不用再给我推岗位", {Topic.JOBS}),
    ("招工的别发了", {Topic.JOBS}),
    ("招聘会不用通知我", {Topic.JOBS}),
    ("培训通知不要发了", {Topic.COURSES}),
    ("不参加培训，培训消息别推了", {Topic.COURSES}),
    ("开班的通知别发给我", {Topic.COURSES}),
    ("别再问我近况了", {Topic.CHECK_INS}),
    ("不要回访了", {Topic.CHECK_INS}),
    ("别问我了", {Topic.CHECK_INS}),
    ("招工和培训的都别发了", {Topic.JOBS, Topic.COURSES}),
]
RESUME = """
上周退订了，后悔了
不小心退订了
我又要了
可以发了
恢复|重新订阅|还是发吧|开通通知|继续发|恢复订阅|恢复推送|请恢复通知|还是给我发吧|继续给我发|接着发|照发|又想收了|退订错了|取消退订|别停
打开通知|通知打开|恢复岗位推送|可以再发给我了|重新给我发招聘信息|订阅|我要订阅|dy|不退了|还是通知我吧|麻烦再给我发|把通知恢复一下
招工信息还是发给我|岗位继续推吧|培训的通知继续发|重新接收|点错了退订|重新开通|开启推送|那就接着推吧|刚才退订错了，恢复一下
请重新发消息给我|按错了退订|TD发错了|后悔退订了|还是要收通知|再给我发吧|我想恢复订阅|重新开通短信|照旧发给我|恢复一下|恢复通知吧
想要再收招工信息|把推送打开|消息通知开一下|退订按错了|撤销退订|误点退订|请帮我恢复接收|恢复接收|继续推送|接着给我推|还是订阅吧
我要重新收通知|之前退订了，现在想重新订阅|通知重新开起来|还是要收的|我又想找活了，继续发招聘|我后悔了，恢复吧
开通短信提醒|打开推送吧|恢复发送|还想收你们的通知
"""
NEITHER = """
不要给我发工资了吗
补贴别发错卡
厂子关了
老板把我拉黑了
莫把我电话发出去
合同取消了
不要打电话，发短信就行
别发火|你别发脾气|退订机票|怎么退订火车票|别忘了发我|别忘了通知我|停发养老金了怎么办|我上次报的叉车班取消了|养老金停了|工资不发了怎么办
老板不给我发工资|为什么不给我发补贴|低保给停了|取消我报的电焊班|帮我把上次报的叉车班取消了|招聘会取消了吗|不要发给别人|不用发身份证号吧
取消报名|怎么没收到短信|还没收到通知|补贴停发了找谁|公益岗什么时候发工资|我不想再打工了|取消资格了还能申请吗|停工了没活干
单位停发工资三个月|恢复养老待遇怎么办|低保能不能恢复|养老保险继续交划算吗|这个月补贴还是没发|上次发的那个象山的岗位还要人吗
你们发的培训在哪里报名|别的村都发了我们村没发|不想交社保了|招工要不要发票|别人都收到通知了我没收到|怎么才能收到招聘通知
培训收不收费|手机停机了收不到短信|有消息告诉我一声|公司倒闭停产了|我不要公益岗|厂里让我们停工别来上班了|酒店退订要扣钱吗
我退捕了|公司通知我不用去上班了|别发那么大火嘛|医保停了怎么恢复|不要问我要身份证|不想去外地|短信验证码收不到|别告诉我妈
退订宾馆找谁|别停我的低保|把补贴发到卡上|工资还是发现金吧|我的号码换了
"""


def lines(words: str) -> list[str]:
    return [one for line in words.split("\n") for one in line.split("|") if one]


@pytest.mark.parametrize("words", lines(STOP))
def test_whoever_wants_no_more_messages_is_heard(words: str) -> None:
    assert knowing().recogniser.recognise(words).route is Route.OPTOUT
    wish = read_opting(words)
    assert wish is not None
    assert (wish.stop, wish.resume) == ({Topic.ALL}, frozenset())


@pytest.mark.parametrize(("words", "topics"), KINDS)
def test_one_kind_of_messages_is_stopped_alone(words: str, topics: set[Topic]) -> None:
    assert knowing().recogniser.recognise(words).route is Route.OPTOUT
    wish = read_opting(words)
    assert wish is not None
    assert wish.stop == topics


@pytest.mark.parametrize("words", lines(RESUME))
def test_whoever_wants_them_again_is_heard(words: str) -> None:
    found = knowing().recogniser.recognise(words)
    assert (found.route, found.reason) == (Route.OPTOUT, RESUMES)
    wish = read_opting(words)
    assert wish is not None
    assert wish.resume
    assert not wish.stop


@pytest.mark.parametrize("words", lines(NEITHER))
def test_what_only_looks_so_ends_nothing(words: str) -> None:
    assert knowing().recogniser.recognise(words).route is not Route.OPTOUT
    assert read_opting(words) is None


def test_both_can_be_said_at_once() -> None:
    wish = read_opting("招工的别发了，培训的照发")
    assert wish is not None
    assert (wish.stop, wish.resume) == ({Topic.JOBS}, {Topic.COURSES})


def test_whoever_wants_a_person_instead_gets_one() -> None:
    assert knowing().recogniser.recognise("别给我发链接 我要跟活人讲").route is Route.CONSULT


def test_a_long_story_is_none() -> None:
    assert read_opting("别发了" * 60) is None
    assert topics_in("什么都没说") == {Topic.ALL}
