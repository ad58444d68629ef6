import { describe, expect, it } from "vitest";
import { unitsOf } from "./units-of.ts";

describe("Python units", () => {
  it("are functions, classes with their methods, imports and constants", async () => {
    const text = `\
#!/usr/bin/env python3
# Licence: MIT
"""Sends requests."""
from __future__ import annotations

import os
import typing as t

if t.TYPE_CHECKING:
    from .app import App
try:
    import simplejson as json
except ImportError:
    import json

# How long to wait.
TIMEOUT = 30  # seconds
RETRIES: int = 3
type Url = str


@decorate(
    "twice",
)
async def fetch(url: Url) -> bytes:
    """Fetches it."""
    def inner(): pass
    return await inner()


# About the client.
class Client(Base, metaclass=Meta):
    """Talks."""

    limit = 10

    def open(self): pass

    # Why.
    @property
    def url(self):
        return self._url

    class Error(Exception):
        def code(self):
            return 1


os.environ["A"] = "1"
if __name__ == "__main__":
    def main():
        fetch("x")
    main()
`;
    expect(await unitsOf("python", text)).toEqual([
      "docs 1-3",
      "use 4-14",
      "const TIMEOUT 16-17",
      "const RETRIES 18",
      "type Url 19",
      "function fetch 22-28",
      "class Client 31-35",
      "method Client::open 37",
      "method Client::url 39-42",
      "class Client::Error 44",
      "method Client::Error::code 45-46",
      "function main 51-52",
      "code 49-50",
      "code 53",
    ]);
  });

  it("are tests where pytest or unittest would find them", async () => {
    const text = `\
def test_opens(client):
    assert client.open()

@pytest.mark.parametrize("n", [1])
def test_many(n): ...

def helper(): ...

class TestClient:
    def test_url(self): ...
    def setup(self): ...

class Routing(unittest.TestCase):
    def testFind(self): ...

class Flask:
    def test_client(self): ...
`;
    expect(await unitsOf("python", text)).toEqual([
      "test test_opens 1-2 *",
      "test test_many 4-5 *",
      "function helper 7",
      "class TestClient 9 *",
      "test TestClient::test_url 10 *",
      "method TestClient::setup 11 *",
      "class Routing 13 *",
      "test Routing::testFind 14 *",
      "class Flask 16",
      "method Flask::test_client 17",
    ]);
  });

  it("are found around a syntax error", async () => {
    const text = "def a():\n    return 1\n\nx = = 3\n\ndef b():\n    return 2\n";
    const units = await unitsOf("python", text);
    expect(units).toContain("function a 1-2");
    expect(units).toContain("function b 6-7");
  });
});
