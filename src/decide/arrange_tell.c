#include "decide/arrange_tell.h"

/* --- variety ---------------------------------------------------------------------------------- */

/* {1} title, {2} place before, {3} place now, {4} title of what it was like, {5} how much. */
enum move_word { MOVE_BACK, MOVE_AWAY, MOVE_FORWARD, MOVE_COUNT };

static enum move_word word_for(const struct move *move)
{
    if (move->to == 0)
        return MOVE_AWAY;
    return move->to > move->from ? MOVE_BACK : MOVE_FORWARD;
}

static void put_count(struct buf *buf, struct slice *out_text, uint64_t count, enum locale locale)
{
    words_put_count(buf, count, locale);
    *out_text = buf_slice(buf);
}

static struct slice move_sentence(struct telling *telling, const struct move *move)
{
    static const char *const words[MOVE_COUNT][LOCALE_COUNT] = {
        [MOVE_BACK] = {"{1}\u00a0: de la place {2} à la place {3}, trop proche de {4} ({5}).",
                       "{1}: moved from {2} to {3}, too like {4} ({5})."},
        [MOVE_AWAY] = {"{1}\u00a0: était à la place {2}, laissé de côté, trop proche de {4} ({5}).",
                       "{1}: was in place {2}, left out, too like {4} ({5})."},
        [MOVE_FORWARD] = {"{1}\u00a0: de la place {2} à la place {3}, pour varier.",
                          "{1}: moved from {2} to {3}, for variety."},
    };
    enum locale locale = telling->options->locale;
    struct buf from, to, percent;
    struct slice values[5] = {telling_title(telling, move->scored->candidate->item)};
    buf_init(&from, 64);
    buf_init(&to, 64);
    buf_init(&percent, 64);
    put_count(&from, &values[1], move->from, locale);
    put_count(&to, &values[2], move->to, locale);
    if (move->like != NULL)
        values[3] = telling_title(telling, move->like->candidate->item);
    words_put_percent(&percent, (unsigned)(100 * move->likeness + 0.5), locale);
    values[4] = buf_slice(&percent);
    buf_clear(&telling->scratch);
    words_put(&telling->scratch, words[word_for(move)][locale], values);
    buf_done(&from);
    buf_done(&to);
    buf_done(&percent);
    return buf_slice(&telling->scratch);
}

void telling_moves(struct telling *telling)
{
    const struct moves *moves = &telling->decision->moves;
    struct json_out *out = telling->out;
    if (moves->count == 0)
        return;
    json_name(out, "moved");
    json_array(out);
    for (size_t i = 0; i < moves->count; i++) {
        const struct move *move = &moves->list[i];
        json_object(out);
        JSON_STRING_MEMBER(out, "itemId", move->scored->candidate->item);
        JSON_STRING_MEMBER(out, "title", telling_title(telling, move->scored->candidate->item));
        JSON_INT_MEMBER(out, "from", move->from);
        if (move->to > 0)
            JSON_INT_MEMBER(out, "to", move->to);
        if (move->like != NULL) {
            JSON_STRING_MEMBER(out, "like", move->like->candidate->item);
            JSON_FIGURE_MEMBER(out, "likeness", move->likeness);
        }
        JSON_STRING_MEMBER(out, "sentence", move_sentence(telling, move));
        json_end(out);
    }
    json_end(out);
}

struct slice telling_move(struct telling *telling, const struct scored *scored)
{
    const struct moves *moves = &telling->decision->moves;
    for (size_t i = 0; i < moves->count; i++)
        if (slice_equal(moves->list[i].scored->candidate->item, scored->candidate->item) &&
            moves->list[i].like != NULL)
            return move_sentence(telling, &moves->list[i]);
    return SLICE_NONE;
}

static void say_varied(struct telling *telling)
{
    static const char *const words[ROLE_COUNT][LOCALE_COUNT] = {
        [ROLE_MARKETER] = {"Déplacés pour varier\u00a0: {1}.", "Moved for variety: {1}."},
        [ROLE_AGENT] = {"Les articles ont été variés\u00a0: ceux qui se ressemblaient trop ont été "
                        "reculés ou laissés de côté.",
                        "The items were varied: those too like one another were moved back or left "
                        "out."},
        [ROLE_SHOPPER] =
            {"Nous avons varié les articles, pour ne pas vous montrer plusieurs fois "
             "presque la même chose.",
             "We varied the items, so as not to show you nearly the same thing several "
             "times."},
    };
    enum locale locale = telling->options->locale;
    if (telling->decision->moves.count == 0)
        return;
    buf_clear(&telling->detail);
    buf_clear(&telling->scratch);
    words_put_count(&telling->detail, telling->decision->moves.count, locale);
    struct slice count = buf_slice(&telling->detail);
    words_put(&telling->scratch, words[telling->options->role][locale], &count);
    json_string(telling->out, buf_slice(&telling->scratch));
}

/* --- too few ---------------------------------------------------------------------------------- */

