#!/usr/bin/env python3
"""A worker of one's own: reads one assignment from stdin, writes frames to stdout (docs/worker-protocol.md)."""
import json, os, sys, threading, time

assignment = json.loads(sys.stdin.readline())

def lifeline():  # stdin ends when llem is gone: take the whole process group along
    sys.stdin.read()
    os.killpg(os.getpid(), 9)

threading.Thread(target=lifeline, daemon=True).start()

def frame(type, **fields):
    sys.stdout.write("\x1e" + json.dumps({"type": type, "token": assignment["token"], **fields}) + "\n")
    sys.stdout.flush()

def wait_at_gate():  # other runs are made beside this one: wait, without computing, until it may be measured
    if "gate" in assignment:
        frame("ready")
        while not os.path.exists(assignment["gate"]):
            time.sleep(0.008)

frame("hello", backend="sleeper", versions={"python": sys.version.split()[0]}, pid=os.getpid(), devices=["cpu"])
batch, n = assignment["config"]["params"]["batch"], assignment["config"]["n"]
# load your model here
wait_at_gate()
# warm up here
frame("phase", name="measure", edge="begin", t_ns=time.monotonic_ns())
for index in range(n):
    start = time.monotonic_ns()
    time.sleep(0.02 / batch)  # your model here
    e2e = (time.monotonic_ns() - start) / 1e6
    frame("request", index=index, input_tokens=8, output_tokens=1, t_start_ns=start, ttft_ms=e2e, e2e_ms=e2e)
    frame("progress", done=index + 1, total=n, unit="requests")
frame("phase", name="measure", edge="end", t_ns=time.monotonic_ns())
frame("result", input_tokens=8 * n, output_tokens=n, requests=n, metrics={"batch": batch})
os._exit(0)
