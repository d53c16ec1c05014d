"""A loopback chat server that answers in one of many awkward ways, each seen in a public report: awkward_server.py PORT MODE"""

# ruff: noqa
# mypy: ignore-errors
import sys, json, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, MODE = int(sys.argv[1]), sys.argv[2]
NET = """import torch.nn as nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(in_shape[1], 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten()
        )
        self.head = nn.Linear(32, out_shape[0])

    def forward(self, x):
        return self.head(self.body(x))
"""
ADVICE = '{"reason": "r", "inspiration": "i", "improvement_suggestions": "s"}'
n = 0


def variant(i):
    return (
        NET.replace("8, 3", f"{8 + i}, 3")
        .replace("BatchNorm2d(8)", f"BatchNorm2d({8 + i})")
        .replace("Linear(32", f"Linear({4 * (8 + i)}")
    )


def chat(content, finish="stop", **msg):
    return {
        "id": "x",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content, **msg}, "finish_reason": finish}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30},
    }


class H(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *a):
        pass

    def send(self, code, obj, headers={}):
        b = obj if isinstance(obj, bytes) else json.dumps(obj).encode()
        self.send_response(code)
        h = {"Content-Type": "application/json", "Content-Length": str(len(b)), **headers}
        for k, v in h.items():
            self.send_header(k, v)
        self.end_headers()
        self.wfile.write(b)

    def do_GET(self):
        self.send(200, {"data": [{"id": "m"}]})

    def do_POST(self):
        global n
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        n += 1
        i = n
        ok = chat("```python\n" + variant(i) + "```")
        m = MODE
        if m in ("schema_refused", "json_refused"):
            form = body.get("response_format", {}).get("type")
            if form == "json_schema" or (form and m == "json_refused"):
                return self.send(400, {"error": {"message": f"response_format of type {form} is not supported"}})
            return self.send(200, chat(json.dumps({"reason": "r", "improvement_suggestions": form or "none"})))
        if m == "too_many":
            if i % 2:
                return self.send(429, {"error": {"message": "Rate limit reached"}}, {"Retry-After": "0.05"})
            return self.send(200, ok)
        if m == "uncounted":
            return self.send(200, {**ok, "usage": None})
        if m == "reasoned":
            thought = chat("```python\n" + variant(1) + "```", reasoning_content="x")
            thought["usage"] = {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 1030}
            return self.send(200, thought)
        if m == "improver_too_long":
            if "You advise the author" in body["messages"][-1]["content"] and "problem: " in str(body["messages"]):
                return self.send(400, {"error": {"message": "maximum context length is 512 tokens"}})
            return self.send(
                200, chat(ADVICE if "You advise" in str(body["messages"]) else ok["choices"][0]["message"]["content"])
            )
        if m == "ok":
            return self.send(200, ok)
        if m == "reasoning_null":
            return self.send(200, chat(None, reasoning_content="think about it\n```python\n" + variant(i) + "```\n"))
        if m == "reasoning_null_length":
            return self.send(200, chat(None, "length", reasoning_content="long thoughts " * 50))
        if m == "reasoning_ok":
            return self.send(200, chat("```python\n" + variant(i) + "```", reasoning_content="x"))
        if m == "parts":
            return self.send(200, chat([{"type": "text", "text": "```python\n" + variant(i) + "```"}]))
        if m == "thinkparts":
            return self.send(
                200,
                chat(
                    [
                        {"type": "thinking", "thinking": [{"type": "text", "text": "hmm"}]},
                        {"type": "text", "text": "```python\n" + variant(i) + "```"},
                    ]
                ),
            )
        if m == "mct":
            if "max_tokens" in body:
                return self.send(
                    400,
                    {
                        "error": {
                            "message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                            "type": "invalid_request_error",
                            "param": "max_tokens",
                            "code": "unsupported_parameter",
                        }
                    },
                )
            return self.send(200, ok)
        if m == "temp":
            if body.get("temperature") != 1:
                return self.send(
                    400,
                    {
                        "error": {
                            "message": "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
                            "param": "temperature",
                            "code": "unsupported_value",
                        }
                    },
                )
            return self.send(200, ok)
        if m == "gemini":
            bad = [k for k in ("seed", "top_k") if k in body]
            if bad:
                return self.send(
                    400,
                    [
                        {
                            "error": {
                                "code": 400,
                                "message": "".join(
                                    f'Invalid JSON payload received. Unknown name "{k}": Cannot find field.\n'
                                    for k in bad
                                ),
                                "status": "INVALID_ARGUMENT",
                            }
                        }
                    ],
                )
            return self.send(200, ok)
        if m == "ctx_some":  # one request in three is too long
            if i % 3 == 0:
                return self.send(
                    400,
                    {
                        "object": "error",
                        "message": "This model's maximum context length is 2048 tokens. However, you requested 2600 tokens (552 in the messages, 2048 in the completion). Please reduce the length of the messages or completion.",
                        "type": "BadRequestError",
                        "param": None,
                        "code": 400,
                    },
                )
            return self.send(200, ok)
        if m == "ctx_all":
            return self.send(
                400,
                {
                    "object": "error",
                    "message": "This model's maximum context length is 2048 tokens. However, you requested 2600 tokens (552 in the messages, 2048 in the completion).",
                    "type": "BadRequestError",
                    "param": None,
                    "code": 400,
                },
            )
        if m == "filter_some":
            if i % 3 == 0:
                return self.send(
                    400,
                    {
                        "error": {
                            "message": "The response was filtered due to the prompt triggering content management policy.",
                            "code": "content_filter",
                        }
                    },
                )
            return self.send(200, ok)
        if m == "err200":
            if i % 2 == 1:
                return self.send(200, {"error": {"message": "Rate limit exceeded: free-models-per-day", "code": 429}})
            return self.send(200, ok)
        if m == "err200_all":
            return self.send(200, {"error": {"message": "Insufficient credits on this account", "code": 402}})
        if m == "nochoice":
            return self.send(200, {"choices": [], "usage": {}})
        if m == "sse":
            b = ("data: " + json.dumps({"choices": [{"delta": {"content": "x"}}]}) + "\n\ndata: [DONE]\n\n").encode()
            return self.send(200, b, {"Content-Type": "text/event-stream"})
        if m == "nomodel":
            return self.send(
                404,
                {"error": {"message": 'model "qwen2.5-coder:7b" not found, try pulling it first', "type": "api_error"}},
            )
        if m == "redir":
            return (
                self.send(307, b"", {"Location": self.path + "/"})
                if not self.path.endswith("/")
                else self.send(200, ok)
            )
        if m == "loading":
            if i <= 3:
                return self.send(503, {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}})
            return self.send(200, ok)
        if m == "retry_after_long":
            return self.send(429, {"error": {"message": "slow down"}}, {"Retry-After": "3600"})
        if m == "conflict408":
            if i <= 1:
                return self.send(408, {"error": {"message": "request timeout"}})
            return self.send(200, ok)
        if m == "think":
            return self.send(
                200,
                chat(
                    "<think>\nFirst idea:\n```python\nclass Net(nn.Module):\n    def __init__(self, in_shape, out_shape, prm, device):\n        super().__init__()\n        self.a = nn.Linear(7, 3)\n        # far too small, and the shape is wrong; this is only a first thought that I throw away again\n        # so let us make this block longer than the final one to see which of the two is taken in the end\n        # padding padding padding padding padding padding padding padding padding padding padding padding\n        # padding padding padding padding padding padding padding padding padding padding padding padding\n        # padding padding padding padding padding padding padding padding padding padding padding padding\n    def forward(self, x):\n        return self.a(x)\n```\nNo.\n</think>\n```python\n"
                    + variant(i)
                    + "```"
                ),
            )
        if m == "usage_str":
            o = json.loads(json.dumps(ok))
            o["usage"] = {"prompt_tokens": "12", "completion_tokens": None}
            return self.send(200, o)
        if m == "html":
            return self.send(200, b"<html><body>Sign in to your proxy</body></html>", {"Content-Type": "text/html"})
        if m == "surrogate":
            return self.send(200, json.dumps(chat("```python\n# \ud83d lone\n" + variant(i) + "```")).encode())
        if m == "nul":
            return self.send(200, chat("```python\n# a\x00b\n" + variant(i) + "```"))
        if m == "bom":
            return self.send(200, chat("```python\n\ufeff" + variant(i) + "```"))
        if m == "crlf":
            return self.send(200, chat(("```python\n" + variant(i) + "```\n").replace("\n", "\r\n")))
        if m.startswith("file:"):
            return self.send(200, chat(open(m[5:]).read()))


ThreadingHTTPServer(("127.0.0.1", PORT), H).serve_forever()
