"""No more messages, and again: what people really write, and what only looks so. Through the recogniser."""

from __future__ import annotations

import pytest

from knowledge.opting import Topic, read_opting, topics_in
from knowledge.routes import RESUMES, Route
from tests.bureau import knowing

STOP = """
人都死了还发|别联系我了
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
你们咋天天发，退了退了|推送关了|怎么取消通知|通知怎么取消|麻烦停止推送|给我把短信停了|这些消息不要再来了，退订|别推了别推了
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
别发火|你别发脾气|通知怎么停了|短信怎么停了呢|消息怎么取消了|你们的通知怎么停了啊|退订机票|怎么退订火车票|别忘了发我|别忘了通知我|停发养老金了怎么办|我上次报的叉车班取消了|养老金停了|工资不发了怎么办
老板不给我发工资|为什么不给我发补贴|低保给停了|取消我报的电焊班|帮我把上次报的叉车班取消了|招聘会取消了吗|不要发给别人|不用发身份证号吧
取消报名|怎么没收到短信|还没收到通知|补贴停发了找谁|公益岗什么时候发工资|我不想再打工了|取消资格了还能申请吗|停工了没活干
单位停发工资三个月|恢复养老待遇怎么办|低保能不能恢复|养老保险继续交划算吗|这个月补贴还是没发|上次发的那个象山的岗位还要人吗
你们发的培训在哪里报名|别的村都发了我们村没发|不想交社保了|招工要不要发票|别人都收到通知了我没收到|怎么才能收到招聘通知
培训收不收费|手机停机了收不到短信|有消息告诉我一声|公司倒闭停产了|我不要公益岗|厂里让我们停工别来上班了|酒店退订要扣钱吗
我退捕了|公司通知我不用去上班了|别发那么大火嘛|医保停了怎么恢复|不要问我要身份证|不想去外地|短信验证码收不到|别告诉我妈
退订宾馆找谁|别停我的低保|把补贴发到卡上|工资还是发现金吧|我的号码换了
"""

