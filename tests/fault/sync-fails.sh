#!/bin/sh
# Every sync fails once: the k-th fsync or fdatasync of a run answers EIO, for k = 1, 2, 3 …
#
#     sync-fails.sh DRIVER [LAST] [STEP]        k = 1, 1+STEP … up to LAST, or until a run meets no failure
#
# Pass: the process acknowledges nothing after the failure (an abort or a refusal to open is right, silence is not), and a
# second opening shows every acknowledged id once. strace counts for each thread alone, so each thread may meet its own k-th sync.
set -eu
driver=$1 last=${2:-100} step=${3:-1}
work=$(mktemp -d /tmp/visavis-fault-XXXXXX)
trap 'rm -rf "$work"' EXIT
command -v strace >/dev/null || { echo "SKIP sync-fails: strace is not installed"; exit 77; }
passed=0 failed=0

# sweep NAME: from $work/start (may be absent: a new store), k = 1 … until nothing is left to fail
sweep() {
    k=1
    while [ "$k" -le "$last" ]; do
        rm -rf "$work/data"
        if [ -d "$work/start" ]; then cp -r "$work/start" "$work/data"; fi
        set +e
        strace -f -qq -o "$work/trace" -e trace=fsync,fdatasync \
            -e "inject=fsync,fdatasync:error=EIO:when=$k" \
            "$driver" write "$work/data" "k$k" 80 > "$work/acked" 2> "$work/errors"
        ended=$?
        "$driver" verify "$work/data" "$work/acked" > "$work/verdict" 2>> "$work/errors"
        verdict=$?
        set -e
        if ! grep -q INJECTED "$work/trace"; then
            echo "$1: no thread makes $k syncs, end of the sweep"
            return
        fi
        if [ "$verdict" -ne 0 ] || [ "$ended" -eq 0 ]; then
            failed=$((failed + 1))
            echo "FAIL $1 k=$k: ended $ended, verify $verdict: $(cat "$work/verdict" "$work/errors")"
        else
            passed=$((passed + 1))
        fi
        k=$((k + step))
    done
}

sweep new
"$driver" write "$work/start" before 20 > /dev/null
sweep existing
echo "sync-fails: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
