#!/bin/sh
# kill -9 at random moments, most of them while writing, every third while it still recovers from the one before.
#
#     ledger-kill.sh DRIVER [CYCLES] [SEED]
#
# Pass: after every kill every id ever acknowledged is there, once.
set -eu
driver=$1 cycles=${2:-60} seed=${3:-1}
work=$(mktemp -d /tmp/visavis-kill-XXXXXX)
trap 'rm -rf "$work"' EXIT
: > "$work/acked"
cycle=1
while [ "$cycle" -le "$cycles" ]; do
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    if [ $((cycle % 3)) -eq 0 ]; then
        pause=$((seed / 65536 % 40))
    else
        pause=$((30 + seed / 65536 % 300))
    fi
    "$driver" write "$work/data" "cycle$cycle" 1000000 >> "$work/acked" 2> "$work/errors" &
    writer=$!
    sleep "0.$(printf %03d $pause)"
    kill -9 "$writer"
    wait "$writer" 2>/dev/null || true
    # Not after each, so that several recoveries follow one another unfinished.
    if [ $((cycle % 3)) -ne 2 ] &&
        ! "$driver" verify "$work/data" "$work/acked" > "$work/verdict" 2> "$work/errors"; then
        echo "FAIL cycle $cycle: $(cat "$work/verdict" "$work/errors")"
        exit 1
    fi
    cycle=$((cycle + 1))
done
echo "ledger-kill: $cycles kills, $(cat "$work/verdict")"
