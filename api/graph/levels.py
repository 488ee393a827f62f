"""One pass over the rows of an aggregate, in two levels that add up.

The first reads the rows and adds up those of one key and one currency; the second adds these up by key, and lists money
by currency. So all figures of a list, or of all its groups, come from reading its rows once.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Levels:
    """The columns of both levels of a pass, by their SQL: keys and a currency, then what is added up.

    `x` is the first level as the second sees it, `alias` the second as what is around sees it.
    """

    alias: str
    keys: list[str] = field(default_factory=list)
    currency: str | None = None
    first: list[str] = field(default_factory=list)
    second: list[str] = field(default_factory=list)

    def added(self, sql: str) -> str:
        """This will have the first level give a value, and name it for the second."""
        if sql not in self.first:
            self.first.append(sql)
        return f"x.f{self.first.index(sql)}"

    def given(self, sql: str) -> str:
        """This will have the second level give a value, and name it for what is around."""
        if sql not in self.second:
            self.second.append(sql)
        return f"{self.alias}.v{self.second.index(sql)}"

    def count(self) -> str:
        """This will have the records counted, and name their number for what is around."""
        return self.given(f"coalesce(sum({self.added('count(*)')}), 0)::int8")

    def of_currency(self, sql: str) -> str:
        """This will have the first level keep currencies apart, and name them for the second."""
        if self.currency not in (None, sql):
            raise TypeError("money in columns of several currencies cannot be added up in one pass")
        self.currency = sql
        return f"x.b{len(self.keys)}"

    def sql(self, rows: str) -> str:
        """This will give the select over the rows: one row, or one for each key that there is, with `k0`, `k1`, …"""
        by = [*self.keys, self.currency] if self.currency else self.keys
        columns = [f"{sql} AS b{place}" for place, sql in enumerate(by)]
        columns += [f"{sql} AS f{place}" for place, sql in enumerate(self.first)]
        outer = [f"x.b{place} AS k{place}" for place in range(len(self.keys))]
        outer += [f"{sql} AS v{place}" for place, sql in enumerate(self.second)]
        inner = f"SELECT {', '.join(columns)} FROM {rows}{_grouped(len(by))}"
        return f"SELECT {', '.join(outer)} FROM ({inner}) x{_grouped(len(self.keys))}"


def _grouped(columns: int) -> str:
    return f" GROUP BY {', '.join(str(place + 1) for place in range(columns))}" if columns else ""