enum filling { FILLING_RECIPE_SHORT, FILLING_TOO_FEW, FILLING_BELOW_MINIMUM, FILLING_COUNT };

/* {1} how many there were, {2} how many it takes, {3} what the fallback asked. */
static const char *const fillings[FILLING_COUNT][ROLE_COUNT][LOCALE_COUNT] = {
    [FILLING_RECIPE_SHORT] =
        {[ROLE_MARKETER] = {"Repli\u00a0: la recette donnait trop peu ({1} sur {2}), complété par "
                            "{3}.",
                            "Fallback: the recipe gave too few ({1} of {2}), completed by {3}."},
         [ROLE_AGENT] = {"Trop peu d’articles convenaient\u00a0: la sélection a été complétée par "
                         "{3}.",
                         "Too few items fitted, so the selection was completed by {3}."},
         [ROLE_SHOPPER] = {"Nous avons complété cette sélection par d’autres articles.",
                           "We completed this selection with other items."}},
    [FILLING_TOO_FEW] =
        {[ROLE_MARKETER] = {"Repli\u00a0: trop peu d’articles ({1} sur {2}), rien n’est montré et "
                            "la page garde son propre contenu.",
                            "Fallback: too few items ({1} of {2}), so nothing is shown and the "
                            "page keeps its own content."},
         [ROLE_AGENT] = {"Il y avait trop peu d’articles pour cet emplacement ({1} sur {2}).",
                         "There were too few items for this placement ({1} of {2})."},
         [ROLE_SHOPPER] = {"Nous n’avions pas assez d’articles à vous proposer ici.",
                           "We did not have enough items to suggest to you here."}},
    [FILLING_BELOW_MINIMUM] =
        {[ROLE_MARKETER] = {"Repli\u00a0: moins d’articles que le minimum ({1} sur {2}), montrés "
                            "quand même.",
                            "Fallback: fewer items than the minimum ({1} of {2}), shown all the "
                            "same."},
         [ROLE_AGENT] = {"Il y avait moins d’articles que prévu ({1} sur {2}).",
                         "There were fewer items than planned ({1} of {2})."},
         [ROLE_SHOPPER] = {"Nous avions peu d’articles à vous proposer ici.",
                           "We had few items to suggest to you here."}},
};

static enum filling filling_of(struct slice token)
{
    if (slice_is(token, "recipe_short"))
        return FILLING_RECIPE_SHORT;
    if (slice_is(token, "too_few"))
        return FILLING_TOO_FEW;
    return slice_is(token, "below_minimum") ? FILLING_BELOW_MINIMUM : FILLING_COUNT;
}

static bool brings(const struct decision *decision, size_t step)
{
    for (size_t i = 0; i < decision->shown_count; i++)
        if (!scored_is_placed(decision->shown[i]) && decision->shown[i]->lead_step == step)
            return true;
    return false;
}

/* The fallback's strategies that brought something, into detail. */
static void put_steps(struct telling *telling)
{
    const struct placement *definition = telling->decision->definition;
    enum locale locale = telling->options->locale;
    size_t first = recipe_steps(definition), count = 0, written = 0;
    for (size_t i = first; i < definition->step_count; i++)
        count += brings(telling->decision, i);
    for (size_t i = first; i < definition->step_count; i++) {
        if (!brings(telling->decision, i))
            continue;
        if (written++ > 0)
            buf_add(&telling->detail, words_between(written == count, locale));
        buf_add_text(&telling->detail, locale == LOCALE_FR ? "«\u00a0" : "“");
        words_put_step(&telling->detail, &definition->steps[i], locale);
        buf_add_text(&telling->detail, locale == LOCALE_FR ? "\u00a0»" : "”");
    }
}

struct slice telling_filling(struct telling *telling)
{
    const struct decision *decision = telling->decision;
    enum locale locale = telling->options->locale;
    enum filling filling = filling_of(decision->fallback);
    if (filling == FILLING_COUNT)
        return SLICE_NONE;
    size_t there = filling == FILLING_TOO_FEW        ? decision->withheld
                   : filling == FILLING_RECIPE_SHORT ? decision->own_count
                                                     : decision->shown_count;
    buf_clear(&telling->detail);
    words_put_count(&telling->detail, there, locale);
    size_t first = telling->detail.size;
    words_put_count(&telling->detail, decision->needed, locale);
    size_t second = telling->detail.size;
    put_steps(telling);
    struct slice all = buf_slice(&telling->detail), rest = slice_from(all, first);
    struct slice values[] = {slice_first(all, first), slice_first(rest, second - first),
                             slice_from(all, second)};
    buf_clear(&telling->scratch);
    words_put(&telling->scratch, fillings[filling][telling->options->role][locale], values);
    return buf_slice(&telling->scratch);
}

void telling_arranging(struct telling *telling)
{
    say_varied(telling);
    if (telling->options->role == ROLE_MARKETER)
        return;
    struct slice filling = telling_filling(telling);
    if (filling.size > 0)
        json_string(telling->out, filling);
}
