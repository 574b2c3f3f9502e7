#include "test.h"

#include "unit/store/temporary.h"

#include "api/learning.h"

static struct event view_of(unsigned number, struct event_item *item)
{
    struct event event = {.type = EVENT_TRACK,
                          .act = ACT_VIEW_ITEM,
                          .sequence = number,
                          .order = {.time_ms = 1700000000000 + number},
                          .stamp = stamp_set(0, PURPOSE_PERSONALISE, CONSENT_GRANTED),
                          .items = item,
                          .item_count = 1};
    memcpy(event.node.bytes, &number, sizeof number);
    return event;
}

static void a_save_comes_past_each_learner_once_though_events_go_on(void **state)
{
    struct diag diag;
    (void)state;
    char parent[64], data[128];
    struct store *store;
    struct store_options options = {.create = true, .memory_bytes = 16 << 20};
    temporary_make(parent);
    snprintf(data, sizeof data, "%s/data", parent);
    assert_int_equal(store_open(data, &options, &store, &diag), STATUS_OK);
    struct store_batch *batch = store_batch_new();
    struct learning *learning;
    struct event_item item = {.item = SLICE("shoe"), .quantity = 1, .known = true};
    assert_int_equal(learning_open(store, &learning, &diag), STATUS_OK);
    (void)learning_catch_up(learning, NULL); /* an empty log */
    unsigned number = 0;
    while (number < LEARNING_SAVE_EVENTS) {
        struct event event = view_of(++number, &item);
        learning_observe(learning, 1, &event);
    }
    assert_false(learning_checkpoint(learning, batch, store, number));
    assert_int_equal(store_batch_rows(batch), 1);
    struct event later = view_of(++number, &item);
    learning_observe(learning, 1, &later);
    assert_true(learning_checkpoint(learning, batch, store, number));
    assert_int_equal(store_batch_rows(batch), 2); /* and how far the log was seen */
    learning_close(learning);
    store_batch_free(batch);
    store_close(store);
    temporary_remove(parent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_save_comes_past_each_learner_once_though_events_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
