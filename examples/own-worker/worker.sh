#!/usr/bin/env bash
# A worker of one's own in Bash and jq: see docs/worker-protocol.md.
read -r assignment
token=$(jq -r .token <<<"$assignment")
n=$(jq -r .config.n <<<"$assignment")
frame() { jq -cn --arg token "$token" "{token: \$token} + $1" | sed $'s/^/\x1e/'; }
# The closest that a shell comes to CLOCK_MONOTONIC: this clock goes on while the machine sleeps.
now_ns() { echo "($(cut -d' ' -f1 /proc/uptime) * 1000000000 | floor)"; }

frame "{type: \"hello\", backend: \"bash\", versions: {bash: \"$BASH_VERSION\"}, pid: $$, devices: [\"cpu\"]}"
# Other runs are made beside this one: wait until it may be measured.
gate=$(jq -r '.gate // empty' <<<"$assignment")
if [ -n "$gate" ]; then
  frame '{type: "ready"}'
  until [ -e "$gate" ]; do sleep 0.01; done
fi
frame "{type: \"phase\", name: \"measure\", edge: \"begin\", t_ns: $(now_ns)}"
for ((i = 0; i < n; i++)); do
  sleep 0.01 # your model here
done
frame "{type: \"phase\", name: \"measure\", edge: \"end\", t_ns: $(now_ns)}"
frame "{type: \"result\", output_tokens: $n, requests: $n}"
