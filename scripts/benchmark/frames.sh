#!/bin/sh
# Sends so many MB (second argument) of frames: of requests with 128 tokens, or of text (first argument).
IFS= read -r assignment
token=${assignment#*'"token":"'}
token=${token%%'"'*}
run_dir=${assignment#*'"run_dir":"'}
run_dir=${run_dir%%'"'*}
case $1 in
  requests)
    times=$(yes 12.345678 | head -n 127 | tr '\n' ',')
    fields="\"type\":\"request\",\"index\":0,\"input_tokens\":15,\"output_tokens\":128,\"t_start_ns\":1,\"ttft_ms\":5.25,\"e2e_ms\":1573.5,\"itl_ms\":[${times%,}]"
    ;;
  text) fields="\"type\":\"note\",\"level\":\"info\",\"text\":\"$(yes word | head -n 240 | tr '\n' ' ')\"" ;;
esac
# A block of about 1 MB, to be sent as it is: the making of the frames must not be what is measured.
printf '\036{"token":"%s",%s}\n' "$token" "$fields" >"$run_dir/frame"
size=$(wc -c <"$run_dir/frame")
count=$((1000000 / size))
yes "$(cat "$run_dir/frame")" | head -c $((count * size)) >"$run_dir/block"
printf '\036{"type":"hello","token":"%s","backend":"frames","versions":{},"pid":%d,"devices":[]}\n' "$token" "$$"
yes "$run_dir/block" | head -n "$2" | tr '\n' '\0' | xargs -0 cat
printf '\036{"type":"result","token":"%s","metrics":{"sent_bytes":%d}}\n' "$token" $((count * size * $2))
rm "$run_dir/frame" "$run_dir/block"
