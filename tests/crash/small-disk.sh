#!/bin/sh
# A disk of 24 MiB fills up under the ledger, and is given room again.
#
#     small-disk.sh DRIVER
#
# Pass: the ledger refuses before RocksDB meets a full disk; a withdrawal still goes through; the store opens again; all that was
# acknowledged is there; it takes entries again once there is room. Needs root (a tmpfs).
set -eu
driver=$1
work=$(mktemp -d /tmp/visavis-small-XXXXXX)
if [ "$(id -u)" -ne 0 ] || ! mount -t tmpfs -o size=24m tmpfs "$work" 2>/dev/null; then
    rmdir "$work"
    echo "SKIP small-disk: mounting a tmpfs needs root"
    exit 77
fi
acked=$(mktemp /tmp/visavis-acked-XXXXXX)
trap 'umount "$work"; rmdir "$work"; rm -f "$acked" "$acked.errors"' EXIT
data=$work/data
fail() {
    echo "FAIL small-disk: $1"
    cat "$acked.errors"
    df "$work"
    ls -l "$data" "$data/store"
    exit 1
}
expect() {
    wanted=$1
    shift
    set +e
    "$@" >> "$acked" 2>> "$acked.errors"
    got=$?
    set -e
    [ "$got" -eq "$wanted" ] || fail "$* ended with $got, not $wanted"
}
verify() { "$driver" verify "$data" "$acked" 2>> "$acked.errors" || fail "what was acknowledged is not there"; }

head -c 4m /dev/zero > "$work/filler" # somebody else's file
expect 5 "$driver" fill "$data" first
[ -s "$acked" ] || fail "nothing was taken at all"
verify
expect 0 "$driver" withdraw "$data" withdrawal
echo withdrawal >> "$acked"
verify
# Filled again and again: opening and refusing must not creep towards the full disk.
for round in 1 2 3 4 5; do
    expect 5 "$driver" fill "$data" "again$round"
    expect 0 "$driver" withdraw "$data" "withdrawal$round"
    echo "withdrawal$round" >> "$acked"
done
verify
before=$(wc -l < "$acked")
rm "$work/filler"
expect 5 "$driver" fill "$data" later
[ "$(wc -l < "$acked")" -gt "$before" ] || fail "nothing was taken after there was room again"
verify
# Completely full from outside: opening refuses or works, and works again once there is room.
head -c 24m /dev/zero > "$work/filler" 2>/dev/null || true
"$driver" verify "$data" "$acked" >/dev/null 2>> "$acked.errors" || true
rm "$work/filler"
verify
echo "small-disk: passed"
