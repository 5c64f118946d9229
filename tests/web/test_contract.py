"""The HTTP contract of the web chat: what scripts and pages rely on."""

from __future__ import annotations

import re
import uuid
from typing import Any

import aiohttp
import pytest
from aiohttp import FormData
from yarl import URL

from bot.clock import FixedClock
from bot.errors import StartupError
from bot.settings import Settings, load_settings
from bot.web.limits import Allowance, Limits
from bot.web.visitors import COOKIE
from tests.web.conftest import Client, Site, open_client, serve

PAGE = {"Accept": "text/html"}
SCRIPT = {"Accept": "text/html, application/json"}


def said(text: str, event_id: str | None = None) -> dict[str, str]:
    return {"id": event_id or str(uuid.uuid4()), "text": text}


async def post(client: Client, body: Any, **options: Any) -> tuple[int, Any]:
    async with client.http.post("/chat/messages", json=body, **options) as response:
        return response.status, await response.json()


async def test_opening_the_page_gives_the_device_a_random_cookie(site: Site) -> None:
    async with aiohttp.ClientSession() as http, http.get(site.url) as response:
        cookie = response.cookies[COOKIE]
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", cookie.value)
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"], cookie["path"]) == (
        True,
        "Lax",
        "",
        "/",
    )


async def test_cookie_is_secure_where_the_public_address_is(settings: Settings, clock: FixedClock) -> None:
    safe = load_settings({}, data_dir=settings.data_dir, http_port=0, public_url="https://chat.example.org")
    async with serve(safe, clock) as site, aiohttp.ClientSession() as http, http.get(site.url) as response:
        assert response.cookies[COOKIE]["secure"]
        assert "max-age=" in response.headers["Strict-Transport-Security"]


async def test_only_the_digest_of_the_cookie_is_the_address(client: Client) -> None:
    await post(client, said("你好"))
    token = client.http.cookie_jar.filter_cookies(client.http._base_url)[COOKIE].value  # type: ignore[arg-type]
    key = client.site.talk.incoming[0].address.key
    assert re.fullmatch(r"[0-9a-f]{64}", key)
    assert token not in key


async def test_message_is_answered_with_what_was_said_by_both_sides(client: Client) -> None:
    status, body = await post(client, said("厂里招我们打鱼的，有没得补贴？"))
    assert status == 200
    own, reply = body["messages"]
    assert own == {"seq": 1, "from": "you", "text": "厂里招我们打鱼的，有没得补贴？", "buttons": []}
    assert (reply["seq"], reply["from"], reply["text"]) == (2, "bot", "1000 元/人，给企业。")
    assert [set(button) for button in reply["buttons"]] == [{"label", "value"}] * 4
    assert reply["source"] == "《2023年退捕渔民就业安置和养老保险工作方案》洪人社办〔2023〕7号 二、（四）"


async def test_same_id_gets_the_same_answer_and_does_nothing_twice(client: Client) -> None:
    turn = said("有补贴吗")
    first, second = await post(client, turn), await post(client, turn)
    assert first == second
    assert len(client.site.talk.incoming) == 1


async def test_button_is_pressed_by_its_value(client: Client) -> None:
    _, body = await post(client, said("补贴多少"))
    value = body["messages"][1]["buttons"][0]["value"]
    status, body = await post(client, {"id": str(uuid.uuid4()), "value": value})
    assert (status, body["messages"][0]["text"]) == (200, "洪湖")
    assert client.site.talk.incoming[-1].value == value


async def test_messages_after_a_seq_are_read_again(client: Client) -> None:
    await post(client, said("一"))
    await post(client, said("二"))
    async with client.http.get("/chat/messages", params={"after": "2"}) as response:
        body = await response.json()
    assert [message["seq"] for message in body["messages"]] == [3, 4]


