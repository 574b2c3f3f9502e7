#include "app/simulate_message.h"

#include "base/clock.h"
#include "catalog/money.h"

#include <stdio.h>

/* --- who says it ------------------------------------------------------------------------------ */

void simulate_write_agreement(struct json_out *out)
{
    json_name(out, "consent");
    json_object(out);
    json_name(out, "categoryPreferences");
    json_object(out);
    JSON_BOOL_MEMBER(out, "measure", true);
    JSON_BOOL_MEMBER(out, "personalise", true);
    JSON_BOOL_MEMBER(out, "learn", true);
    json_end(out);
    json_end(out);
}

void simulate_write_name(const struct walk *walk, struct json_out *out)
{
    char name[PERSON_NAME_BYTES];
    person_name(walk->world->seed, walk->person->number, name);
    JSON_STRING_MEMBER(out, "anonymousId", slice_of(name));
}

/* --- what happened ---------------------------------------------------------------------------- */

static void write_ware(const struct walk *walk, size_t index, struct json_out *out)
{
    const struct world_item *item = &walk->world->items[index];
    const struct world_size *size = choice_size(walk->person, item);
    JSON_STRING_MEMBER(out, "product_id", item->id);
    if (size)
        JSON_STRING_MEMBER(out, "variant_id", size->variant);
    money_member(out, "price", item->price_minor, item->currency);
    JSON_INT_MEMBER(out, "quantity", 1);
}

int64_t simulate_total(const struct walk *walk)
{
    int64_t total = 0;
    for (size_t i = 0; i < walk->basket_count; i++)
        total += walk->world->items[walk->basket[i]].price_minor;
    return total;
}

static void write_order(const struct simulate_message *message, struct json_out *out)
{
    const struct walk *walk = message->walk;
    struct slice currency = walk->world->items[walk->basket[0]].currency;
    char name[PERSON_NAME_BYTES], id[SIMULATE_ID_BYTES];
    person_name(walk->world->seed, walk->person->number, name);
    struct slice visitor = message->visitor.size ? message->visitor : slice_of(name);
    (void)snprintf(id, sizeof id, "%.*s-%llx-%u", SLICE_ARG(visitor),
                   (unsigned long long)message->run, walk->person->orders);
    JSON_STRING_MEMBER(out, "order_id", slice_of(id));
    JSON_STRING_MEMBER(out, "currency", currency);
    json_name(out, "products");
    json_array(out);
    for (size_t i = 0; i < walk->basket_count; i++) {
        json_object(out);
        write_ware(walk, walk->basket[i], out);
        json_end(out);
    }
    json_end(out);
    money_member(out, "total", simulate_total(walk), currency);
}

static void write_properties(const struct simulate_message *message, struct json_out *out)
{
    const struct walk_deed *deed = message->deed;
    json_name(out, "properties");
    json_object(out);
    if (deed->kind == DEED_ORDERED)
        write_order(message, out);
    else if (deed->kind >= DEED_CLICKED)
        write_ware(message->walk, deed->item, out);
    if (deed->decision[0])
        JSON_STRING_MEMBER(out, "decisionId", slice_of(deed->decision));
    json_end(out);
}

/* By which channel the visit came. */
static void write_campaign(const struct person *person, struct json_out *out)
{
    if (person->channel == CHANNEL_DIRECT)
        return;
    json_name(out, "campaign");
    json_object(out);
    JSON_STRING_MEMBER(out, "medium", slice_of(channel_word(person->channel)));
    json_end(out);
}

void simulate_message_write(const struct simulate_message *message, struct json_out *out)
{
    static const char *const events[] = {[DEED_LIST_SEEN] = "Product List Viewed",
                                         [DEED_CLICKED] = "Product Clicked",
                                         [DEED_VIEWED] = "Product Viewed",
                                         [DEED_ADDED] = "Product Added",
                                         [DEED_ORDERED] = "Order Completed"};
    enum deed_kind kind = message->deed->kind;
    json_object(out);
    JSON_STRING_MEMBER(out, "type", kind == DEED_PAGE ? SLICE("page") : SLICE("track"));
    JSON_STRING_MEMBER(out, "messageId", slice_of(message->id));
    if (message->visitor.size)
        JSON_STRING_MEMBER(out, "anonymousId", message->visitor);
    else
        simulate_write_name(message->walk, out);
    if (message->user.size)
        JSON_STRING_MEMBER(out, "userId", message->user);
    if (message->past)
        JSON_TIME_MEMBER(out, "timestamp", (int64_t)(message->walk->day * MS_PER_DAY));
    json_name(out, "context");
    json_object(out);
    JSON_BOOL_MEMBER(out, "simulated", true);
    simulate_write_agreement(out);
    write_campaign(message->walk->person, out);
    json_end(out);
    if (kind != DEED_PAGE) {
        JSON_STRING_MEMBER(out, "event", slice_of(events[kind]));
        write_properties(message, out);
    }
    json_end(out);
}
