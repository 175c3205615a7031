// The configuration as the schema lets it through.
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const char SCHEMA[];

struct settings {
    int32_t oldest;
    int32_t newest;
    char *to;
    char *text;
};

// Reads JSON that fits SCHEMA. False when memory is short.
bool settings_read(struct settings *settings, const char *json, size_t length);

#endif
