"""Whether somebody asks about their own case: 我能不能领, 帮我对下条件, 能领几样. Pure."""

from __future__ import annotations

import re

from knowledge.language import plain

WHO = (
    r"(我(?!国|市|省|区|县|局)|俺|咱|本人|自己|家里|厂里|公司|店里|(?<!哪)(?<!那)家(?=能|可)|"
    r"爸|妈|爹|娘|老公|老婆|儿|女|兄|弟|姐|妹|舅|叔|婶)"
)
CAN = r"(能不能|可不可以|能否|可否|有没有资格|有资格|有没有份|够不够格?|符不符合|算不算|配不配|轮不?轮?得到)"
GET = r"(领|拿|申请|享受|报(?!名|销)|补|贷|得到|[进干上]公益岗|安排|参加|条件|资格|要(这|那))"
ELIGIBLE = re.compile(
    rf"{WHO}.{{0,16}}{CAN}.{{0,8}}{GET}|{CAN}.{{0,4}}(给|让|帮)?{WHO}.{{0,6}}{GET}|"
    rf"{WHO}.{{0,14}}(能|可以){GET}[^，。多几哪]{{0,14}}(吗|不|没|么|吧|[?？]|$)|"
    rf"{WHO}.{{0,10}}(够|符合)(不够|不符合)?.{{0,6}}(条件|资格|格)(吗|不|么|没|$)|"
    rf"轮(得|不)(到|着){WHO}|{WHO}(算|够)(不算|不够|不)"
)
CHECK = re.compile(
    r"(帮|给|替)?(忙|我|俺|我们)?.{0,4}(对|核|查|看|算|判断)(一?下|看|对|一对|一看|看看|一遍)?.{0,10}"
    rf"(条件|够不够|{CAN}|资格|能(不能)?(领|拿|申请))|(对|核)(一?下|一对|对)?条件"
)
GENERAL = re.compile(
    rf"({WHO}|帮).{{0,16}}(能|可以|该|够)(领|拿|得|享受|申请)(到)?(哪|什么|几|多少样|些什么)|"
    rf"有(哪些|什么|几样)[^，。]{{0,6}}{WHO}.{{0,2}}(能|可以)(领|拿|享受|用)|"
    r"能(领|拿|享受|申请)(到)?(几样|哪几样|哪些|什么(?!时候|地方|材料))(补贴|政策|待遇|好处|钱)?|"
    rf"有没有{WHO}的份|有(什么|啥|哪些|么子?)(钱|好处|补贴)(可以|能|可)?(拿|领|得)(没|不|吗|么)?"
)


def wants_check(words: str) -> bool:
    """They ask to be checked, not what the rule is."""
    return bool(CHECK.search(plain(words)))


def asks_eligibility(words: str) -> bool:
    """我能不能领: about oneself or one's own, not about the rule in general."""
    text = plain(words)
    return bool(ELIGIBLE.search(text) or CHECK.search(text))


def asks_in_general(words: str) -> bool:
    """能领几样: over all benefits of the place."""
    return bool(GENERAL.search(plain(words)))
