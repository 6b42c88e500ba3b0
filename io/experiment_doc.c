/* io/experiment_doc.c - the schema of experiment files. */
#include "io/experiment_doc.h"

#include "io/yaml_doc.h"

#define PARTS(flag, type, member, entry)                                       \
    CYAML_FIELD_SEQUENCE_COUNT(#member, (flag) | CYAML_FLAG_POINTER,           \
                               struct type, member, n_##member, entry, 0,      \
                               CYAML_UNLIMITED)

#define NEURON(type, at)                                                       \
    TEXT_AS("lambda", OPT, type, at lambda),                                   \
        TEXT_AS("tau_lambda", OPT, type, at tau_lambda),                       \
        TEXT_AS("theta", OPT, type, at theta),                                 \
        TEXT_AS("tau_theta", OPT, type, at tau_theta),                         \
        TEXT_AS("v_th", OPT, type, at v_th), TEXT_AS("v0", OPT, type, at v0),  \
        TEXT_AS("bias", OPT, type, at bias),                                   \
        TEXT_AS("sigma", OPT, type, at sigma),                                 \
        TEXT_AS("reset", OPT, type, at reset),                                 \
        TEXT_AS("v_reset", OPT, type, at v_reset),                             \
        TEXT_AS("refractory", OPT, type, at refractory)

#define SPACE(type)                                                            \
    CYAML_FIELD_MAPPING_PTR("conv", OPT | CYAML_FLAG_POINTER, struct type,     \
                            space.conv, conv_fields),                          \
        CYAML_FIELD_MAPPING_PTR("pool", OPT | CYAML_FLAG_POINTER, struct type, \
                                space.pool, pool_fields)

static const cyaml_schema_field_t neuron_fields[] = {NEURON(ebb_doc_neuron, ),
                                                     CYAML_FIELD_END};

static const cyaml_schema_field_t conv_fields[] = {
    TEXT(OPT, ebb_doc_conv, channels),
    TEXT(NEED, ebb_doc_conv, size),
    TEXT(OPT, ebb_doc_conv, stride),
    TEXT(OPT, ebb_doc_conv, padding),
    TEXT(OPT, ebb_doc_conv, dilation),
    TEXT(OPT, ebb_doc_conv, groups),
    CYAML_FIELD_END};

static const cyaml_schema_field_t pool_fields[] = {
    TEXT(NEED, ebb_doc_pool, kind), TEXT(NEED, ebb_doc_pool, size),
    TEXT(OPT, ebb_doc_pool, stride), CYAML_FIELD_END};

static const cyaml_schema_field_t population_fields[] = {
    TEXT(NEED, ebb_doc_population, name),
    TEXT(OPT, ebb_doc_population, size),
    TEXT(OPT, ebb_doc_population, input),
    LIST(ebb_doc_population, shape),
    SPACE(ebb_doc_population),
    NEURON(ebb_doc_population, neuron.),
    CYAML_FIELD_END};

static const cyaml_schema_value_t population = {CYAML_VALUE_MAPPING(
    CYAML_FLAG_DEFAULT, struct ebb_doc_population, population_fields)};

static const cyaml_schema_field_t kernel_fields[] = {
    TEXT(NEED, ebb_doc_kernel, shape),    TEXT(OPT, ebb_doc_kernel, tau),
    TEXT(OPT, ebb_doc_kernel, tau_m),     TEXT(OPT, ebb_doc_kernel, tau_s),
    TEXT(OPT, ebb_doc_kernel, input_lag), TEXT(OPT, ebb_doc_kernel, normalised),
    TEXT(OPT, ebb_doc_kernel, per_axon),  LIST(ebb_doc_kernel, alpha),
    LIST(ebb_doc_kernel, beta),           CYAML_FIELD_END};

static const cyaml_schema_field_t projection_fields[] = {
    TEXT(OPT, ebb_doc_projection, name),
    TEXT_AS("from", NEED, ebb_doc_projection, source),
    TEXT_AS("to", NEED, ebb_doc_projection, target),
    TEXT(OPT, ebb_doc_projection, delay),
    TEXT(OPT, ebb_doc_projection, weights),
    TEXT(OPT, ebb_doc_projection, scale),
    TEXT(OPT, ebb_doc_projection, density),
    SPACE(ebb_doc_projection),
    PART(OPT, ebb_doc_projection, kernel, kernel_fields),
    CYAML_FIELD_END};

static const cyaml_schema_value_t projection = {CYAML_VALUE_MAPPING(
    CYAML_FLAG_DEFAULT, struct ebb_doc_projection, projection_fields)};

static const cyaml_schema_field_t network_fields[] = {
    TEXT(OPT, ebb_doc_network, tick),
    TEXT(OPT, ebb_doc_network, strict),
    PART(OPT, ebb_doc_network, neurons, neuron_fields),
    PART(OPT, ebb_doc_network, kernel, kernel_fields),
    LIST(ebb_doc_network, input),
    TEXT(OPT, ebb_doc_network, layers),
    PARTS(OPT, ebb_doc_network, populations, &population),
    PARTS(OPT, ebb_doc_network, projections, &projection),
    CYAML_FIELD_END};

static const cyaml_schema_field_t drawing_fields[] = {
    TEXT(OPT, ebb_doc_drawings, count), TEXT(OPT, ebb_doc_drawings, trains),
    TEXT(OPT, ebb_doc_drawings, ticks), TEXT(OPT, ebb_doc_drawings, density),
    TEXT(OPT, ebb_doc_drawings, seed),  CYAML_FIELD_END};

