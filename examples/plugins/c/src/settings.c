#include "settings.h"

#include <stdlib.h>
#include <string.h>

// The host checks the configuration against this before it calls `init`. The patterns keep quotes and backslashes out of
// texts, so that what is between two quotes is the text itself: enough JSON to be read without a library.
const char SCHEMA[] =
    "{\"type\":\"object\",\"properties\":{"
    "\"oldest\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":2147483647,"
    "\"description\":\"The first protocol number that is let in, for example 763 for 1.20.1.\"},"
    "\"newest\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":2147483647,"
    "\"description\":\"The last one. Any newer version is let in when absent; snapshots count as newer than all.\"},"
    "\"to\":{\"type\":\"string\",\"pattern\":\"^[^\\\"\\\\\\\\]+$\","
    "\"description\":\"A server or a group.\"},"
    "\"text\":{\"type\":\"string\",\"pattern\":\"^[^\\\"\\\\\\\\\\\\u0000-\\\\u001f]+$\","
    "\"description\":\"What everybody else is told; MiniMessage, without quotes and backslashes.\"}"
    "},\"required\":[\"oldest\",\"to\",\"text\"],\"additionalProperties\":false}";

// Where a key's value starts. A quoted key cannot be found inside a value: values have no quotes.
static const char *value_of(const char *json, const char *quoted_key) {
    const char *found = strstr(json, quoted_key);
    return found == NULL ? NULL : found + strlen(quoted_key) + strspn(found + strlen(quoted_key), " :");
}

static int32_t number(const char *value, int32_t absent) {
    return value == NULL ? absent : (int32_t)strtol(value, NULL, 10);
}

static char *text(const char *value) {
    return value == NULL ? NULL : strndup(value + 1, strcspn(value + 1, "\""));
}

bool settings_read(struct settings *settings, const char *json, size_t length) {
    char *copy = strndup(json, length);
    if (copy == NULL) {
        return false;
    }
    settings->oldest = number(value_of(copy, "\"oldest\""), 0);
    settings->newest = number(value_of(copy, "\"newest\""), INT32_MAX);
    settings->to = text(value_of(copy, "\"to\""));
    settings->text = text(value_of(copy, "\"text\""));
    free(copy);
    return settings->to != NULL && settings->text != NULL;
}
