"""What can be heard of feedback."""

import strawberry

from api.events.types import Event, EventTopic
from api.feedback.types import FeedbackItem, FeedbackTheme
from api.graph.events import happenings, subject


@strawberry.type(description="Something that a customer said reached us, or was corrected.")
class FeedbackEvent(Event):
    feedback_item: FeedbackItem | None = subject(
        "The item as it now stands, read or not; null where it is no longer to be seen."
    )


@strawberry.type(description="A theme was found, or dissolved.")
class ThemeEvent(Event):
    feedback_theme: FeedbackTheme | None = subject("The theme as it now stands; null where it is no longer to be seen.")


@strawberry.type
class FeedbackSubscriptions:
    feedback_changed: FeedbackEvent = happenings(
        EventTopic.FEEDBACK_RECORDED,
        EventTopic.FEEDBACK_IMPORTED,
        description="Feedback received and corrected: one item, or all that you may see.",
    )
    theme_changed: ThemeEvent = happenings(
        EventTopic.THEME_FOUND,
        EventTopic.THEME_DISSOLVED,
        description="Themes found and dissolved: one of them, or all that you may see.",
    )
