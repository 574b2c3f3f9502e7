/* The queues of requests by rank; see turns.h. */
#include "base/clock.h"
#include "base/limits.h"
#include "http/exchange.h"

#include <assert.h>

enum {
    COST_SMOOTHING = 8, /* one call in so many */
    COST_RISE_MAX = 4,  /* times the cost so far: one stall says nothing of the next call */
    COST_RISE_US = 1000,
    ALWAYS_WELCOME = 4 /* so few are no queue, however long each takes */
};

static const uint64_t standing_wait_us[HTTP_RANK_COUNT] = {
    [HTTP_RANK_DECIDE] = HTTP_DECIDE_WAIT_US,
    [HTTP_RANK_TAKE_IN] = HTTP_TAKE_IN_WAIT_US,
    [HTTP_RANK_READ] = HTTP_READ_WAIT_US,
};

static uint64_t wait_us_max(const struct turns *turns, enum http_rank rank, uint64_t now_ms)
{
    if (rank == HTTP_RANK_FIRST)
        return UINT64_MAX;
    uint64_t since_ms = turns->standing_since_ms;
    bool stands = since_ms > 0 && now_ms - since_ms >= HTTP_STANDING_MS;
    return stands ? standing_wait_us[rank] : HTTP_BURST_WAIT_US;
}

static bool is_welcome(const struct turns *turns, enum http_rank rank, uint64_t now_ms)
{
    uint64_t before_us = 0, count = 0;
    for (unsigned i = 0; i <= rank; i++) {
        before_us += turns->queues[i].count * turns->queues[i].cost_us;
        count += turns->queues[i].count;
    }
    return count < ALWAYS_WELCOME || before_us <= wait_us_max(turns, rank, now_ms);
}

bool turns_join(struct exchange *exchange, const struct http_route *route)
{
    struct http_loop *loop = exchange->loop;
    struct turn_queue *queue = &loop->turns.queues[route->rank];
    uint64_t now_ms = net_loop_now_ms(loop->net);
    assert(route->rank < HTTP_RANK_COUNT);
    if (!is_welcome(&loop->turns, route->rank, now_ms))
        return false;
    if (!loop->turns.standing_since_ms)
        loop->turns.standing_since_ms = now_ms;
    exchange->route = route;
    exchange->joined_ms = now_ms;
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

static void learn_cost(struct turn_queue *queue, uint64_t took_us)
{
    uint64_t most_us = queue->cost_us * COST_RISE_MAX + COST_RISE_US;
    uint64_t counted_us = took_us < most_us ? took_us : most_us;
    queue->cost_us = (queue->cost_us * (COST_SMOOTHING - 1) + counted_us) / COST_SMOOTHING;
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
        learn_cost(queue, took_us);
        queue = next_queue(&loop->turns, net_loop_now_ms(loop->net));
    }
    if (!queue)
        loop->turns.standing_since_ms = 0;
    return queue != NULL;
}

void turns_done(struct http_loop *loop)
{
    for (unsigned i = 0; i < HTTP_RANK_COUNT; i++)
        while (loop->turns.queues[i].first)
            drop(leave(&loop->turns.queues[i]));
}
