"""What can be heard of surveys."""

import strawberry

from api.events.types import Event, EventTopic
from api.graph.events import happenings, subject
from api.surveys.types import Survey, SurveyResponse


@strawberry.type(description="Something that happened to a survey.")
class SurveyEvent(Event):
    survey: Survey | None = subject("The survey as it now stands; null where it is no longer to be seen.")


@strawberry.type(description="A customer answered a survey.")
class SurveyResponseEvent(Event):
    survey_response: SurveyResponse | None = subject("The answer; null where it is no longer to be seen.")


@strawberry.type
class SurveySubscriptions:
    survey_changed: SurveyEvent = happenings(
        EventTopic.SURVEY_CREATED,
        EventTopic.SURVEY_UPDATED,
        EventTopic.SURVEY_OPENED,
        EventTopic.SURVEY_CLOSED,
        description="Surveys written, changed, opened and closed: one of them, or all that you may see.",
    )
    survey_response_changed: SurveyResponseEvent = happenings(
        EventTopic.SURVEY_RESPONSE_RECORDED,
        description="Answers to surveys as they come in: one of them, or all that you may see.",
    )
