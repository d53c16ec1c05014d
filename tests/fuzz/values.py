"""Values that break things."""

import math

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

QUICK = settings(
    deadline=None, max_examples=max(1, settings.default.max_examples // 3), suppress_health_check=list(HealthCheck)
)
SOME = settings(QUICK, max_examples=max(1, settings.default.max_examples // 8))
FEW = settings(QUICK, max_examples=max(1, settings.default.max_examples // 20))
THOROUGH = settings(QUICK, max_examples=settings.default.max_examples)

ABSURD = st.sampled_from(
    [
        math.inf,
        -math.inf,
        math.nan,
        1e300,
        -1e300,
        5e-324,
        1e16,
        -1.0,
        0.0,
        0.5,
        1.0,
        2.0,
        10**400,
        2**63,
        -(2**63),
        -1,
        0,
    ]
)
FLOATS = st.floats() | st.sampled_from([math.inf, -math.inf, 1e308, -1e308, 1e300, 1e150, 0.0, 0.5, 1.0])
COUNTS = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([0, 1, 2**63 - 1])
TEXT = st.text(max_size=30) | st.sampled_from(["\x00", "\ud800", "\x1b[31m", "\u202e", "\n", "'\"<>&|`", "<|im_end|>"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | ABSURD | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)
DEEP = [b"[" * 3_000, b"[" * 900 + b"]" * 900, b'{"a":' * 3_000, b'{"error":' * 900 + b'"x"' + b"}" * 900, b"9" * 5_000]