static const cyaml_schema_field_t cue_fields[] = {
    TEXT(OPT, ebb_doc_cue, p_alter),
    TEXT(OPT, ebb_doc_cue, p_jitter),
    TEXT(OPT, ebb_doc_cue, jitter),
    TEXT(OPT, ebb_doc_cue, p_delete),
    TEXT(OPT, ebb_doc_cue, block),
    TEXT(OPT, ebb_doc_cue, background),
    CYAML_FIELD_END};

static const cyaml_schema_field_t augment_fields[] = {
    TEXT(OPT, ebb_doc_augment, shift),   TEXT(OPT, ebb_doc_augment, rotate),
    TEXT(OPT, ebb_doc_augment, stretch), TEXT(OPT, ebb_doc_augment, jitter),
    TEXT(OPT, ebb_doc_augment, drop),    CYAML_FIELD_END};

static const cyaml_schema_field_t data_fields[] = {
    TEXT(OPT, ebb_doc_data, patterns),
    TEXT(OPT, ebb_doc_data, dataset),
    TEXT(OPT, ebb_doc_data, target_delay),
    TEXT(OPT, ebb_doc_data, train),
    TEXT(OPT, ebb_doc_data, validation),
    TEXT(OPT, ebb_doc_data, validation_seed),
    TEXT(OPT, ebb_doc_data, test),
    TEXT(OPT, ebb_doc_data, test_seed),
    PART(OPT, ebb_doc_data, drawings, drawing_fields),
    PART(OPT, ebb_doc_data, cue, cue_fields),
    PART(OPT, ebb_doc_data, augment, augment_fields),
    CYAML_FIELD_END};

static const cyaml_schema_field_t optimiser_fields[] = {
    TEXT(OPT, ebb_doc_optimiser, kind),
    TEXT(OPT, ebb_doc_optimiser, rate),
    TEXT(OPT, ebb_doc_optimiser, momentum),
    TEXT(OPT, ebb_doc_optimiser, beta1),
    TEXT(OPT, ebb_doc_optimiser, beta2),
    TEXT(OPT, ebb_doc_optimiser, epsilon),
    TEXT(OPT, ebb_doc_optimiser, weight_decay),
    CYAML_FIELD_END};

static const cyaml_schema_field_t schedule_fields[] = {
    TEXT(NEED, ebb_doc_schedule, kind), TEXT(OPT, ebb_doc_schedule, gamma),
    TEXT(OPT, ebb_doc_schedule, warmup), LIST(ebb_doc_schedule, milestones),
    CYAML_FIELD_END};

static const cyaml_schema_field_t loss_fields[] = {
    TEXT(NEED, ebb_doc_loss, kind), TEXT(OPT, ebb_doc_loss, mean_squared),
    PART(OPT, ebb_doc_loss, kernel, kernel_fields), CYAML_FIELD_END};

static const cyaml_schema_field_t learn_fields[] = {
    TEXT(OPT, ebb_doc_learn, kernels), TEXT(OPT, ebb_doc_learn, bias),
    TEXT(OPT, ebb_doc_learn, lambda),  TEXT(OPT, ebb_doc_learn, theta),
    TEXT(OPT, ebb_doc_learn, v_th),    CYAML_FIELD_END};

static const cyaml_schema_field_t activity_fields[] = {
    TEXT(NEED, ebb_doc_activity, target), TEXT(NEED, ebb_doc_activity, weight),
    CYAML_FIELD_END};

static const cyaml_schema_field_t layer_fields[] = {
    TEXT(NEED, ebb_doc_layer, name), TEXT(OPT, ebb_doc_layer, dropout),
    TEXT(OPT, ebb_doc_layer, rate_penalty),
    PART(OPT, ebb_doc_layer, activity, activity_fields), CYAML_FIELD_END};

static const cyaml_schema_value_t layer = {CYAML_VALUE_MAPPING(
    CYAML_FLAG_DEFAULT, struct ebb_doc_layer, layer_fields)};

static const cyaml_schema_field_t early_stop_fields[] = {
    TEXT(NEED, ebb_doc_early_stop, patience),
    TEXT(OPT, ebb_doc_early_stop, min_change), CYAML_FIELD_END};

static const cyaml_schema_field_t training_fields[] = {
    TEXT(NEED, ebb_doc_training, epochs),
    TEXT(OPT, ebb_doc_training, batch),
    TEXT(OPT, ebb_doc_training, threads),
    PART(OPT, ebb_doc_training, optimiser, optimiser_fields),
    PART(OPT, ebb_doc_training, schedule, schedule_fields),
    PART(NEED, ebb_doc_training, loss, loss_fields),
    PART(OPT, ebb_doc_training, learn, learn_fields),
    PART(OPT, ebb_doc_training, activity, activity_fields),
    PARTS(OPT, ebb_doc_training, layers, &layer),
    PART(OPT, ebb_doc_training, early_stop, early_stop_fields),
    CYAML_FIELD_END};

static const cyaml_schema_field_t top_fields[] = {
    TEXT(OPT, ebb_doc, name),
    TEXT(OPT, ebb_doc, seed),
    PART(NEED, ebb_doc, network, network_fields),
    PART(NEED, ebb_doc, data, data_fields),
    PART(NEED, ebb_doc, training, training_fields),
    CYAML_FIELD_END};

static const cyaml_schema_value_t top = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct ebb_doc, top_fields)};

ebb_status ebb_doc_read(struct ebb_doc **out, struct ebb_yaml_map *map,
                        const char *path)
{
    void *doc = NULL;
    ebb_status status = ebb_yaml_load(&doc, map, path, &top);
    *out = doc;
    return status;
}

void ebb_doc_destroy(struct ebb_doc *doc)
{
    ebb_yaml_free(doc, &top);
}
