"""`shangan knowledge new FILE`: makes the folder of a further document from its text.

Everything that can be read from the text is filled in; what a person must decide is left empty, and
`knowledge check` refuses it until it is filled. The folder lies beside FILE: it moves to `policies/` when it passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge.faults import Fault, KnowledgeError
from knowledge.headings import Draft, drafts_of, first_heading
from knowledge.loader import load_policies
from knowledge.mend import mend
from knowledge.pinyin import spell
from knowledge.regions import Regions, load_regions, short_name

NUMBER = re.compile(r"[一-龥]{2,12}[〔\[【（(]?(?:19|20)\d\d[〕\]】）)][ ]?第?\d+号")
DAY = re.compile(r"((?:19|20)\d\d)\s*[年-]\s*(\d{1,2})\s*[月-]\s*(\d{1,2})\s*日?")
ISSUER = re.compile(r"[一-龥]{2,20}(?:人民政府|人力资源和社会保障[局厅]|人社[局厅]|办公室|委员会|局|厅)(?=关于|文件|$)")
TITLED = re.compile(r"(?:方案|办法|通知|意见|细则|规定|计划|措施|要点)[》”]?$")
PERIODS = (
    re.compile(r"有效期[至为][^，。；\n]{2,20}"),
    re.compile(r"从?(?:即日|发布之日|印发之日|(?:19|20)\d\d年\d{0,2}月?\d{0,2}日?)起[,，]?(?:施行|实施|执行)?[,，]?至\s*(?:19|20)\d\d年[^，,。；\n]{0,6}"),
    re.compile(r"(?:19|20)\d\d年?[-—至到](?:19|20)?\d\d年"),
    re.compile(r"(?:19|20)\d\d年\d{1,2}月?[-—至到]\d{1,2}月"),
    re.compile(r"(?:19|20)\d\d年(?=[一-龥]{2,30}(?:方案|计划|要点))"),
)  # fmt: skip
KINDS = (
    ("贷款", "loan"), ("培训", "training"), ("岗", "post"), ("保险|参保|养老|医疗", "insurance"),
    ("补贴|补助|奖补|资金", "subsidy"), ("目标|任务|总体要求", "target"), ("服务|招聘|介绍", "service"),
)  # fmt: skip
ASPECTS = (
    (r"\d\s*(?:元|万元|%|％)|百分之", "amount"), ("材料|证明|复印件", "documents"), ("电话|联系人|联系单位", "contact"),
    (r"\d\s*月|月底|年底|日前|截止", "when"), ("期限|不超过\\s*\\d+\\s*年|最长", "duration"), ("对象|范围", "who"),
    ("条件|须|应当|以上的", "conditions"),
)  # fmt: skip
CHROME = "无障碍浏览|您现在的位置.*|关闭窗口|打印(?:本页)?|下载Word.*|分享到.*|【?字体.*|扫一扫.*|浏览次数.*"
USUAL_HEADINGS = (
    "总体要求|目标任务|重点工作|主要任务|工作(?:任务|措施|要求|目标)|有关要求|保障措施|组织实施|"
    "实施步骤|进度安排|基本原则"
)
ITEM = "[（(][一二三四五六七八九十]{1,3}[）)]"
MENDS: tuple[dict[str, Any], ...] = (
    {"pattern": r"\A\ufeff", "to": "", "why": "byte order mark"},
    {"pattern": r"\r\n?", "to": "\n", "why": "line ends of another system", "every": True},
    {"pattern": r"\A《[^\n]*由会员分享[^\n]*\n1、", "to": "", "why": "header of a share site, not the document's"},
    {"pattern": r"\n(?:[2-9]|[1-9]\d)、[ \t]*(?=[^\n]{200})", "to": "", "every": True, "if": "由会员分享",
     "why": "page chunks of a share site cut sentences in two; they are not clauses"},
    {"pattern": rf"(?m)^(?:{CHROME})[ \t]*\n?", "to": "", "why": "chrome of the web page", "every": True},
    {"pattern": r"\n+招商热线[:：][-0-9 ]+\s*\Z", "to": "\n", "why": "advertisement, not part of the document"},
    {"pattern": r"(?m)^#+[ \t]*|\*\*", "to": "", "why": "Markdown marks", "every": True},
    {"pattern": "[ \t]*\u00a0+[ \t]*", "to": " ", "why": "no-break spaces of a web page's layout", "every": True},
    {"pattern": r"(?m)^\t+", "to": "", "why": "empty first cells of a table", "every": True},
    {"pattern": r"(?m)(?<=[一-龥])\t(?=\d+[ 、.．])", "to": "\n", "why": "a table row on its own line", "every": True},
    {"pattern": r"(?m)[ \t]+$", "to": "", "why": "blanks at the ends of lines", "every": True},
    {"pattern": r"\t", "to": "：", "why": "cell border of a table", "every": True},
    {"pattern": r"(?<=[一-龥，。、；,]) +(?=[一-龥])", "to": "", "why": "blanks left by wrapped lines", "every": True},
    {"pattern": rf"(?<=[。\n])[ ]*([一二三四五六七八九十])[ ]*({USUAL_HEADINGS})(?!、)\n*", "to": r"\n\1、\2\n",
     "why": "heading: the mark after its number was lost", "every": True},
    {"pattern": rf"(?<=[。；;：:%a-z])[ ]*(?={ITEM})", "to": "\n",
     "why": "each numbered item on its own line", "every": True},
    {"pattern": r"\n{3,}", "to": "\n\n", "why": "rows of empty lines", "every": True},
    {"pattern": r"\A\s+", "to": "", "why": "empty lines at the head"},
)  # fmt: skip
"""What copies of official documents suffer; only those that occur are written down."""
TOP = """# A draft made by `shangan knowledge new`. Fill what is empty, correct the rest, add facts where a clause holds
# more than one number or condition; then run `shangan knowledge check FOLDER`.
# say: plain words, without a number or place that the quote does not hold. aspect: {aspects}.
# topic joins the same matter over places. In use: {topics}.
"""
ASPECT_NAMES = "amount who conditions how documents where when duration limits list contact definition"


def scaffold(file: Path, region: str | None = None, *, into: Path | None = None) -> list[Path]:
    """Write original.txt, mends.yaml, source.txt, policy.yaml and asks.txt; returns their paths.

    Raises KnowledgeError where the text cannot be read, the region is no place, or the folder is there already.
    """
    try:
        original = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError([Fault(str(file), 1, f"cannot be read as UTF-8 text: {error}")]) from error
    mends = mends_for(original)
    source = mend(original, mends)
    drafts = drafts_of(source)
    if not drafts:
        raise KnowledgeError([Fault(str(file), 1, "holds no text")])
    regions = load_regions()
    code = regions.resolve(region) if region else None
    if region and code is None:
        raise KnowledgeError([Fault(str(file), 1, f"--region {region} is no place")])
    document = read_document(source, code, regions)
    folder = (into or file.parent) / folder_name(document, source, short_name(regions.name(document["region"])))
    if folder.exists():
        raise KnowledgeError([Fault(str(folder), 1, "is there already")])
    folder.mkdir(parents=True)
    record: dict[str, Any] = {
        "document": document,
        "operative": {"from": first_heading(source) or drafts[0].clauses[0], "until": None, "left_out": []},
        "provisions": [provision_of(draft, name) for draft, name in zip(drafts, ids_of(drafts), strict=True)],
        "silences": [],
    }
    top = TOP.format(aspects=ASPECT_NAMES, topics=" ".join(topics_in_use()))
    files = {
        "original.txt": original,
        "mends.yaml": "# What was mended in original.txt, in order; the result is source.txt.\n" + as_yaml(mends),
        "source.txt": source,
        "policy.yaml": top + as_yaml(record),
        "asks.txt": asks_for(record["provisions"]),
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8", newline="")
    return [folder / name for name in files]


def as_yaml(data: Any) -> str:
    return str(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10_000))


def mends_for(original: str) -> list[dict[str, Any]]:
    """The mends that this text needs, in order."""
    text, needed = original, []
    for step in MENDS:
        found = len(re.findall(step["pattern"], text, re.MULTILINE))
        if found and step.get("if", "") in original and (found == 1 or step.get("every")):
            kept = {key: value for key, value in step.items() if key != "if"}
            mended = mend(text, [kept])
            if mended != text:
                needed.append(kept)
            text = mended
    return needed


# --- the document


def read_document(source: str, code: str | None, regions: Regions) -> dict[str, Any]:
    """Title, number, issuer, dates and period words, as far as the text says them."""
    start = first_heading(source)
    head = source[: source.find(start)] if start else source[:600]
    lines = [line.strip() for line in head.splitlines() if line.strip()]
    title = title_of(lines)
    own = next((found[0] for line in lines if len(line) < 40 and (found := NUMBER.search(line))), None)
    issuers = [found[0] for line in lines if (found := ISSUER.search(line))]
    issuer = issuers[0] if issuers else ""
    if code is None:
        named = [mention.code for text in (issuer, title, *lines) for mention in regions.find(text)]
        code = named[0] if named else None
    days = [found for line in lines if len(line) < 60 and (found := DAY.search(line))]
    cited = dict.fromkeys(found.replace(" ", "") for found in NUMBER.findall(source))
    return {
        "title": title,
        "number": own,
        "issuer": issuer,
        "region": code or "",
        "place": regions.full_name(code) if code else "",
        "issued": date(*map(int, days[0].groups())) if days else None,
        "period": period_of(title, source),
        "based_on": [number for number in cited if number != own],
        "replaces": [],
        "people": "",
    }


def title_of(lines: Iterable[str]) -> str:
    """The document's own name: what it issues (《…》 of a 通知), or the first line that ends like a title."""
    for line in lines:
        issued = re.search(r"印发《(.+?)》", line.replace(" ", ""))
        if issued:
            return issued[1]
    whole = (line.replace(" ", "") for line in lines if TITLED.search(line) and len(line) < 60)
    begun = (found[0] for line in lines if (found := re.match(r"[一-龥\d]{4,40}?(?:方案|办法|意见|细则)(?=为)", line)))
    return next(whole, None) or next(begun, "")


