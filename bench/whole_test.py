"""Does a harmless answer arrive whole? Run beside the scripts of the shared bench (SCRIPT=).

Without this a gateway that stops everything would look very fast: measure.py counts an answer of
status 200 as done, and a blocked answer may well have that status.
"""

import argparse
import asyncio
import json

import client  # the shared bench's own, which lies beside the copy of this file
from scenarios import answer_text


async def whole(args, scenario, chunks, stream):
    asked = client.body(scenario, chunks, 0, stream)
    headers = args.headers.replace("\\r\\n", "\r\n")
    got = await client.call(args.port, asked, args.path, headers)
    text, ending = client.text_of(got)
    # Contained, not equal: a gateway may add a label before or after the text.
    arrived = answer_text(scenario, chunks) in (text or "")
    return {"status": got["status"], "whole": arrived, "chars": len(text or ""), "end": ending[-2:]}


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--name")
    parser.add_argument("--port", type=int)
    parser.add_argument("--path", default="/v1/chat/completions")
    parser.add_argument("--headers", default="")
    parser.add_argument("--pid", type=int, default=0)
    args = parser.parse_args()
    # The very sizes that measure.py times: 20 and 50 chunks at once, 200 streamed.
    runs = [
        ("clean", 20, False),
        ("clean", 50, False),
        ("clean", 200, True),
        ("clean-en", 200, True),
    ]
    out = {"name": args.name}
    for scenario, chunks, stream in runs:
        key = f"{scenario} {chunks} {'streamed' if stream else 'at once'}"
        out[key] = await whole(args, scenario, chunks, stream)
    print(json.dumps(out, ensure_ascii=False, indent=1))


asyncio.run(main())