async def test_news_that_was_shown_counts_as_seen(client: Client) -> None:
    await post(client, said("一"))
    news = await client.site.talk.push(client.address, "办好了")
    async with client.http.get("/chat/messages", params={"after": "2"}) as response:
        assert [message["from"] for message in (await response.json())["messages"]] == ["staff"]
    assert client.site.talk.marked[client.address] == news.seq


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"text": "no id"}',
        b'{"id": "7", "text": "not a uuid"}',
        b'{"id": 7, "text": "a number"}',
        b'{"id": "0b0f6b8e-6f5e-4f6c-9d43-1e4f6f0a7c11"}',
        b'{"id": "0b0f6b8e-6f5e-4f6c-9d43-1e4f6f0a7c11", "text": 5}',
        b'{"id": "0b0f6b8e-6f5e-4f6c-9d43-1e4f6f0a7c11", "text": null, "value": []}',
        b"[" * 100_000,
    ],
)
async def test_malformed_body_is_refused_in_words(client: Client, body: bytes) -> None:
    async with client.http.post("/chat/messages", data=body) as response:
        found = await response.json()
    assert (response.status, found["error"]) == (400, "malformed")
    assert found["text"]
    assert not client.site.talk.incoming


async def test_body_over_a_megabyte_is_refused(client: Client) -> None:
    async with client.http.post("/chat/messages", json=said("长" * 1_100_000)) as response:
        assert (response.status, (await response.json())["error"]) == (413, "too_large")


async def test_body_over_a_megabyte_is_refused_even_if_it_does_not_say_so(client: Client) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b" " * 65536

    async with client.http.post("/chat/messages", data=endless()) as response:
        assert (response.status, (await response.json())["error"]) == (413, "too_large")


async def test_empty_text_is_for_the_conversation_to_answer(client: Client) -> None:
    assert (await post(client, said("")))[0] == 200


async def test_fault_of_ours_says_a_reference_and_nothing_of_the_fault(client: Client) -> None:
    status, body = await post(client, said("坏了"))
    assert (status, body["error"]) == (500, "internal")
    assert re.search(r"编号 [A-Z0-9]{6}", body["text"])
    assert "RuntimeError" not in body["text"]


async def test_file_is_counted_and_answered(client: Client) -> None:
    form = FormData(quote_fields=False)
    form.add_field("id", str(uuid.uuid4()))
    form.add_field("file", b"\x89PNG" * 1000, filename="工资条.png", content_type="image/png")
    async with client.http.post("/chat/attachments", data=form) as response:
        body = await response.json()
    assert (response.status, body["messages"][-1]["from"]) == (200, "bot")
    (attachment,) = client.site.talk.incoming[0].attachments
    assert (attachment.kind, attachment.size, attachment.name) == ("photo", 4000, "工资条.png")


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"MZ", "application/x-msdownload", 415, "attachment_type"),
        (b"x" * (11 * 1024 * 1024), "image/jpeg", 413, "too_large"),
    ],
)
async def test_strange_and_huge_files_are_refused(
    client: Client, content: bytes, media_type: str, status: int, code: str
) -> None:
    form = FormData()
    form.add_field("file", content, filename="x", content_type=media_type)
    async with client.http.post("/chat/attachments", data=form) as response:
        assert (response.status, (await response.json())["error"]) == (status, code)


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"nonsense", "malformed"),
        ({"Content-Type": "multipart/form-data"}, b"--x--", "malformed"),
        ({"Content-Type": "image/png"}, b"\x89PNG", "malformed"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x--\r\n", "attachment_missing"),
    ],
)
async def test_upload_that_is_none_is_refused(client: Client, headers: dict[str, str], body: bytes, code: str) -> None:
    async with client.http.post("/chat/attachments", data=body, headers=headers) as response:
        assert (response.status, (await response.json())["error"]) == (400, code)


async def test_form_sent_twice_is_one_message_and_other_words_are_another(client: Client) -> None:
    page = str(uuid.uuid4())
    for text in ("有补贴吗", "有补贴吗", "贷款呢"):
        async with client.http.post("/chat", data={"id": page, "text": text}, allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, "/")
    assert [incoming.text for incoming in client.site.talk.incoming] == ["有补贴吗", "贷款呢"]


async def test_page_shows_history_and_its_buttons_as_forms(client: Client) -> None:
    await post(client, said("有补贴吗"))
    async with client.http.get("/", headers=PAGE) as response:
        page = await response.text()
    assert 'id="m1"' in page
    assert "1000" in page
    assert "看文件原文" in page
    assert '<button class="opt" form="say" name="value" value="2-0">' in page