def period_of(title: str, source: str) -> dict[str, Any] | None:
    """The words that say how long it holds, with the days they surely name; a person reads the rest."""
    for pattern in PERIODS:
        if found := pattern.search(source) or pattern.search(title):
            years = [int(year) for year in re.findall(r"(?:19|20)\d\d", found[0])]
            whole = bool(years) and re.fullmatch(r"(?:19|20)\d\d年?(?:[-—至到](?:19|20)\d\d年)?", found[0])
            return {
                "from": date(years[0], 1, 1) if whole else None,
                "until": date(years[-1], 12, 31) if whole or (years and "年底" in found[0]) else None,
                "words": found[0],
            }
    return None


def folder_name(document: dict[str, Any], source: str, place: str) -> str:
    """place-year-slug, in letters."""
    year = re.search(
        r"(?:19|20)\d\d", f"{document['number'] or ''} {document['issued'] or ''} {document['title']} {source}"
    )
    title = re.sub(r"关于|印发|^.*?[省市区县](?=.{4})|\d+年", "", document["title"])
    return "-".join(filter(None, [letters(place), year[0] if year else "", letters(title[:4], "-")]))


def letters(words: str, joint: str = "") -> str:
    """Toneless pinyin of Chinese words."""
    return joint.join(part for part in spell(words) if part.isascii() and part.isalnum())


