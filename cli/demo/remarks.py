"""English feedback, made up from phrases: a topic, a mood, and how it is said."""

OPENINGS = ("", "", "To be honest, ", "For the record: ", "As a regular customer I must say: ", "Just a short note: ")
CLOSINGS = (
    "",
    "",
    " Please pass this on.",
    " I wanted you to know.",
    " I am happy to answer questions.",
    " That is all from me.",
)

COMPLAINTS = {
    "late delivery": (
        "the delivery arrived {days} days late and nobody told me why.",
        "delivery was promised within the week, the parcel came after {days} days.",
        "I ordered a birthday present and the late delivery spoiled the day.",
    ),
    "cracked case": (
        "the case was cracked when I opened the parcel, the second time this year.",
        "two of the jewel cases were cracked; the packaging is far too thin.",
        "the disc plays, but the case was cracked in transit.",
    ),
    "wrong disc": (
        "I ordered the {genre} {format} and got a wrong disc.",
        "wrong disc in the box; now I have to send it back at my own cost.",
    ),
    "scratched disc": (
        "the disc is scratched and skips on track {days}.",
        "a scratched disc in a sealed box, that should not happen.",
    ),
    "customer service": (
        "customer service did not answer my e-mail for {days} days.",
        "customer service was polite but could not help with my refund.",
    ),
    "shipping cost": (
        "the shipping cost is too high for a single disc.",
        "shipping cost nearly as much as the disc itself.",
    ),
    "website": (
        "the website lost my shopping cart twice before I could pay.",
        "searching the website for {genre} shows everything but what I want.",
    ),
}

PRAISE = {
    "fast delivery": (
        "fast delivery, the parcel was here after two days.",
        "impressed by the fast delivery, even before the holidays.",
    ),
    "selection": (
        "a great selection of {genre}, better than any shop in town.",
        "I found the {genre} {format} that I had looked for for years; wonderful selection.",
    ),
    "customer service": (
        "customer service replaced my disc without any questions.",
        "friendly customer service, my problem was solved in a day.",
    ),
    "price": (
        "a fair price for the {genre} {format}.",
        "the price was lower than anywhere else, I will order again.",
    ),
    "recommendations": (
        "the recommendations are excellent, I bought two more discs because of them.",
        "your {genre} recommendations know my taste better than my friends do.",
    ),
}

SUGGESTIONS = (
    "please let us listen to a minute of each {genre} disc before we buy.",
    "it would help to see the expected delivery date in the shopping cart.",
    "a wish list that friends can see would make presents easier.",
    "offer gift wrapping for the {format}s, please.",
)
