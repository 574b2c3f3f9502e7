#include "learn/basket.h"

#include "base/hash.h"

#include <stdlib.h>

struct called { /* candidates, found by item through an open table of positions + 1 */
    struct basket_answer *list;
    size_t count;
    uint32_t *table;
    size_t room;
};

static struct basket_answer *answer_of(struct called *called, struct slice item)
{
    size_t at = hash64(item) & (called->room - 1);
    for (; called->table[at]; at = (at + 1) & (called->room - 1))
        if (slice_equal(called->list[called->table[at] - 1].item, item))
            return &called->list[called->table[at] - 1];
    called->list[called->count] = (struct basket_answer){.item = item};
    called->table[at] = (uint32_t)(called->count + 1);
    return &called->list[called->count++];
}

static bool in_basket(const struct basket_question *question, struct slice item)
{
    for (size_t i = 0; i < question->line_count; i++)
        if (slice_equal(question->lines[i].item, item))
            return true;
    return false;
}

static struct called call_all(const struct basket_question *question, size_t line_count,
                              struct arena *arena)
{
    size_t most = 0;
    for (size_t i = 0; i < line_count; i++)
        most += question->lines[i].neighbour_count;
    struct called called = {.room = 64, .list = ARENA_ARRAY(arena, most + 1, struct basket_answer)};
    while (called.room < 2 * most)
        called.room *= 2;
    called.table = ARENA_ARRAY(arena, called.room, uint32_t);
    for (size_t i = 0; i < line_count; i++) {
        const struct basket_line *line = &question->lines[i];
        for (size_t j = 0; j < line->neighbour_count; j++) {
            const struct basket_neighbour *neighbour = &line->neighbours[j];
            if (!(neighbour->score > 0) || in_basket(question, neighbour->item))
                continue;
            struct basket_answer *answer = answer_of(&called, neighbour->item);
            answer->votes += answer->parts[i] == 0;
            answer->parts[i] += neighbour->score;
        }
    }
    return called;
}

static void weigh(struct basket_answer *answer, size_t line_count)
{
    double lines = (double)line_count;
    double lift = (1 + (double)(answer->votes - 1) / lines) / lines;
    answer->score = 0;
    for (size_t i = 0; i < line_count; i++) {
        answer->parts[i] *= lift;
        answer->score += answer->parts[i];
    }
}

static int compare_answers(const void *left, const void *right)
{
    const struct basket_answer *a = left, *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return slice_compare(a->item, b->item);
}

static bool replaces_something(const struct basket_question *question, struct slice candidate)
{
    for (size_t i = 0; question->is_substitute && i < question->line_count; i++)
        if (question->is_substitute(question->context, question->lines[i].item, candidate))
            return true;
    return false;
}

size_t basket_complete(const struct basket_question *question, size_t wanted, struct arena *arena,
                       struct basket_answer *out_answers)
{
    size_t lines =
        question->line_count < BASKET_ITEMS_MAX ? question->line_count : BASKET_ITEMS_MAX;
    struct called called = call_all(question, lines, arena);
    for (size_t i = 0; i < called.count; i++)
        weigh(&called.list[i], lines);
    if (called.count > 1)
        qsort(called.list, called.count, sizeof *called.list, compare_answers);
    size_t count = 0;
    for (size_t i = 0; i < called.count && count < wanted; i++)
        if (!replaces_something(question, called.list[i].item))
            out_answers[count++] = called.list[i];
    return count;
}
