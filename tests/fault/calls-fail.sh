#!/bin/sh
# Every sync and every write fails once: the k-th call of a run answers EIO, a write also ENOSPC, for k = 1, 2, 3 …
#
#     calls-fail.sh DRIVER [LAST] [STEP]        k = 1, 1+STEP … up to LAST, or until a run meets no failure
#
# Pass: a second opening shows every acknowledged id once. After a failed sync the process has ended badly as well (an abort or a refusal
# to open is right, silence is not); a failed write may have been one of RocksDB's own log, which nobody needs. strace counts for
# each thread alone, so each thread may meet its own k-th call.
set -eu
driver=$1 last=${2:-100} step=${3:-1}
work=$(mktemp -d /tmp/visavis-fault-XXXXXX)
trap 'rm -rf "$work"' EXIT
command -v strace >/dev/null || { echo "SKIP calls-fail: strace is not installed"; exit 77; }
passed=0 failed=0

# sweep NAME CALLS ERROR: from $work/start (may be absent: a new store), k = 1 … until nothing is left to fail
sweep() {
    k=1
    while [ "$k" -le "$last" ]; do
        rm -rf "$work/data"
        if [ -d "$work/start" ]; then cp -r "$work/start" "$work/data"; fi
        set +e
        strace -f -qq -o "$work/trace" -e "trace=$2" -e "inject=$2:error=$3:when=$k" \
            "$driver" write "$work/data" "k$k" 80 > "$work/acked" 2> "$work/errors"
        ended=$?
        "$driver" verify "$work/data" "$work/acked" > "$work/verdict" 2>> "$work/errors"
        verdict=$?
        set -e
        if ! grep -q INJECTED "$work/trace"; then
            echo "$1: no thread makes $k calls of $2, end of the sweep"
            return
        fi
        if [ "$verdict" -ne 0 ] || { [ "$ended" -eq 0 ] && [ "$2" = "$syncs" ]; }; then
            failed=$((failed + 1))
            echo "FAIL $1 $3 of $2 k=$k: ended $ended, verify $verdict: $(cat "$work/verdict" "$work/errors")"
        else
            passed=$((passed + 1))
        fi
        k=$((k + step))
    done
}

syncs=fsync,fdatasync writes=write,pwrite64
for start in new existing; do
    [ "$start" = new ] || "$driver" write "$work/start" before 20 > /dev/null
    sweep $start $syncs EIO
    sweep $start $writes EIO
    sweep $start $writes ENOSPC
done
echo "calls-fail: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
