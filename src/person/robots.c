/* Known robots and the class of a device, by the user agent, which is not kept. */
#include "person/intake_work.h"

enum { USER_AGENT_BYTES_MAX = 512 };
enum device { DEVICE_UNKNOWN, DEVICE_DESKTOP, DEVICE_MOBILE, DEVICE_TABLET, DEVICE_ROBOT };

/* Parts of the user agents of crawlers, checkers and programs, lower case. "bot" is sought
 * apart: Cubot makes telephones. */
static const char *const ROBOT_PARTS[] = {
    "crawl",
    "spider",
    "slurp",
    "mediapartners-google",
    "google-inspection",
    "googleother",
    "feedfetcher",
    "facebookexternalhit",
    "facebookcatalog",
    "meta-externalagent",
    "whatsapp/",
    "embedly",
    "quora link preview",
    "pinterest/0.",
    "headlesschrome",
    "phantomjs",
    "puppeteer",
    "selenium",
    "chrome-lighthouse",
    "pagespeed",
    "gtmetrix",
    "pingdom",
    "statuscake",
    "site24x7",
    "uptime",
    "curl/",
    "wget/",
    "python-requests",
    "python-urllib",
    "python-httpx",
    "aiohttp/",
    "go-http-client",
    "java/",
    "apache-httpclient",
    "libwww-perl",
    "lwp::",
    "scrapy",
    "axios/",
    "node-fetch",
    "got (https",
    "postmanruntime",
    "insomnia/",
    "archiver",
    "chatgpt-user",
    "claude-web",
    "perplexity",
    "ia_archiver",
    "httrack",
    "nikto",
    "nmap",
    "masscan",
    "zgrab",
};

static size_t find_part(struct slice text, const char *part, size_t from)
{
    struct slice rest = slice_from(text, from);
    const char *found = rest.size ? memmem(rest.data, rest.size, part, strlen(part)) : NULL;
    return found ? (size_t)(found - text.data) : SIZE_MAX;
}

static bool has_part(struct slice text, const char *part)
{
    return find_part(text, part, 0) != SIZE_MAX;
}

static struct slice lower_case(struct slice text, char room[USER_AGENT_BYTES_MAX])
{
    text = slice_first(text, USER_AGENT_BYTES_MAX);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        room[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    return slice_make(room, text.size);
}

/* "bot" at the end of a word: Googlebot/2.1, "bot;", but neither Cubot nor "bottle". */
static bool names_a_bot(struct slice lower)
{
    for (size_t at = find_part(lower, "bot", 0); at != SIZE_MAX;
         at = find_part(lower, "bot", at + 1)) {
        bool word_goes_on =
            at + 3 < lower.size && lower.data[at + 3] >= 'a' && lower.data[at + 3] <= 'z';
        bool cubot = at >= 2 && lower.data[at - 2] == 'c' && lower.data[at - 1] == 'u';
        if (!word_goes_on && !cubot)
            return true;
    }
    return false;
}

static bool begins_with_robot(struct slice lower)
{
    for (size_t i = 0; i < sizeof ROBOT_PARTS / sizeof *ROBOT_PARTS; i++)
        if (ROBOT_PARTS[i][1] == lower.data[1] &&
            slice_starts_with(lower, slice_of(ROBOT_PARTS[i])))
            return true;
    return false;
}

/* Every message is asked this, so all parts are sought in one pass: they are compared only where
 * two bytes stand that may begin one (five bits of each are enough to tell). */
static bool is_robot(struct slice lower)
{
    uint32_t seconds[32] = {0}; /* by first byte, a bit for each second byte */
    for (size_t i = 0; i < sizeof ROBOT_PARTS / sizeof *ROBOT_PARTS; i++)
        seconds[ROBOT_PARTS[i][0] & 31] |= 1U << (ROBOT_PARTS[i][1] & 31);
    for (size_t i = 0; i + 1 < lower.size; i++)
        if (seconds[lower.data[i] & 31] >> (lower.data[i + 1] & 31) & 1U &&
            begins_with_robot(slice_from(lower, i)))
            return true;
    return names_a_bot(lower);
}

static enum device class_of(struct slice lower)
{
    if (is_robot(lower))
        return DEVICE_ROBOT;
    bool mobile = has_part(lower, "mobile");
    if (has_part(lower, "ipad") || has_part(lower, "tablet") ||
        (has_part(lower, "android") && !mobile))
        return DEVICE_TABLET;
    if (mobile || has_part(lower, "iphone") || has_part(lower, "ipod"))
        return DEVICE_MOBILE;
    static const char *const desktops[] = {"windows", "macintosh", "x11", "linux", "cros"};
    for (size_t i = 0; i < sizeof desktops / sizeof *desktops; i++)
        if (has_part(lower, desktops[i]))
            return DEVICE_DESKTOP;
    return DEVICE_UNKNOWN;
}

void intake_device(struct intake_work *work)
{
    const struct intake *intake = work->intake;
    static const char *const names[] = {"userAgent", "user_agent"};
    struct slice user_agent = SLICE_NONE;
    for (size_t i = 0; user_agent.size == 0 && i < 2; i++)
        user_agent = json_text(intake_context(work, names[i]));
    /* of a server's call the header names the server's library, not the visitor's browser */
    if (user_agent.size == 0 && !intake_is_server(intake))
        user_agent = intake->user_agent;
    char room[USER_AGENT_BYTES_MAX];
    enum device device = class_of(lower_case(user_agent, room));
    struct slice kind = json_get_text(intake_context(work, "device"), "type");
    if (device == DEVICE_UNKNOWN && (slice_is(kind, "ios") || slice_is(kind, "android")))
        device = DEVICE_MOBILE;
    work->event->device = (uint8_t)device;
    if (device == DEVICE_ROBOT)
        work->event->flags |= EVENT_ROBOT;
}
