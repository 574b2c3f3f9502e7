#include "api/moment_card.h"

#include "api/canonical.h"
#include "decide/explain.h"

enum { ITEMS_TOLD_MAX = 4, REASON_BYTES_MAX = 1024 };

static void write_items(const struct moment_card *card, const struct decision *decision,
                        const struct explain_options *options, struct json_out *out)
{
    json_name(out, "items");
    json_array(out);
    for (size_t i = 0; i < decision->shown_count && i < ITEMS_TOLD_MAX; i++) {
        struct slice id = decision->shown[i]->candidate->item;
        const struct item *item = catalog_find(card->catalog, id);
        struct buf reason;
        buf_init(&reason, REASON_BYTES_MAX);
        decide_reason(card->input, decision->shown[i], options, &reason);
        json_object(out);
        JSON_STRING_MEMBER(out, "itemId", id);
        JSON_STRING_MEMBER(out, "title", item ? decide_title_of(card->input, options, id) : id);
        JSON_STRING_MEMBER(out, "image", item ? item->image : SLICE_NONE);
        JSON_STRING_MEMBER(out, "reason", buf_slice(&reason));
        json_end(out);
        buf_done(&reason);
    }
    json_end(out);
}

static void write_where(const struct moment_card *card, const struct decision *decision,
                        struct item_titles *titles, struct json_out *out)
{
    const struct moment *moment = &card->input->moment;
    JSON_STRING_MEMBER(out, "placement", decision->placement);
    JSON_STRING_MEMBER(out, "name",
                       decision->definition ? decision->definition->name : decision->placement);
    JSON_STRING_MEMBER(out, "page", moment->page_type);
    JSON_STRING_MEMBER(out, "pageItem", item_titles_find(titles, moment->page_item));
}

void moment_card_write(const struct moment_card *card, size_t index, struct json_out *out)
{
    const struct decision *decision = &card->outcome->decisions[index];
    struct item_titles titles = {.catalog = card->catalog};
    struct explain_options options = {.role = ROLE_MARKETER,
                                      .locale = card->locale,
                                      .title = item_titles_find,
                                      .title_context = &titles};
    char id[UUID_TEXT_SIZE + 1], who[UUID_TEXT_SIZE + 1] = "";
    titles.locale.workspace = slice_of(locale_name(options.locale));
    uuid_format(decision->id, id);
    if (card->input->person.personal)
        uuid_format(card->node, who);
    JSON_STRING_MEMBER(out, "id", slice_of(id));
    JSON_TIME_MEMBER(out, "at", card->input->moment.now_ms);
    JSON_STRING_MEMBER(out, "who", slice_of(who));
    JSON_INT_MEMBER(out, "level", card->input->person.level);
    JSON_STRING_MEMBER(out, "basis", card->input->person.basis);
    write_where(card, decision, &titles, out);
    JSON_BOOL_MEMBER(out, "personalised", decision->personalised);
    JSON_BOOL_MEMBER(out, "explored", decision->explored);
    JSON_INT_MEMBER(out, "policy", card->input->policy->version);
    JSON_STRING_MEMBER(out, "fallback", decision->fallback);
    JSON_STRING_MEMBER(out, "lang", slice_of(locale_name(options.locale)));
    write_items(card, decision, &options, out);
    json_name(out, "explanation");
    decide_explain(card->input, card->outcome, index, &options, out);
}