async def test_older_messages_are_behind_a_link_and_none_is_left_out(client: Client) -> None:
    client.site.talk.fill(client.address, 40)
    seen: list[int] = []
    path: str | None = "/"
    while path:
        async with client.http.get(path, headers=PAGE) as response:
            page = await response.text()
        seen += map(int, re.findall(r'data-seq="(\d+)"', page))
        link = re.search(r'href="(/\?before=\d+)"', page)
        path = link[1] if link else None
    assert sorted(seen) == list(range(1, 81))


async def test_piece_for_the_open_page_begins_where_it_ended(client: Client) -> None:
    await post(client, said("一"))
    async with client.http.post("/chat/messages?after=2", json=said("二"), headers=SCRIPT) as response:
        assert response.content_type == "text/html"
        assert re.findall(r'data-seq="(\d+)"', await response.text()) == ["3", "4"]


async def test_what_people_write_is_shown_as_words(client: Client) -> None:
    await post(client, said("<script>alert(1)</script>{{ 7*7 }}"))
    async with client.http.get("/", headers=PAGE) as response:
        page = await response.text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page


async def test_ending_gives_the_device_a_new_conversation(client: Client) -> None:
    await post(client, said("只有我知道的补贴"))
    before = client.address
    async with client.http.get("/chat/end", headers=PAGE) as response:
        assert "清空" in await response.text()
    async with client.http.post("/chat/end", headers=PAGE) as response:
        page = await response.text()
    assert client.address != before
    assert "只有我知道的补贴" not in page
    assert len(client.site.talk.messages[before]) == 2


async def test_place_of_the_person_is_in_the_header(client: Client) -> None:
    await post(client, said("你好"))
    client.site.place[client.address] = "洪湖市"
    async with client.http.get("/", headers=PAGE) as response:
        assert "您问的是 <b>洪湖市</b>" in await response.text()


async def test_text_size_and_theme_are_kept_by_cookie(client: Client) -> None:
    async with client.http.get("/menu?size=3&theme=dark", headers=PAGE) as response:
        page = await response.text()
        assert response.url.path_qs == "/menu"
    assert 'data-size="3" data-theme="dark"' in page
    async with client.http.get("/?theme=auto&size=1", headers=PAGE) as response:
        assert "data-theme" not in await response.text()


@pytest.mark.parametrize("path", ["/", "/menu", "/privacy", "/chat/end", "/nowhere", "/static/chat.css", "/healthz"])
async def test_every_answer_carries_the_security_headers(client: Client, path: str) -> None:
    async with client.http.get(path, headers=PAGE) as response:
        headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert ("no-store" in headers["Cache-Control"]) != path.startswith("/static/")


@pytest.mark.parametrize("path", ["/", "/menu", "/privacy", "/chat/end", "/nowhere"])
async def test_no_page_needs_inline_script_or_style(client: Client, path: str) -> None:
    async with client.http.get(path, headers=PAGE) as response:
        page = await response.text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", page)
    assert "http://" not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "https://" not in page


async def test_static_files_are_small_packed_and_kept(client: Client) -> None:
    async with client.http.get("/", headers=PAGE) as response:
        addresses = re.findall(r'"(/static/[^"]+)"', await response.text())
    assert {address.partition("?")[0] for address in addresses} >= {"/static/chat.css", "/static/live.js"}
    for address in addresses:
        async with client.http.get(address, headers={"Accept-Encoding": "gzip"}) as response:
            body = await response.read()
            assert response.headers["Content-Encoding"] == "gzip"
            assert "immutable" in response.headers["Cache-Control"]
            tag = response.headers["ETag"]
        if "live.js" in address:
            assert len(body) <= 8192
        async with client.http.get(address, headers={"If-None-Match": tag}) as response:
            assert response.status == 304


@pytest.mark.parametrize("name", ["nothing.css", "..%2Fpages.py", "__init__.py"])
async def test_nothing_else_is_served(client: Client, name: str) -> None:
    async with client.http.get(URL(f"{client.site.url}static/{name}", encoded=True)) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
