#!/bin/sh
# The power goes, again and again: ext4 on a loop device is shut down under the writing ledger, mounted anew and judged.
#
#     power-cut.sh DRIVER [CYCLES] [SEED]
#
# Odd cycles cut without a word, even ones let the file system write its journal first. The writer is stopped first, since nothing
# answers once the power is gone: an fdatasync under way while ext4 shuts down may return success for what is not on the disk (seen
# with Linux 6.18, one cut in ten, with a program that does nothing but append and sync). Pass: after every cut the store opens and
# holds every id ever acknowledged, once. Needs root, loop devices, xfs_io (package xfsprogs).
set -eu
driver=$1 cycles=${2:-20} seed=${3:-1}
if [ "$(id -u)" -ne 0 ] || ! command -v xfs_io >/dev/null || ! command -v mkfs.ext4 >/dev/null; then
    echo "SKIP power-cut: needs root, xfs_io and mkfs.ext4"
    exit 77
fi
work=$(mktemp -d /tmp/visavis-power-XXXXXX)
mounted=no
clean_up() {
    if [ "$mounted" = yes ]; then umount "$work/disk"; fi
    rm -rf "$work"
}
trap clean_up EXIT
mkdir "$work/disk"
truncate -s 512m "$work/image"
mkfs.ext4 -q -F "$work/image"
plug_in() { mount -o loop "$work/image" "$work/disk"; mounted=yes; }
pull() { umount "$work/disk"; mounted=no; }
if ! plug_in 2>/dev/null; then
    echo "SKIP power-cut: no loop device can be mounted here"
    exit 77
fi
: > "$work/acked"
cycle=1
while [ "$cycle" -le "$cycles" ]; do
    "$driver" write "$work/disk/data" "cycle$cycle" 1000000 >> "$work/acked" 2> "$work/errors" &
    writer=$!
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    sleep "0.$(printf %03d $((50 + seed / 65536 % 900)))"
    kill -STOP "$writer" 2>/dev/null || true
    if [ $((cycle % 2)) -eq 1 ]; then
        xfs_io -x -c shutdown "$work/disk"
    else
        xfs_io -x -c "shutdown -f" "$work/disk"
    fi
    kill -9 "$writer" 2>/dev/null || true
    wait "$writer" 2>/dev/null || true
    pull
    plug_in
    if ! "$driver" verify "$work/disk/data" "$work/acked" > "$work/verdict" 2> "$work/errors"; then
        if [ -e "$work/disk/data/store/CURRENT" ] || [ -s "$work/acked" ]; then
            echo "FAIL cycle $cycle: $(cat "$work/verdict" "$work/errors")"
            exit 1
        fi
    fi
    cycle=$((cycle + 1))
done
echo "power-cut: $cycles cuts, $(cat "$work/verdict")"
