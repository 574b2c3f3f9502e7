/* Checkpoint rounds: every cached state is written back in bounded portions between groups, then
 * the low-water mark rises to the sequence at which the round began. Portions are written
 * without a sync; the mark's own sync covers them, since it stands behind them in the same log.
 * Ledger thread only. */
#include "base/clock.h"
#include "ledger/parts.h"
#include "ledger/rows.h"

void ledger_round_begin(struct ledger *ledger)
{
    ledger->round.active = true;
    ledger->round.failed = false;
    ledger->round.next = 0;
    ledger->round.sequence = ledger->written;
}

static void finish(struct ledger *ledger)
{
    struct store_batch *batch = ledger->round_batch;
    store_batch_clear(batch);
    ledger_number_put(batch, ledger->store, LEDGER_LOW_WATER, ledger->round.sequence);
    ledger_must_write(ledger, batch, true);
    atomic_store(&ledger->low_water, ledger->round.sequence);
    atomic_store(&ledger->synced, ledger->written);
    ledger->round.active = false;
}

bool ledger_round_step(struct ledger *ledger)
{
    struct ledger_round *round = &ledger->round;
    ledger_space_refresh(ledger);
    if (atomic_load(&ledger->tight)) {
        /* Nothing is lost by waiting: the log has it all. */
        round->active = false;
        round->failed = true;
        return false;
    }
    if (round->next == ledger->checkpointer_count) {
        finish(ledger);
        return false;
    }
    struct checkpointer *checkpointer = &ledger->checkpointers[round->next];
    store_batch_clear(ledger->round_batch);
    bool finished = checkpointer->call(checkpointer->context, ledger->round_batch, ledger->store,
                                       round->sequence);
    if (store_batch_rows(ledger->round_batch) > 0) {
        ledger_must_write(ledger, ledger->round_batch, false);
        ledger->space.planned_bytes += 3 * store_batch_bytes(ledger->round_batch);
    }
    round->next += finished;
    return true;
}
