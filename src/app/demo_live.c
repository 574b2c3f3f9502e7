/* Visitors of the demo shop over HTTP, like any shop's page: nothing here takes a shorter way.
 * One thread; a call is bounded in time and size. */
#include "app/demo.h"
#include "app/demo_shop.h"

#include <netdb.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PAUSE_MS = 2000,
    STEP_MS = 100,
    CALL_TIMEOUT_S = 2,
    BODY_BYTES = 8192,
    ANSWER_BYTES_MAX = 1 << 20
};

struct live {
    const struct demo_shop *shop;
    const char *host, *port, *write_key;
    struct random_stream stream;
};

/* --- one visit as the body of POST /v1/decide ------------------------------------------------- */

enum visit_page { PAGE_HOME, PAGE_ITEM, PAGE_BASKET };

struct visit {
    struct shopper shopper;
    enum visit_page page;
    bool nameless; /* sends no identifier at all */
    const struct ware *ware, *second;
};

static struct visit choose_visit(struct live *live)
{
    struct random_stream *stream = &live->stream;
    struct visit visit = {.shopper =
                              demo_shopper(live->shop, (unsigned)random_below(stream, SHOPPERS))};
    visit.shopper.stream = random_stream(random_next(stream)); /* today they do something new */
    uint64_t page = random_below(stream, 100);
    visit.page = page < 35 ? PAGE_HOME : page < 75 ? PAGE_ITEM : PAGE_BASKET;
    visit.nameless = random_below(stream, 10) == 0;
    visit.ware = demo_pick(live->shop, &visit.shopper, NULL);
    visit.second = demo_complement(live->shop, &visit.shopper, visit.ware);
    return visit;
}

static void write_page(const struct visit *visit, struct json_out *out)
{
    static const char *const types[] = {"home", "product", "cart"};
    json_name(out, "page");
    json_object(out);
    JSON_STRING_MEMBER(out, "type", slice_of(types[visit->page]));
    if (visit->page == PAGE_ITEM) {
        JSON_STRING_MEMBER(out, "itemId", visit->ware->item.id);
        JSON_STRING_MEMBER(out, "category", visit->ware->item.category);
    }
    json_end(out);
    if (visit->page != PAGE_BASKET)
        return;
    const struct ware *const wares[] = {visit->ware, visit->second};
    json_name(out, "cart");
    json_array(out);
    for (size_t i = 0; i < 2; i++) {
        json_object(out);
        JSON_STRING_MEMBER(out, "itemId", wares[i]->item.id);
        JSON_INT_MEMBER(out, "quantity", 1);
        json_end(out);
    }
    json_end(out);
}

static void write_consent(const struct visit *visit, struct json_out *out)
{
    bool granted = visit->shopper.choice == CHOICE_GRANTED;
    if (visit->nameless || visit->shopper.choice == CHOICE_NONE)
        return;
    json_name(out, "consent");
    json_object(out);
    json_name(out, "categoryPreferences");
    json_object(out);
    JSON_BOOL_MEMBER(out, "mesure", granted);
    JSON_BOOL_MEMBER(out, "personnalisation", granted);
    json_end(out);
    json_end(out);
}

static void write_context(const struct visit *visit, struct json_out *out)
{
    json_name(out, "context");
    json_object(out);
    JSON_BOOL_MEMBER(out, "simulated", true);
    JSON_STRING_MEMBER(out, "locale", SLICE("fr-FR"));
    JSON_STRING_MEMBER(out, "timezone", SLICE("Europe/Paris"));
    write_consent(visit, out);
    write_page(visit, out);
    json_end(out);
}

