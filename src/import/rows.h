/* Rows of a spreadsheet that stand for events: their fields, the person they name, and the two ways
 * to read them. Private to import/; one thread; text borrows from the record. */
#ifndef VISAVIS_IMPORT_ROWS_H
#define VISAVIS_IMPORT_ROWS_H

#include "import/reading.h"

enum row_field {
    ROW_TYPE,
    ROW_EVENT,
    ROW_USER,
    ROW_ANONYMOUS,
    ROW_EMAIL,
    ROW_PHONE,
    ROW_TIME,
    ROW_ITEM,
    ROW_VARIANT,
    ROW_TITLE,
    ROW_BRAND,
    ROW_CATEGORY,
    ROW_QUANTITY,
    ROW_PRICE,
    ROW_ORDER,
    ROW_CURRENCY,
    ROW_COUNTRY,
    ROW_REGION,
    ROW_CITY,
    ROW_POSTCODE,
    ROW_URL,
    ROW_QUERY,
    ROW_MESSAGE_ID,
    ROW_FIELD_COUNT
};

/* Whom a row names, and where they live. */
struct row_person {
    struct slice user, anonymous, email, phone;
    struct slice country, region, city, postcode;
};
/* False when it names nobody: no identifier, or values such as 0 and null. */
bool row_person_read(struct import *import, const struct json *record,
                     struct row_person *out_person);
bool row_person_equal(const struct row_person *a, const struct row_person *b);
struct row_person row_person_copy(const struct row_person *person, struct arena *arena);
/* Members userId and anonymousId. */
void row_person_put_ids(const struct row_person *person, struct json_out *out);
/* Opens the object context.traits; the caller may add to it and ends both objects. */
void row_person_put_traits(const struct row_person *person, struct json_out *out);

/* Rows are lines of orders: neighbouring ones of one order and person become one message. */
struct import_orders;
struct import_orders *import_orders_new(struct import *import);
void import_orders_free(struct import_orders *orders);
enum status import_orders_line(struct import_orders *orders, const struct json *record,
                               unsigned line) MUST_CHECK;
/* The last orders of the file. */
enum status import_orders_finish(struct import_orders *orders) MUST_CHECK;

/* An amount of a row in minor units of the currency; -1 when there is none. */
enum status row_price(struct import *import, const struct json *record, struct slice currency,
                      int64_t *out_minor, struct diag *diag) MUST_CHECK;
/* The row's currency, else the workspace's. */
enum status row_currency(struct import *import, const struct json *record,
                         struct slice *out_currency, struct diag *diag) MUST_CHECK;
/* A whole number, 1 when there is none; "6.0" is 6. */
enum status row_quantity(struct import *import, const struct json *record, int64_t *out_quantity,
                         struct diag *diag) MUST_CHECK;
/* INT64_MIN when there is none. */
enum status row_time(struct import *import, const struct json *record, int64_t *out_ms,
                     struct diag *diag) MUST_CHECK;
/* A number with the currency's digits, also below zero. */
void row_put_amount(struct json_out *out, const char *name, int64_t minor, struct slice currency);
void row_put_time(struct json_out *out, int64_t ms);
#endif
