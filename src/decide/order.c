#include "decide/order.h"

static void share_habits(const struct placement_evidence *evidence, struct ordered *list)
{
    double affinity = 0, views = 0;
    for (size_t i = 0; i < evidence->order_count; i++) {
        affinity += (double)evidence->order[i].affinity;
        views += evidence->order[i].views;
    }
    for (size_t i = 0; i < evidence->order_count; i++) {
        const struct order_entry *entry = &evidence->order[i];
        list[i] = (struct ordered){.entry = entry, .from = i};
        if (affinity > 0)
            list[i].affinity = (double)entry->affinity / affinity;
        if (views > 0)
            list[i].views = entry->views / views;
    }
}

static double habit_of(const struct ordered *ordered)
{
    return ordered->affinity + ordered->views;
}

static void move_up(struct ordered *list, size_t from, size_t to)
{
    struct ordered moved = list[from];
    memmove(list + to + 1, list + to, (from - to) * sizeof *list);
    moved.moved = true;
    list[to] = moved;
}

static void arrange(struct ordered *list, size_t count, unsigned moves)
{
    for (size_t place = 0; place < count && moves > 0; place++) {
        size_t best = place;
        for (size_t i = place + 1; i < count; i++)
            if (habit_of(&list[i]) > habit_of(&list[best]))
                best = i;
        if (best == place || habit_of(&list[best]) < ORDER_MARGIN * habit_of(&list[place]))
            continue;
        move_up(list, best, place);
        moves--;
    }
}

/* What of the person moved something. */
static uint32_t person_behind(const struct ordered *list, size_t count)
{
    uint32_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (!list[i].moved)
            continue;
        used |= list[i].affinity > 0 ? PERSON_AFFINITIES : 0;
        used |= list[i].views > 0 ? PERSON_RECENTS : 0;
    }
    return used;
}

void order_decide(const struct decide_input *input, size_t index, struct arena *arena,
                  struct decision *decision)
{
    const struct placement_evidence *evidence = decision->evidence;
    const struct wish *wish = &input->moment.wishes[index];
    size_t count = evidence->order_count;
    struct ordered *list = ARENA_ARRAY(arena, count, struct ordered);
    share_habits(evidence, list);
    if (decision->definition->stopped)
        decision->fallback = SLICE("stopped");
    else if (wish->arm == ARM_HOLDOUT)
        decision->fallback = SLICE("holdout");
    else if (input->person.personal)
        arrange(list, count, decision->definition->moves);
    if (count == 0)
        decision->fallback = SLICE("empty");
    decision->order = list;
    decision->order_count = count;
    decision->person_used = person_behind(list, count);
    decision->personalised = decision->person_used != 0;
}
