"""The page of one ticket: what it shows, to whom, and what it keeps back."""

from __future__ import annotations

from tests.console.site import ConsoleSite


async def test_a_clerk_reads_a_ticket_of_their_queue(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    clerk = await console.sign_in("zhou")
    page = await clerk.get(f"/staff/tickets/{number}")
    assert page.status == 200, page.text
    assert page.has_action("claim")
    assert "缴费补贴没到账" in page.text


async def test_a_case_is_worked_from_claim_to_answer(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    path = f"/staff/tickets/{number}"
    clerk = await console.sign_in("zhou")
    for act, fields in (
        ("claim", {}),
        ("note", {"text": "名单里有，卡号少一位"}),
        ("reply", {"text": "您好，卡号核一下"}),
        ("contact", {"text": "打通了，给了新卡号", "how": "phone"}),
        ("answer", {"text": "补发好了", "closing": "solved"}),
    ):
        done = await clerk.post(f"{path}/{act}", **fields)
        assert (done.status, done.location) == (303, f"{path}?done={act}"), done.text
    assert (await console.bureau.ticket(number)).state == "answered"
    page = await clerk.get(path)
    assert "卡号少一位" in page.text
