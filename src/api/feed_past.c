#include "api/feed_past.h"

struct feed_past feed_past_add(const struct feed_past *before, int64_t until_ms, struct slice by,
                               struct slice text, struct arena *arena)
{
    struct feed_past past = {.count = 1};
    past.list[0].until_ms = until_ms;
    past.list[0].by = arena_copy(arena, by);
    past.list[0].text = arena_copy(arena, text);
    for (size_t i = 0; i < before->count && past.count < FEED_PAST_MAX; i++) {
        past.list[past.count].until_ms = before->list[i].until_ms;
        past.list[past.count].by = arena_copy(arena, before->list[i].by);
        past.list[past.count++].text = arena_copy(arena, before->list[i].text);
    }
    return past;
}

void feed_past_pack(const struct feed_past *past, struct buf *buf)
{
    pack_u8(buf, (uint8_t)past->count);
    for (size_t i = 0; i < past->count; i++) {
        pack_u64(buf, (uint64_t)past->list[i].until_ms);
        pack_text(buf, past->list[i].by);
        pack_text(buf, past->list[i].text);
    }
}

bool feed_past_unpack(struct unpack *in, struct arena *arena, struct feed_past *out_past)
{
    struct feed_past past = {.count = unpack_u8(in)};
    if (past.count > FEED_PAST_MAX)
        return false;
    for (size_t i = 0; i < past.count; i++) {
        past.list[i].until_ms = (int64_t)unpack_u64(in);
        past.list[i].by = arena_copy(arena, unpack_text(in));
        past.list[i].text = arena_copy(arena, unpack_text(in));
    }
    *out_past = past;
    return true;
}

void feed_past_write(const struct feed_past *past, struct json_out *out)
{
    json_object(out);
    json_name(out, "versions");
    json_array(out);
    for (size_t i = 0; i < past->count; i++) {
        json_object(out);
        JSON_TIME_MEMBER(out, "until", past->list[i].until_ms);
        JSON_STRING_MEMBER(out, "by", past->list[i].by);
        json_name(out, "settings");
        json_raw(out, past->list[i].text);
        json_end(out);
    }
    json_end(out);
    json_end(out);
}
