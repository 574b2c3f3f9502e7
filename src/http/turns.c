/* The queues of requests by rank; see turns.h. */
#include "base/clock.h"
#include "base/limits.h"
#include "http/exchange.h"

#include <assert.h>

enum {
    COST_SMOOTHING = 8, /* one call in so many; a burst of heavy ones is known after a dozen */
    ALWAYS_WELCOME = 4  /* so few are no queue, however long each takes */
};

static const uint64_t patience_us[HTTP_RANK_COUNT] = {
    [HTTP_RANK_FIRST] = UINT64_MAX,
    [HTTP_RANK_DECIDE] = HTTP_DECIDE_PATIENCE_US,
    [HTTP_RANK_TAKE_IN] = HTTP_TAKE_IN_PATIENCE_US,
    [HTTP_RANK_READ] = HTTP_READ_PATIENCE_US,
};

static bool is_welcome(const struct turns *turns, enum http_rank rank)
{
    uint64_t before_us = 0, count = 0;
    for (unsigned i = 0; i <= rank; i++) {
        before_us += turns->queues[i].count * turns->queues[i].cost_us;
        count += turns->queues[i].count;
    }
    return count < ALWAYS_WELCOME || before_us <= patience_us[rank];
}

bool turns_join(struct exchange *exchange, const struct http_route *route)
{
    struct http_loop *loop = exchange->loop;
    struct turn_queue *queue = &loop->turns.queues[route->rank];
    assert(route->rank < HTTP_RANK_COUNT);
    if (!is_welcome(&loop->turns, route->rank))
        return false;
    exchange->route = route;
    exchange->joined_ms = net_loop_now_ms(loop->net);
    exchange->next = NULL;
    if (queue->first)
        queue->last->next = exchange;
    else
        queue->first = exchange;
    queue->last = exchange;
    queue->count++;
    return true;
}

static struct turn_queue *next_queue(struct turns *turns, uint64_t now_ms)
{
    struct turn_queue *next = NULL;
    for (unsigned i = HTTP_RANK_COUNT; i-- > 0;) {
        struct turn_queue *queue = &turns->queues[i];
        if (!queue->first)
            continue;
        if (now_ms - queue->first->joined_ms >= HTTP_TURN_WAIT_MS_MAX)
            return queue;
        next = queue;
    }
    return next;
}

static struct exchange *leave(struct turn_queue *queue)
{
    struct exchange *exchange = queue->first;
    queue->first = exchange->next;
    exchange->next = NULL;
    queue->count--;
    return exchange;
}

static void drop(struct exchange *exchange)
{
    exchange->loop->in_flight--;
    exchange_give_back(exchange);
}

bool turns_serve(struct http_loop *loop)
{
    struct turn_queue *queue = next_queue(&loop->turns, net_loop_now_ms(loop->net));
    if (!queue)
        return false;
    uint64_t began_us = clock_monotonic_us(), now_us = began_us;
    while (queue && now_us - began_us < HTTP_TURN_US) {
        struct exchange *exchange = leave(queue);
        if (exchange->connection)
            exchange->route->handler(loop->server->options.context, &exchange->request);
        else
            drop(exchange);
        uint64_t took_us = clock_monotonic_us() - now_us;
        now_us += took_us;
        queue->cost_us = (queue->cost_us * (COST_SMOOTHING - 1) + took_us) / COST_SMOOTHING;
        queue = next_queue(&loop->turns, net_loop_now_ms(loop->net));
    }
    return queue != NULL;
}

void turns_done(struct http_loop *loop)
{
    for (unsigned i = 0; i < HTTP_RANK_COUNT; i++)
        while (loop->turns.queues[i].first)
            drop(leave(&loop->turns.queues[i]));
}
