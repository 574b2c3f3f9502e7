#include "app/demo_simulated.h"

#include "app/demo_people.h"
#include "app/demo_start.h"
#include "app/simulate_truth.h"
#include "base/clock.h"
#include "base/hash.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIGNED_FOR_S = 3600, TEXT_BYTES = 256, SIGNATURE_BYTES = 128 };

struct demo_simulated {
    char secret_key[KEY_TEXT_MAX];
    struct world world;
    pthread_mutex_t lock; /* of truth */
    struct simulate_truth *truth;
};

enum status demo_simulated_new(const char *secret_key, struct demo_simulated **out_simulated,
                               struct diag *diag)
{
    struct demo_simulated *simulated = must_alloc_zero(1, sizeof *simulated);
    enum status status = demo_world_init(&simulated->world, diag);
    if (status != STATUS_OK) {
        world_done(&simulated->world);
        free(simulated);
        return status;
    }
    (void)snprintf(simulated->secret_key, KEY_TEXT_MAX, "%s", secret_key);
    pthread_mutex_init(&simulated->lock, NULL);
    simulated->truth = simulate_truth_new(&simulated->world);
    *out_simulated = simulated;
    return STATUS_OK;
}

void demo_simulated_free(struct demo_simulated *simulated)
{
    if (!simulated)
        return;
    simulate_truth_free(simulated->truth);
    pthread_mutex_destroy(&simulated->lock);
    world_done(&simulated->world);
    free(simulated);
}

/* As docs/signing.md tells a shop to do. */
static void write_signature(const struct demo_simulated *simulated, const struct demo_face *face,
                            int64_t now_ms, struct json_out *out)
{
    long long expires = (long long)(now_ms / MS_PER_SECOND) + SIGNED_FOR_S;
    char text[TEXT_BYTES], signature[SIGNATURE_BYTES], hex[2 * 32 + 1];
    uint8_t hash[32];
    int size = snprintf(text, sizeof text, DEMO_WORKSPACE "\n%s\n%s\n%lld\n", face->user_id,
                        face->anonymous_id, expires);
    hash_hmac_sha256(slice_of(simulated->secret_key), slice_make(text, (size_t)size), hash);
    hash_to_hex(hash, sizeof hash, hex);
    (void)snprintf(signature, sizeof signature, "%lld.%s", expires, hex);
    JSON_STRING_MEMBER(out, "userId", slice_of(face->user_id));
    JSON_STRING_MEMBER(out, "userSignature", slice_of(signature));
}

static void write_visitors(const struct demo_simulated *simulated, uint64_t number, int64_t now_ms,
                           struct json_out *out)
{
    json_name(out, "visitors");
    json_array(out);
    for (unsigned level = 1; level <= DEMO_LEVELS; level++) {
        struct demo_face face = demo_face(number, level);
        json_object(out);
        JSON_INT_MEMBER(out, "level", level);
        JSON_STRING_MEMBER(out, "anonymousId", slice_of(face.anonymous_id));
        if (face.user_id[0])
            write_signature(simulated, &face, now_ms, out);
        json_end(out);
    }
    json_end(out);
}

static void write_person(struct demo_simulated *simulated, uint64_t number, int64_t now_ms,
                         struct json_out *out)
{
    struct person person = person_make(DEMO_SEED, number);
    struct demo_account account = demo_account(&person);
    json_object(out);
    JSON_INT_MEMBER(out, "number", (int64_t)number);
    JSON_STRING_MEMBER(out, "name", slice_of(account.first_name));
    JSON_STRING_MEMBER(out, "city", slice_of(account.city));
    write_visitors(simulated, number, now_ms, out);
    json_name(out, "truth");
    json_object(out);
    simulate_truth_write(simulated->truth, &person, WORLD_ITEMS_MAX, out);
    json_end(out);
    json_end(out);
}

void demo_simulated_write(void *context, int64_t now_ms, struct json_out *out)
{
    struct demo_simulated *simulated = context;
    uint64_t faces[DEMO_FACES];
    demo_faces(faces);
    pthread_mutex_lock(&simulated->lock);
    json_array(out);
    for (size_t i = 0; i < DEMO_FACES; i++)
        write_person(simulated, faces[i], now_ms, out);
    json_end(out);
    pthread_mutex_unlock(&simulated->lock);
}