# --- its provisions


def ids_of(drafts: Iterable[Draft]) -> list[str]:
    """A kebab-case id a draft, from the sounds of its heading."""
    taken: dict[str, int] = {}
    names = []
    for draft in drafts:
        name = letters(re.sub(r"[^一-龥]", "", draft.name)[:5], "-") or "part"
        taken[name] = taken.get(name, 0) + 1
        names.append(name if taken[name] == 1 else f"{name}-{taken[name]}")
    return names


def provision_of(draft: Draft, name: str) -> dict[str, Any]:
    """One heading as a provision: a fact a clause, the wording left to a person."""
    return {
        "id": name,
        "name": draft.name,
        "plain": "",
        "topic": "",
        "kind": first_match(KINDS, draft.name, "duty"),
        "asker": ["person"],
        "section": draft.section,
        "facts": [
            {
                "id": f"clause-{number}",
                "aspect": first_match(ASPECTS, clause, "how"),
                "say": "",
                "quote": list(
                    dict.fromkeys(filter(None, [*((*draft.above, draft.heading) if number == 1 else ()), clause]))
                ),
            }
            for number, clause in enumerate(draft.clauses or (draft.heading,), 1)
        ],
    }


def first_match(table: Iterable[tuple[str, str]], words: str, default: str) -> str:
    return next((name for pattern, name in table if re.search(pattern, words)), default)


def asks_for(provisions: Iterable[dict[str, Any]]) -> str:
    """The headers of asks.txt; a person writes under each how people ask."""
    parts = []
    for provision in provisions:
        parts.append(f"# {provision['id']}  {provision['name']}\n")
        parts += [f"# {provision['id']}.{fact['id']}\n" for fact in provision["facts"]]
    return "\n".join(parts)


def topics_in_use() -> list[str]:
    return sorted({provision.topic for policy in load_policies() for provision in policy.provisions})
