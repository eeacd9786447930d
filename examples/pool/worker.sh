#!/bin/sh
# Stands in for an engine: loads for $1 seconds, waits until it may be measured, works for $2 seconds. See docs/worker-protocol.md.
IFS= read -r assignment
token=${assignment#*'"token":"'} token=${token%%'"'*}
case $assignment in *'"gate":"'*) gate=${assignment#*'"gate":"'} gate=${gate%%'"'*} ;; *) gate= ;; esac
frame() { printf '\036{"token":"%s",%s}\n' "$token" "$1"; }
now_ns() { read -r up _ </proc/uptime && echo "${up%.*}${up#*.}0000000"; }
phase() { frame "\"type\":\"phase\",\"name\":\"$1\",\"edge\":\"$2\",\"t_ns\":$(now_ns)"; }

frame "\"type\":\"hello\",\"backend\":\"sleep\",\"versions\":{},\"pid\":$$,\"devices\":[\"cuda:0\"]"
phase load begin
sleep "$1" # your model here
phase load end
# Other runs are made beside this one.
if [ -n "$gate" ]; then
  frame '"type":"ready"'
  until [ -e "$gate" ]; do sleep 0.01; done
fi
phase measure begin
sleep "$2" # and its work here
phase measure end
frame '"type":"result","output_tokens":100,"requests":1'
