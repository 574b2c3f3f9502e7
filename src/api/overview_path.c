/* The path in three steps, from what is really live, and what each role does next. */
#include "api/overview.h"

#include "api/roles.h"

enum { CRAWL, WALK, RUN, STEP_COUNT };

struct goal {
    const char *code;
    int step;
    enum user_role role; /* whose it is */
    bool done;
};

enum { GOAL_COUNT = 11 };

static void list_goals(const struct overview_facts *facts, struct goal out_goals[GOAL_COUNT])
{
    const struct goal goals[GOAL_COUNT] = {
        {"events_arrive", CRAWL, USER_ROLE_DEVELOPER, facts->events},
        {"catalog_loaded", CRAWL, USER_ROLE_DEVELOPER, facts->items},
        {"placement_published", CRAWL, USER_ROLE_MARKETER, facts->placement},
        {"placement_shown", CRAWL, USER_ROLE_DEVELOPER, facts->shown},
        {"consent_given", WALK, USER_ROLE_PRIVACY, facts->consent},
        {"catalog_kept_fresh", WALK, USER_ROLE_DEVELOPER, facts->catalog_kept},
        {"recipe_personal", WALK, USER_ROLE_MARKETER, facts->personal},
        {"effect_measured", WALK, USER_ROLE_MARKETER, facts->measured},
        {"recipe_learns", RUN, USER_ROLE_MARKETER, facts->blends},
        {"placement_explores", RUN, USER_ROLE_MARKETER, facts->explores},
        {"effect_known", RUN, USER_ROLE_ANALYST, facts->effect_known},
    };
    memcpy(out_goals, goals, sizeof goals);
}

/* The first goal that is open, of a role or (the owner) of anybody. */
static const char *next_of(const struct goal goals[GOAL_COUNT], enum user_role role)
{
    for (size_t i = 0; i < GOAL_COUNT; i++)
        if (!goals[i].done && (role == USER_ROLE_OWNER || goals[i].role == role))
            return goals[i].code;
    return NULL;
}

static void write_step(const struct goal goals[GOAL_COUNT], int step, struct json_out *out)
{
    static const char *const names[STEP_COUNT] = {"crawl", "walk", "run"};
    bool done = true;
    json_object(out);
    JSON_STRING_MEMBER(out, "step", slice_of(names[step]));
    json_name(out, "goals");
    json_array(out);
    for (size_t i = 0; i < GOAL_COUNT; i++) {
        if (goals[i].step != step)
            continue;
        json_object(out);
        JSON_STRING_MEMBER(out, "code", slice_of(goals[i].code));
        JSON_STRING_MEMBER(out, "role", slice_of(role_name(goals[i].role)));
        JSON_BOOL_MEMBER(out, "done", goals[i].done);
        json_end(out);
        done = done && goals[i].done;
    }
    json_end(out);
    JSON_BOOL_MEMBER(out, "done", done);
    json_end(out);
}

void overview_path_write(const struct overview_facts *facts, struct json_out *out)
{
    struct goal goals[GOAL_COUNT];
    list_goals(facts, goals);
    json_name(out, "path");
    json_object(out);
    json_name(out, "steps");
    json_array(out);
    for (int step = CRAWL; step < STEP_COUNT; step++)
        write_step(goals, step, out);
    json_end(out);
    json_name(out, "next");
    json_object(out);
    for (int role = 0; role < USER_ROLE_COUNT; role++) {
        const char *code = next_of(goals, (enum user_role)role);
        json_name(out, role_name((enum user_role)role));
        if (code)
            json_string(out, slice_of(code));
        else
            json_null(out);
    }
    json_end(out);
    json_end(out);
}
