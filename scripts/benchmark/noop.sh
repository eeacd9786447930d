#!/bin/sh
# The least that can be a worker: reads the assignment, says hello, sends an empty result. It starts no other program,
# unless it is told to rest for so many seconds in between.
IFS= read -r assignment
token=${assignment#*'"token":"'}
token=${token%%'"'*}
printf '\036{"type":"hello","token":"%s","backend":"noop","versions":{},"pid":%d,"devices":[]}\n' "$token" "$$"
[ -z "${1-}" ] || sleep "$1"
printf '\036{"type":"result","token":"%s"}\n' "$token"