/* What has just happened counts at once: the page tells it with its question. */
static void write_events(const struct visit *visit, struct json_out *out)
{
    if (visit->page == PAGE_HOME || visit->nameless || visit->shopper.choice != CHOICE_GRANTED)
        return;
    json_name(out, "events");
    json_array(out);
    json_object(out);
    JSON_STRING_MEMBER(out, "type", SLICE("track"));
    JSON_STRING_MEMBER(out, "event",
                       visit->page == PAGE_ITEM ? SLICE("Product Viewed") : SLICE("Product Added"));
    json_name(out, "properties");
    json_object(out);
    JSON_STRING_MEMBER(out, "product_id", visit->ware->item.id);
    json_end(out);
    json_end(out);
    json_end(out);
}

static void write_visit(const struct visit *visit, struct buf *body)
{
    struct json_out out = json_out(body);
    json_object(&out);
    json_name(&out, "user");
    json_object(&out);
    if (!visit->nameless)
        JSON_STRING_MEMBER(&out, "anonymousId", slice_of(visit->shopper.anonymous_id));
    json_end(&out);
    write_context(visit, &out);
    write_events(visit, &out);
    json_name(&out, "placements");
    json_array(&out);
    if (visit->page == PAGE_HOME)
        json_string(&out, SLICE("accueil-tendances"));
    else if (visit->page == PAGE_BASKET)
        json_string(&out, SLICE("panier-complements"));
    else
        json_string(&out, SLICE("produit-souvent-avec"));
    if (visit->page == PAGE_ITEM && visit->shopper.choice == CHOICE_GRANTED && !visit->nameless)
        json_string(&out, SLICE("recemment-vus"));
    json_end(&out);
    json_end(&out);
}

/* --- one call --------------------------------------------------------------------------------- */

static int dial(const struct live *live)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *address = NULL;
    if (getaddrinfo(live->host, live->port, &hints, &address) != 0)
        return -1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct timeval timeout = {.tv_sec = CALL_TIMEOUT_S};
    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
        if (connect(fd, address->ai_addr, address->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(address);
    return fd;
}

static bool send_all(int fd, struct slice bytes)
{
    while (bytes.size) {
        ssize_t sent = send(fd, bytes.data, bytes.size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes = slice_from(bytes, (size_t)sent);
    }
    return true;
}

/* The answer is what a page would render; here it is only read to its end. */
static void read_away(int fd)
{
    char block[4096];
    size_t total = 0;
    ssize_t count;
    while (total < ANSWER_BYTES_MAX && (count = recv(fd, block, sizeof block, 0)) > 0)
        total += (size_t)count;
}

static void visit_once(struct live *live)
{
    struct visit visit = choose_visit(live);
    struct buf body, head;
    buf_init(&body, BODY_BYTES);
    buf_init(&head, BODY_BYTES);
    write_visit(&visit, &body);
    buf_format(&head,
               "POST /v1/decide HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"
               "Content-Type: application/json\r\nContent-Length: %zu\r\n"
               "Connection: close\r\n\r\n",
               live->host, live->write_key, body.size);
    int fd = dial(live);
    if (fd >= 0) {
        if (send_all(fd, buf_slice(&head)) && send_all(fd, buf_slice(&body)))
            read_away(fd);
        close(fd);
    }
    buf_done(&head);
    buf_done(&body);
}

/* --- visit after visit ------------------------------------------------------------------------ */

static void rest_a_while(const atomic_bool *stop)
{
    const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
    for (unsigned rested_ms = 0; rested_ms < PAUSE_MS && !atomic_load(stop); rested_ms += STEP_MS)
        (void)nanosleep(&step, NULL);
}

void demo_run_live(const char *host, unsigned port, const char *write_key, const atomic_bool *stop)
{
    struct arena arena;
    struct demo_shop shop;
    struct diag diag;
    arena_init(&arena);
    if (demo_shop_load(&arena, &shop, &diag) == STATUS_OK) {
        struct slice port_text = arena_format(&arena, "%u", port);
        struct live live = {.shop = &shop,
                            .host = host,
                            .port = arena_copy_text(&arena, port_text),
                            .write_key = write_key,
                            .stream = random_stream(random_seed())};
        while (!atomic_load(stop)) {
            visit_once(&live);
            rest_a_while(stop);
        }
    }
    arena_done(&arena);
}