HEARD = """
关于招工的短信别发了|别再给我发关于招聘的信息了|我在看病，别再发短信了|不合适，以后别再发岗位了|店关了，不用再发招工信息了
退林了，别发短信|不收我，别发了|把我从渔民群发名单里删掉|培训取消推送|岗位取消推送|他们再发我就拉黑|你们天天发|你们一天发十几条
手机天天响|短信天天发|消息发个没完|怎么天天给我发短信|把我从群发名单删了|别发短信了，我在看病|厂子倒了，莫再推岗位|关于培训的不要推了
政策取消推送|退休了，招工短信莫发了|医院不收，别再发了|合同取消了，别再推送了|请把我移出名单|你们发错人了|低保停了，别再发消息了
工资没发，别给我发招聘了|烦死了，停|你们老是发，不要了|别发短信给我|推送推个不停|活动取消了就别发通知了|岗位不合适，不要再推了
一天到晚发短信|手机半夜还响烦死了|你们还在发|通知天天推，取消|再发就拉黑|把我从通知名单里拿掉|求你们消停会|别发了，店关了
别发了，我在看病|不用再发了，我找到工作了|求求你们别天天发|招聘短信一天到晚发|你们一直推个没完|莫天天推岗位咯
不要再给我发招工的了，我生病了|工资没着落，莫给我推培训|我70了，别发招聘了|养老金领上了，别再推岗位|唔好再发短信畀我|甭再推送了
别给我打电话|你们发这些干啥|短信太多看不过来，停|消息免打扰|通知都关了吧|从你们名单里把我删了|能不能把我移出名单|给我把号码删掉
每天发几十条短信|老是发短信|大半夜还推消息，取消|恁别推了|再推送我就投诉|烦不烦，退了|你们还在推|培训短信取消|店关了别再发短信
退林了别发短信了|培训取消了就别推了|我生病了别再推岗位|厂停了不用再发招工|工作找到了莫推了|退休了别发了|移出名单|请你们别发了
群发取消|公益岗的短信别发了|补贴消息别推了|关于社保的通知别发了|别老给我发低保的短信|低保通知不要再发了|我不收短信了|不想看你们推送
给我停了短信|手机都响爆了别发了|岗位推送停了吧|我住院了，不要发短信|工资都没拿到，别再推送|低保办好了，别发了
养老金领着呢，莫再发招工短信|我爸去世了，别再发短信|厂倒闭了别发消息|在坐月子，别推岗位了|关于就业的消息都别发|关于补贴的短信不要发了
不合适别发了|培训不合适，别再推培训|别再推送不合适的岗位|人家不收，莫发了|学校取消推送|招聘取消通知|政策通知取消|再推送就举报
你们再发试试，拉黑|请把我的号码从群发名单删除|从短信名单里删掉我|你们的短信一天到晚响|信息一天十几条，停|你们一天到晚推送|甭天天推了
咋天天给俺推招工嘞|莫天天给我发撒|好烦，天天发短信|消息莫发了咯|阿拉勿要收短信|覅再发了
"""
"""Stops beside pay, illness or a closed shop, and of one kind."""
AGAIN = """
短信退了后悔了|以后有消息还是跟我说一声|推送关了，又想收了|退了，后悔了|通知取消了，能恢复吗|不小心把短信退了|退订了又想要|推送停了，再给我开|还是要收短信
照发|岗位的还是发给我|招工短信再给我发吧|又想收短信了|培训通知恢复一下|我后悔了，继续推吧|短信不小心退订了|别停，继续发|消息再发吧
现在又想收招聘信息|刚才发错了退订，重新开通|我又想收短信了|不小心退订了短信|岗位推送恢复一下|消息退了又想收|再给我推岗位吧
把短信恢复了吧|我要重新订阅短信|推送误关了，恢复|取消了推送，后悔了|以前不让发，现在发吧短信
"""
OF_SOMETHING_ELSE = """
公益岗一天发多少|护工一天发多少钱|一天发一百五吗|一天打十几条鱼|我天天发烧|老板天天发脾气|厂里天天发不出钱|天天发馊饭|工厂成天发臭气
老板一天到晚响喇叭|办事天天推|整天推给我们|工地天天响|把我从名单划掉了|凭什么把我踢出群|公司把我从群里踢了|能停吗|可以停|发错了
养老金去年领了，还发嘛|村里把我从名单上划掉了|把我从公益岗名单里删了|工地太吵，能不能安静点|关厂|低保停了，可以恢复吗
我的低保取消了，能恢复吗|我养老保险停了，又想要交|社保停了后悔了|低保退了后悔|不小心把社保退了|合同不小心退了|保洁一天发八十
老公天天发酒疯|孩子成天发呆|机器从早到晚响|中介天天发短信骂我|社区把我从低保名单上划了|老板把我移出工作群|为什么把我从名单里删了
天天推来推去没人管|船退了后悔了|学退了又后悔|驾照不小心退了|工伤待遇停了，还能恢复不|公司拒绝发加班费|老板不肯发赔偿金|我不想搞养殖了
不想打电话，网上能办吗|押金不退了|工资照发|社保别停|网断了，恢复一下|鱼卖不掉，不要了|他再发短信骚扰我就报警|低保不要问收入吗
医保断了又想要接上|我不要这种工作|东西退了|工地半夜响吵得睡不着|发烧发个不停|学费还是要收的|补贴继续发|单位停止发生活费|失业金还发呢
隔壁天天吵，让人安静点|公益岗停了后悔了|不要推迟发工资|再推诿我就投诉|高温费每天发|老板半夜还发消息催活|低保照旧发|课退了后悔
不要收我押金|我想要看岗位|还想看招聘信息|学校不发通知书|厂里通知天天加班|收到低保停了的通知，能恢复吗|补贴公示名单把我漏了|信息填错了
我家信息取消登记|孩子学校天天发通知让交钱|公司不发工资条|村里说，别发了|老板叫我们别发信息|中介一直打电话骗我押金|我怕收不到补贴
车间一直响耳朵都聋了|别推我去外地|手术后天天发炎|低保不发了吧|厂里发手套吗|停产了后悔来|不要发票行吗|白发苍苍还能干吗|不想收徒弟
我不想联系老板|社保断缴了又要交|船证退了，又想要了|岗退了，又想要了|误退了养老保险|单位把社保停了，现在恢复了吗|工资天天推
包工头老是推|退捕补助一直推|老伴半夜发高烧|每天发几个小时的课|天天发工资吗|一天发两顿饭|日结一天发一次|药别停|低保可以再发吗
能不能再发补贴|路费还是要收|名单里没我|怎么把我从享受名单里去掉了|网签合同取消，又想签|我被踢出群了|车间吵死了|老板烦死了，不干了
邻居吵，让我清静几天|我一头白发还能找活吗|领导喊我别发牢骚|工资发了又说发错了|那些岗位都取消了吗|这些补贴停了吗|厂里停了，我不干了
打工不要了|工作退了|东西不要了|公司退了我的社保|把我从微信群踢了|工头把我号码拉黑|天天打电话催债|中介老给我打电话|法院别发传票
缴费通知停了吗|我想退网箱|退了养老金后悔|可以停缴吗|能停保吗|能停薪留职吗|地停种了可以恢复补吗|低保别取消|钱发少了
公司天天发通知扣钱|发得少|别扣我工资|培训停了|岗位没了不要了|村委会天天发通知叫我去开会|厂里半夜发通知要加班|我手机天天响是催债的
微信天天发红包|招工天天招不到人|老板娘一天发十几条微信骂我|短信发错人了被骗钱|工资短信收不到|工资条发错了|能停一下社保吗
可以停缴几个月吗|公司把我名字从参保名单里删了|名单上把我划了怎么办|我从补贴名单里被删了|移出低保名单怎么申诉|村干部把我踢出群不让看补贴
停了两年社保又想交|断保了想恢复|工伤待遇停发能恢复吗|培训补贴取消了后悔没领|店关了想恢复营业|残疾证退了又想办|厂停产了工资照发吗
孩子退学后悔了|公司说恢复上班|住院不要收押金|不收我社保材料|拉黑了老板的电话|机器吵得睡不着|隔壁工地半夜响|发高烧不退|烧退了|肿消了
钱退了|钱退了吗|报名费退了后悔|定金不退了|取消面试了后悔|厂里成天推卸责任|一直推说没钱|工资老是推|天天发盒饭|给我们天天发旧手套
半夜发病|每天发放多少|公司通知取消年终奖|不要发现金
"""
"""Pay, benefits, illness, noise, groups and lists of others."""


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


