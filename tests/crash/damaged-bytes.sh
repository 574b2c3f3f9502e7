#!/bin/sh
# One flipped bit at a time, anywhere in a killed store's files.
#
#     damaged-bytes.sh DRIVER [FLIPS] [SEED]
#
# Pass: each flip is refused or found by the check, with the file's name (RocksDB does not say in which table it found bad properties
# at opening), or changes nothing that was acknowledged. Debian's RocksDB keeps its assertions, and one of them looks at a table's
# small blocks before their checksum is: the process ends without a name. At most one flip in a thousand may end so, counted aloud.
set -eu
driver=$1 flips=${2:-200} seed=${3:-1}
work=$(mktemp -d /tmp/visavis-damage-XXXXXX)
trap 'rm -rf "$work"' EXIT
acked=$work/acked start=$work/start data=$work/data
: > "$acked"
# Killed twice and more, until there are tables beside the log: a start keeps what it reads in memory.
cycle=0
until [ "$cycle" -ge 2 ] && [ -n "$(find "$start/store" -name '*.sst' -size +0)" ]; do
    cycle=$((cycle + 1))
    if [ "$cycle" -gt 50 ]; then
        echo "FAIL the driver wrote no table"
        exit 1
    fi
    before=$(wc -l < "$acked")
    "$driver" write "$start" "cycle$cycle" 1000000 >> "$acked" &
    writer=$!
    waited=0
    while [ "$(wc -l < "$acked")" -lt $((before + 500)) ]; do
        waited=$((waited + 1))
        if [ "$waited" -eq 600 ]; then
            kill -9 "$writer"
            echo "FAIL the driver acknowledged too little in a minute"
            exit 1
        fi
        sleep 0.1
    done
    kill -9 "$writer"
    wait "$writer" 2>/dev/null || true
done
rm -f "$start/ballast"
next() { # a number below $1
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    number=$((seed / 8 % $1))
}
found=0 harmless=0 asserted=0 failed=0 i=0
while [ "$i" -lt "$flips" ]; do
    i=$((i + 1))
    rm -rf "$data"
    cp -r "$start" "$data"
    set -- "$data"/FORMAT "$data"/store/CURRENT "$data"/store/MANIFEST-* "$data"/store/*.log "$data"/store/*.sst
    next $#
    shift "$number"
    file=$1 size=$(stat -c %s "$1")
    [ "$size" -gt 0 ] || continue
    next "$size"
    offset=$number
    next 8
    byte=$(od -An -tu1 -j "$offset" -N 1 "$file" | tr -d ' ')
    bit=$((1 << number))
    # shellcheck disable=SC2059
    printf "\\$(printf %03o $((byte ^ bit)))" | dd of="$file" bs=1 seek="$offset" conv=notrunc 2>/dev/null
    set +e
    "$driver" verify "$data" "$acked" > "$work/verdict" 2> "$work/errors"
    ended=$?
    set -e
    name=$(basename "$file")
    if [ "$ended" -eq 0 ]; then
        harmless=$((harmless + 1))
    elif [ "$ended" -ne 1 ] && [ "$ended" -lt 128 ] &&
        { grep -q "$name" "$work/errors" || [ "$name" = FORMAT ] ||
            grep -q "in a table of store/" "$work/errors"; }; then
        found=$((found + 1))
    elif [ "$ended" -eq 134 ] && grep -q "rocksdb::.*Assertion" "$work/errors"; then
        asserted=$((asserted + 1))
        echo "bit $bit of $name at $offset of $size: $(cat "$work/errors")"
    else
        failed=$((failed + 1))
        echo "FAIL bit $bit of $name at $offset of $size: ended $ended: $(cat "$work/verdict" "$work/errors")"
    fi
done
echo "damaged-bytes: $found found with their file, $harmless harmless, $asserted ended in RocksDB's assertions, $failed failed"
[ "$failed" -eq 0 ] && [ "$asserted" -le $((1 + flips / 1000)) ]