async def test_what_another_site_sends_is_refused(client: Client, headers: dict[str, str]) -> None:
    async with client.http.post("/chat", data={"text": "登记"}, headers=headers) as response:
        assert (response.status, (await response.json())["error"]) == (403, "cross_site")
    assert not client.site.talk.incoming


async def test_errors_are_pages_for_people_and_json_for_scripts(client: Client) -> None:
    async with client.http.get("/nowhere", headers=PAGE) as response:
        assert (response.status, response.content_type) == (404, "text/html")
    async with client.http.get("/nowhere") as response:
        assert (response.status, (await response.json())["error"]) == (404, "not_found")
    async with client.http.put("/chat/messages") as response:
        assert (response.status, (await response.json())["error"]) == (405, "not_allowed")
        assert "POST" in response.headers["Allow"]


async def test_ready_tells_what_is_not(site: Site) -> None:
    async with aiohttp.ClientSession(site.url) as http:
        async with http.get("/healthz") as response:
            assert response.status == 200
        async with http.get("/readyz") as response:
            assert (response.status, await response.json()) == (200, {"ready": True, "faults": {}})
        site.faults["telegram"] = "telegram_unreachable"
        async with http.get("/readyz") as response:
            assert response.status == 503
            assert (await response.json())["faults"] == {"telegram": "telegram_unreachable"}


async def test_one_conversation_may_only_say_so_much(settings: Settings, clock: FixedClock) -> None:
    limits = Limits(conversation=Allowance(burst=3, per_second=0.5))
    async with serve(settings, clock, limits=limits) as site, open_client(site) as client:
        turns = [said(str(number)) for number in range(4)]
        assert [(await post(client, turn))[0] for turn in turns] == [200, 200, 200, 429]
        async with client.http.post("/chat/messages", json=turns[3]) as response:
            assert response.headers["Retry-After"] == "2"
            assert (await response.json())["error"] == "too_many"
        clock.advance(seconds=2)
        assert (await post(client, turns[3]))[0] == 200
        async with open_client(site) as other:
            assert (await post(other, said("另一台")))[0] == 200


async def test_one_address_may_only_open_so_many_conversations(settings: Settings, clock: FixedClock) -> None:
    limits = Limits(newcomers=Allowance(burst=2, per_second=0.1), address=Allowance(burst=100, per_second=1))
    async with (
        serve(settings, clock, limits=limits) as site,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        found = []
        for _ in range(3):
            async with http.post(f"{site.url}chat/messages", json=said("你好")) as response:
                found.append(response.status)
        assert found == [200, 200, 429]


async def test_forwarded_address_counts_only_behind_our_own_proxy(settings: Settings, clock: FixedClock) -> None:
    limits = Limits(address=Allowance(burst=3, per_second=0.1))
    trusting = load_settings({}, data_dir=settings.data_dir, http_port=0, trust_proxy=True)
    for chosen, expected in ((settings, [200, 200, 429]), (trusting, [200, 200, 200])):
        async with serve(chosen, clock, limits=limits) as site, open_client(site) as client:
            found = []
            for number in range(3):
                headers = {"X-Forwarded-For": f"203.0.113.9, 198.51.100.{number}"}
                found.append((await post(client, said("你好"), headers=headers))[0])
            assert found == expected


async def test_port_in_use_stops_the_start_with_its_exit_code(settings: Settings, clock: FixedClock) -> None:
    async with serve(settings, clock) as site:
        taken = load_settings({}, data_dir=settings.data_dir, http_port=int(site.url.rsplit(":", 1)[1].strip("/")))
        with pytest.raises(StartupError, match="in use") as caught:
            async with serve(taken, clock):
                pass
    assert caught.value.exit_code == 4


async def test_a_message_without_words_is_shown_as_such(client: Client) -> None:
    async with client.http.post("/chat", data={"text": "", "id": "p1"}) as response:
        page = await response.text()
    bubble = page.split('class="msg me"')[1].split("</article>")[0]
    assert '<p class="hint">' in bubble
