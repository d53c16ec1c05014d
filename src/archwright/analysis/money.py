"""What language models cost, in words; the currency is that of `llm.price_in`."""

from archwright.analysis.summary import Totals
from archwright.analysis.text import count


def describe_money(totals: Totals) -> str:
    """Return what the models cost and how far that is an estimate; empty where there is nothing to say."""
    words = []
    if totals.money is not None:
        words.append(f"language models cost {totals.money:,.4f} at the prices given")
    if totals.estimated_calls:
        requests = "1 request" if totals.estimated_calls == 1 else f"{count(totals.estimated_calls)} requests"
        words.append(f"the server did not count the tokens of {requests}, which are estimated")
    return "; ".join(words)
