// Lets in the versions of the game that the operator names, and tells everybody else what to install.
//
// What an exported function is given is its own to free; what it returns is freed by the generated code after the host has
// read it, and must be on the heap.

#include <stdio.h>
#include <stdlib.h>

#include "settings.h"
#include "version_gate.h"

// One for each instance, and so for each worker.
static struct settings settings;

static void say(portcullis_plugin_log_level_t level, const char *message, const char *key, const char *value) {
    version_gate_string_t text;
    version_gate_tuple2_string_string_t field;
    version_gate_string_set(&text, message);
    version_gate_string_set(&field.f0, key);
    version_gate_string_set(&field.f1, value);
    version_gate_list_tuple2_string_string_t fields = {.ptr = &field, .len = 1};
    portcullis_plugin_log_log(level, &text, &fields);
}

void exports_portcullis_plugin_lifecycle_describe(exports_portcullis_plugin_lifecycle_description_t *ret) {
    version_gate_string_dup(&ret->name, "version-gate");
    version_gate_string_dup(&ret->version, "0.1.0");
    version_gate_string_dup(&ret->summary, "Lets in some versions of the game, and tells the others so.");
    ret->stage = EXPORTS_PORTCULLIS_PLUGIN_LIFECYCLE_STAGE_ROUTE;
    ret->hooks.len = 1;
    ret->hooks.ptr = malloc(sizeof *ret->hooks.ptr);
    if (ret->hooks.ptr == NULL) {
        abort();
    }
    version_gate_string_dup(&ret->hooks.ptr[0], "route");
    ret->config_schema.is_some = true;
    version_gate_string_dup(&ret->config_schema.val, SCHEMA);
    ret->state_version.is_some = false;
}

// False with a text: the load is refused, and the operator reads the text.
bool exports_portcullis_plugin_lifecycle_init(version_gate_string_t *config, version_gate_string_t *err) {
    bool read = settings_read(&settings, (const char *)config->ptr, config->len);
    version_gate_string_free(config);
    if (!read) {
        version_gate_string_dup(err, "no memory is left for the configuration");
        return false;
    }
    if (settings.oldest > settings.newest) {
        version_gate_string_dup(err, "oldest is above newest, so nobody would be let in");
        return false;
    }
    say(PORTCULLIS_PLUGIN_LOG_LEVEL_INFO, "versions read", "to", settings.to);
    return true;
}

// Nothing to hand over in a swap: `describe` gives no state version.
void exports_portcullis_plugin_lifecycle_save(version_gate_list_u8_t *ret) {
    ret->ptr = NULL;
    ret->len = 0;
}

bool exports_portcullis_plugin_lifecycle_load(uint32_t state_version, version_gate_list_u8_t *saved,
                                              version_gate_string_t *err) {
    (void)state_version;
    (void)err;
    version_gate_list_u8_free(saved);
    return true;
}

void exports_portcullis_plugin_lifecycle_shutdown(void) {}

static void refuse(int32_t protocol, exports_portcullis_plugin_route_verdict_t *ret) {
    char digits[sizeof "-2147483648"];
    snprintf(digits, sizeof digits, "%d", (int)protocol);
    say(PORTCULLIS_PLUGIN_LOG_LEVEL_DEBUG, "version refused", "protocol", digits);
    ret->tag = EXPORTS_PORTCULLIS_PLUGIN_ROUTE_VERDICT_DISCONNECT;
    ret->val.disconnect.tag = PORTCULLIS_PLUGIN_TYPES_TEXT_MARKUP;
    version_gate_string_dup(&ret->val.disconnect.val.markup, settings.text);
}

void exports_portcullis_plugin_route_on_route(exports_portcullis_plugin_route_cause_t *cause,
                                              exports_portcullis_plugin_route_verdict_t *ret) {
    (void)cause;
    ret->tag = EXPORTS_PORTCULLIS_PLUGIN_ROUTE_VERDICT_NEXT;

    int32_t protocol;
    if (!portcullis_plugin_session_facts_protocol(&protocol)) {
        return;
    }
    if (protocol < settings.oldest || protocol > settings.newest) {
        refuse(protocol, ret);
        return;
    }

    // Asked each time: an unknown name in a verdict would count as a failure of this plugin.
    version_gate_string_t name;
    portcullis_plugin_servers_kind_t kind;
    version_gate_string_set(&name, settings.to);
    if (!portcullis_plugin_servers_kind_of(&name, &kind)) {
        return;
    }
    exports_portcullis_plugin_route_target_t *target = malloc(sizeof *target);
    if (target == NULL) {
        return;
    }
    if (kind == PORTCULLIS_PLUGIN_SERVERS_KIND_GROUP) {
        target->tag = PORTCULLIS_PLUGIN_TYPES_TARGET_GROUP;
        version_gate_string_dup(&target->val.group, settings.to);
    } else {
        target->tag = PORTCULLIS_PLUGIN_TYPES_TARGET_SERVER;
        version_gate_string_dup(&target->val.server, settings.to);
    }
    ret->tag = EXPORTS_PORTCULLIS_PLUGIN_ROUTE_VERDICT_TO;
    ret->val.to.ptr = target;
    ret->val.to.len = 1;
}
