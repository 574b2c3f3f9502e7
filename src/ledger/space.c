/* Room on the disk, as the ledger reckons it: asked ten times a second, in between what was
 * written is counted against it. */
#include "base/clock.h"
#include "ledger/parts.h"

enum {
    SPACE_ASK_US = 100000,
    BALLAST_TRY_US = 5000000,
    WRITE_COST = 3, /* a byte in the WAL is a byte in a memtable and a byte of a table to come */
    ROW_COST = 256  /* index rows and keys beside what the submitter counted */
};

static void ask(struct ledger *ledger, uint64_t now_us)
{
    struct ledger_space *space = &ledger->space;
    space->asked_us = now_us;
    space->planned_bytes = 0;
    space->free_bytes = store_free_bytes(ledger->store);
    space->floor_bytes = store_floor_bytes(ledger->store);
    space->reserve_bytes = store_reserve_bytes(ledger->store);
    bool tight = space->free_bytes < space->reserve_bytes;
    atomic_store(&ledger->tight, tight);
    if (!tight && now_us - space->ballast_us >= BALLAST_TRY_US) {
        space->ballast_us = now_us;
        store_ballast_restore(ledger->store);
    }
}

void ledger_space_refresh(struct ledger *ledger)
{
    uint64_t now_us = clock_monotonic_us();
    if (now_us - ledger->space.asked_us >= SPACE_ASK_US)
        ask(ledger, now_us);
}

static bool room_above(const struct ledger_space *space, uint64_t cost, uint64_t limit)
{
    return space->free_bytes >= limit + space->planned_bytes + cost;
}

bool ledger_space_allows(struct ledger *ledger, uint64_t bytes, bool may_use_reserve)
{
    struct ledger_space *space = &ledger->space;
    uint64_t cost = WRITE_COST * (bytes + ROW_COST);
    ledger_space_refresh(ledger);
    bool room =
        room_above(space, cost, may_use_reserve ? space->floor_bytes : space->reserve_bytes);
    if (!room && may_use_reserve) {
        /* What the ballast is for: a withdrawal or an erasure goes through on a full disk. */
        store_ballast_release(ledger->store);
        ask(ledger, clock_monotonic_us());
        room = room_above(space, cost, space->floor_bytes);
    }
    if (room)
        space->planned_bytes += cost;
    return room;
}
