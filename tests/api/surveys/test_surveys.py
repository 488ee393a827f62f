"""Surveys through the graph: asked, answered, read beside the feedback that came of them, and scored in one statement."""

from typing import Any

import pytest

from domain.customers.models import Customer
from domain.surveys.models import SurveyResponse
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
CREATE = """mutation ($input: SurveyCreateInput!) { surveyCreate(input: $input) {
  survey { id state kind } userErrors { field message code } } }"""
OPEN = "mutation ($id: ID!) { surveyOpen(id: $id) { survey { state openedAt version } userErrors { message } } }"
CLOSE = "mutation ($id: ID!) { surveyClose(id: $id) { survey { state closedAt } userErrors { message code } } }"
RESPOND = """mutation ($id: ID!, $input: SurveyRespondInput!, $once: String) {
  surveyRespond(surveyId: $id, input: $input, idempotencyKey: $once) {
    surveyResponse { id score customer { name } feedbackItem { text source surveyResponse { score } } }
    userErrors { field message code } } }"""
SCORE = """query ($id: ID!) { surveyScore(surveyId: $id, start: "2024-01-01", end: "2124-01-01") {
  kind responseCount value standardError low high counts { score responseCount } } }"""


async def fielding(graph: Graph, kind: str = "NPS") -> str:
    given = {"name": f"A {kind}", "kind": kind, "question": "Would you?"}
    survey = (await graph.ask(CREATE, input=given))["surveyCreate"]["survey"]
    assert (survey["state"], survey["kind"]) == ("DRAFT", kind)
    opened = (await graph.ask(OPEN, id=survey["id"]))["surveyOpen"]["survey"]
    assert (opened["state"], opened["version"]) == ("FIELDING", 2)
    key: str = survey["id"]
    return key


def words(statements: list[str]) -> list[str]:
    return [statement.split()[0].rstrip(";") for statement in statements]


async def test_an_answer_with_words_is_feedback_too(rob: Graph) -> None:
    customer = await Customer.create(kind="person", name="Kim", created_at=NOW, updated_at=NOW)
    survey = await fielding(rob)
    given = {"score": 3, "text": "Late.", "customerId": f"cus_{customer.id.hex}"}
    await rob.ask(RESPOND, id=survey, input=given)
    with rob.counting() as statements:
        answer = (await rob.ask(RESPOND, id=survey, input=given))["surveyRespond"]
    assert answer["userErrors"] == []
    made = answer["surveyResponse"]
    assert (made["score"], made["customer"]) == (3, {"name": "Kim"})
    assert made["feedbackItem"] == {"text": "Late.", "source": "SURVEY", "surveyResponse": {"score": 3}}
    assert words(statements) == ["BEGIN", "SELECT", "SELECT", "SELECT", "WITH", "WITH", "SELECT", "COMMIT"]
    with rob.counting() as statements:
        await rob.ask(RESPOND, id=survey, input={"score": 9})
    assert words(statements) == ["BEGIN", "SELECT", "WITH", "SELECT", "COMMIT"]


async def test_an_answer_sent_twice_counts_once(rob: Graph) -> None:
    survey = await fielding(rob)
    answers = [await rob.ask(RESPOND, id=survey, input={"score": 9}, once="K") for _ in range(2)]
    assert answers[0] == answers[1]
    assert await SurveyResponse.all().count() == 1


async def test_a_closed_survey_says_so(rob: Graph) -> None:
    survey = await fielding(rob)
    closed = (await rob.ask(CLOSE, id=survey))["surveyClose"]["survey"]
    assert closed["state"] == "CLOSED"
    (error,) = (await rob.ask(RESPOND, id=survey, input={"score": 9}))["surveyRespond"]["userErrors"]
    assert (error["field"], error["code"]) == (["surveyId"], "CONFLICT")
    assert error["message"] == "The survey is closed and takes no answers: make a new survey to ask again."
    assert await SurveyResponse.all().count() == 0


async def test_a_score_takes_one_statement(rob: Graph) -> None:
    survey = await fielding(rob)
    for score in (10, 9, 9, 9, 9, 8, 7, 7, 6, 0):
        await rob.ask(RESPOND, id=survey, input={"score": score})
    await rob.ask(SCORE, id=survey)
    with rob.counting() as statements:
        score = (await rob.ask(SCORE, id=survey))["surveyScore"]
    assert words(statements) == ["SELECT"]
    assert (score["kind"], score["responseCount"], score["value"]) == ("NPS", 10, pytest.approx(30))
    assert score["standardError"] == pytest.approx(100 * (0.61 / 10) ** 0.5)
    assert score["low"] < 30 < score["high"]
    assert [(each["score"], each["responseCount"]) for each in score["counts"]] == [
        (0, 1), (6, 1), (7, 2), (8, 1), (9, 4), (10, 1),
    ]  # fmt: skip
    assert (await rob.ask(SCORE, id="srv_" + "0" * 32))["surveyScore"] is None


async def test_surveys_are_read_with_their_answers(rob: Graph) -> None:
    survey = await fielding(rob, "CSAT")
    for score, text in ((5, "Fine."), (1, "Bad."), (4, None)):
        await rob.ask(RESPOND, id=survey, input={"score": score, "text": text})
    query = """{ surveys(where: {state: {eq: FIELDING}}) { nodes { name
        responses(first: 5, where: {score: {lte: 4}}) { nodes { score } }
        responsesAggregate { count avg { score } } } }
      feedbackItems(where: {surveyResponse: {score: {eq: 1}}}) { nodes { text rating } } }"""
    await rob.ask(query)
    with rob.counting() as statements:
        data: dict[str, Any] = await rob.ask(query)
    assert len(statements) == 1
    (found,) = data["surveys"]["nodes"]
    assert sorted(each["score"] for each in found["responses"]["nodes"]) == [1, 4]
    assert found["responsesAggregate"]["count"] == 3
    assert data["feedbackItems"]["nodes"] == [{"text": "Bad.", "rating": 1}]


async def test_strangers_are_told_nothing(graph: Graph, rob: Graph) -> None:
    survey = await fielding(rob)
    assert await graph.code(SCORE, id=survey) == "UNAUTHENTICATED"
    assert await graph.code(RESPOND, id=survey, input={"score": 1}) == "UNAUTHENTICATED"