@pytest.mark.parametrize("words", [*lines(RESUME), *lines(AGAIN)])
def test_whoever_wants_them_again_is_heard(words: str) -> None:
    found = knowing().recogniser.recognise(words)
    assert (found.route, found.reason) == (Route.OPTOUT, RESUMES)
    wish = read_opting(words)
    assert wish is not None
    assert wish.resume
    assert not wish.stop


@pytest.mark.parametrize("words", [*lines(NEITHER), *lines(OF_SOMETHING_ELSE)])
def test_what_only_looks_so_ends_nothing(words: str) -> None:
    assert knowing().recogniser.recognise(words).route is not Route.OPTOUT
    assert read_opting(words) is None


@pytest.mark.parametrize("words", lines(HEARD))
def test_a_stop_is_heard_beside_anything_else(words: str) -> None:
    found = knowing().recogniser.recognise(words)
    assert (found.route, found.reason != RESUMES) == (Route.OPTOUT, True)
    wish = read_opting(words)
    assert wish is not None
    assert wish.stop
    assert not wish.resume


@pytest.mark.parametrize(
    ("words", "topics"),
    [
        ("关于招工的短信别发了", {Topic.JOBS}),
        ("店关了，不用再发招工信息了", {Topic.JOBS}),
        ("培训取消推送", {Topic.COURSES}),
        ("厂子倒了，莫再推岗位", {Topic.JOBS}),
        ("培训的取消，岗位的留着", {Topic.COURSES}),
    ],
)
def test_only_the_clause_that_says_stop_names_what_is_stopped(words: str, topics: set[Topic]) -> None:
    wish = read_opting(words)
    assert wish is not None
    assert (wish.stop, wish.resume) == (topics, frozenset())


def test_blanks_and_marks_are_no_wish() -> None:
    assert read_opting("。。。") is None
    assert read_opting("") is None


def test_both_can_be_said_at_once() -> None:
    wish = read_opting("招工的别发了，培训的照发")
    assert wish is not None
    assert (wish.stop, wish.resume) == ({Topic.JOBS}, {Topic.COURSES})


def test_whoever_wants_a_person_instead_gets_one() -> None:
    assert knowing().recogniser.recognise("别给我发链接 我要跟活人讲").route is Route.CONSULT


def test_a_long_story_is_none() -> None:
    assert read_opting("别发了" * 60) is None
    assert topics_in("什么都没说") == {Topic.ALL}
