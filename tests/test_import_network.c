/* tests/test_import_network.c - matrices, lists of synapses and SONATA become
 * networks, and networks SONATA. */
#include "io/h5.h"
#include "io/import_csr.h"
#include "io/import_edges.h"
#include "io/sonata.h"
#include "models/network_rows.h"
#include "core/random.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[] = "/tmp/ebb_import_XXXXXX";
static struct ebb_network *net;

static void begin(void)
{
    strcpy(path + strlen(path) - 6, "XXXXXX");
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
}

static void end(void)
{
    ebb_network_destroy(net);
    net = NULL;
    unlink(path);
}

/* A projection, in plain rows. */
static const struct ebb_projection *find(const char *name)
{
    size_t k = ebb_network_find_projection(net, name);
    ck_assert_msg(k < net->n_projections, "no projection %s", name);
    ck_assert_int_eq(ebb_network_unpack(net, k), EBB_OK);
    return &net->projections[k];
}

/* Text as h5py writes it: of variable length. */
static void put_variable_text(hid_t at, const char *name, const char *text)
{
    hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    hid_t a = H5Acreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert_int_ge(H5Awrite(a, type, &text), 0);
    H5Aclose(a);
    H5Sclose(space);
    H5Tclose(type);
}

static void put_shape(hid_t at, const int64_t *shape)
{
    hsize_t two = 2;
    hid_t space = H5Screate_simple(1, &two, NULL);
    hid_t a =
        H5Acreate2(at, "shape", H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert_int_ge(H5Awrite(a, H5T_NATIVE_INT64, shape), 0);
    H5Aclose(a);
    H5Sclose(space);
}

static void put_ints(hid_t at, const char *name, const int32_t *v, size_t n)
{
    struct ebb_h5_shape shape = ebb_h5_shape_1(n);
    ck_assert_int_eq(ebb_h5_write(at, name, H5T_STD_I32LE, H5T_NATIVE_INT32,
                                  &shape, v, false),
                     EBB_OK);
}

static void put_doubles(hid_t at, const char *name, const double *v, size_t n)
{
    struct ebb_h5_shape shape = ebb_h5_shape_1(n);
    ck_assert_int_eq(ebb_h5_write(at, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
                                  &shape, v, false),
                     EBB_OK);
}

/* A matrix of AnnData: [[0 2 1], [0 0 0], [5 0 -1]], columns out of order. */
struct csr {
    int64_t shape[2];
    int32_t indptr[8], indices[8];
    size_t n_indptr, n_indices, n_data;
    double data[8];
    const char *encoding;
};

static const struct csr good = {{3, 3}, {0, 2, 2, 4},  {2, 1, 2, 0}, 4, 4,
                                4,      {1, 2, -1, 5}, "csr_matrix"};

static void write_csr(const struct csr *m, const char *group)
{
    begin();
    hid_t file, at;
    ck_assert_int_eq(ebb_h5_begin(&file, path), EBB_OK);
    ck_assert_int_eq(ebb_h5_group_create(&at, file, group), EBB_OK);
    put_variable_text(at, "encoding-type", m->encoding);
    put_shape(at, m->shape);
    put_ints(at, "indptr", m->indptr, m->n_indptr);
    put_ints(at, "indices", m->indices, m->n_indices);
    put_doubles(at, "data", m->data, m->n_data);
    H5Gclose(at);
    ck_assert_int_eq(ebb_h5_commit(file, path), EBB_OK);
}

static ebb_status read_csr(const char *group, bool forward)
{
    struct ebb_edge_neurons how = ebb_edge_neurons_default();
    return ebb_csr_read(&net, path, group, forward, &how);
}

START_TEST(a_matrix_of_anndata_becomes_sorted_rows)
{
    const uint64_t indptr[] = {0, 2, 2, 4};
    const uint32_t indices[] = {1, 2, 0, 2};
    const float data[] = {2, 1, 5, -1};
    write_csr(&good, "weights");
    ck_assert(ebb_csr_looks(path));
    ck_assert_msg(read_csr(NULL, false) == EBB_OK, "%s", ebb_error_message());
    const struct ebb_projection *q = find("synapses");
    ck_assert_uint_eq(q->synapses, 4);
    ck_assert_mem_eq(q->indptr, indptr, sizeof(indptr));
    ck_assert_mem_eq(q->indices, indices, sizeof(indices));
    ck_assert_mem_eq(q->weight, data, sizeof(data));
    ck_assert_uint_eq(q->source, q->target);
    ck_assert_uint_eq(find("cue")->synapses, 3);
    ebb_network_destroy(net);
    ck_assert_int_eq(read_csr("weights", true), EBB_OK);
    ck_assert_uint_eq(find("synapses")->source, ebb_network_input(net));
    ck_assert_uint_eq(net->n_projections, 1);
    end();
}
END_TEST

START_TEST(a_matrix_that_is_not_square_goes_forward)
{
    struct csr m = good;
    m.shape[1] = 5;
    write_csr(&m, "X");
    ck_assert_int_eq(read_csr(NULL, false), EBB_OK);
    ck_assert_uint_eq(net->populations[ebb_network_input(net)].n, 3);
    ck_assert_uint_eq(net->populations[ebb_network_output(net)].n, 5);
    end();
}
END_TEST

START_TEST(a_bad_matrix_is_refused)
{
    struct csr bad[12];
    const char *says[] = {"encoding-type",   "indptr[2] falls", "indptr runs",
                          "indices[1] = 3",  "negative",        "indptr holds",
                          "4 indices for 3", "shape is [0",     "'shape'",
                          "asks for",        "indptr runs",     "no finite"};
    for (size_t k = 0; k < 12; k++) {
        bad[k] = good;
    }
    bad[0].encoding = "csc_matrix";
    bad[1].indptr[1] = 3;
    bad[2].indptr[3] = 5;
    bad[3].indices[1] = 3;
    bad[4].indices[1] = -1;
    bad[5].n_indptr = 3;
    bad[6].n_data = 3;
    bad[7].shape[0] = 0;
    bad[8].shape[1] = -3;
    bad[9].shape[1] = 4000000000;
    bad[10].indptr[0] = 1;
    bad[11].data[2] = NAN;
    for (size_t k = 0; k < 12; k++) {
        write_csr(&bad[k], "X");
        CHECK_EACH(read_csr("X", false) != EBB_OK, "matrix %zu is taken", k);
        CHECK_EACH(strstr(ebb_error_message(), says[k]) && !net,
                   "matrix %zu: %s", k, ebb_error_message());
        end();
    }
}
END_TEST

START_TEST(one_of_two_matrices_must_be_named)
{
    write_csr(&good, "a");
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    H5Ocopy(file, "a", file, "b", H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    ck_assert_int_eq(read_csr(NULL, false), EBB_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "--matrix"));
    ck_assert_int_eq(read_csr("b", false), EBB_OK);
    end();
}
END_TEST

static void write_text(const char *text)
{
    begin();
    FILE *file = fopen(path, "wb");
    fputs(text, file);
    fclose(file);
}

static ebb_status read_text(size_t neurons, bool forward)
{
    struct ebb_edge_neurons how = ebb_edge_neurons_default();
    return ebb_edges_csv_read(&net, path, neurons, forward, &how);
}

START_TEST(a_list_of_synapses_becomes_a_projection_a_delay)
{
    write_text("source,target,weight,delay\n# one\n2,0,0.5,3\n0,1,1.5\n"
               "0,0,-2,3\n3\t1\t4\n");
    ck_assert(ebb_edges_csv_looks(path));
    ck_assert_msg(read_text(0, false) == EBB_OK, "%s", ebb_error_message());
    const struct ebb_projection *one = find("synapses_1");
    const struct ebb_projection *three = find("synapses_3");
    const uint64_t rows_one[] = {0, 1, 1, 1, 2};
    const uint64_t rows_three[] = {0, 1, 1, 2, 2};
    ck_assert_mem_eq(one->indptr, rows_one, sizeof(rows_one));
    ck_assert_mem_eq(three->indptr, rows_three, sizeof(rows_three));
    ck_assert_uint_eq(one->delay_ticks, 1);
    ck_assert_uint_eq(three->delay_ticks, 3);
    ck_assert_double_eq(ebb_projection_weight(one, 0), 1.5);
    ck_assert_double_eq(ebb_projection_weight(one, 1), 4);
    ck_assert_double_eq(ebb_projection_weight(three, 0), -2);
    ck_assert_double_eq(ebb_projection_weight(three, 1), 0.5);
    ebb_network_destroy(net);
    ck_assert_int_eq(read_text(10, true), EBB_OK);
    ck_assert_uint_eq(net->populations[ebb_network_input(net)].n, 4);
    ck_assert_uint_eq(net->populations[ebb_network_output(net)].n, 10);
    end();
}
END_TEST

START_TEST(bad_lists_of_synapses_are_refused)
{
    const struct {
        const char *text, *says;
        size_t neurons;
    } bad[] = {{"0,1,1\n0,x,1\n", "line 2: '0,x,1'", 0},
               {"0,1\n", "line 1: '0,1'", 0},
               {"0,1,nan\n", "'0,1,nan'", 0},
               {"0,1,1e99\n", "'0,1,1e99'", 0},
               {"0,1,1,2,3\n", "'0,1,1,2,3'", 0},
               {"-1,1,1\n", "'-1,1,1'", 0},
               {"0,4294967295,1\n", "'0,4294967295,1'", 0},
               {"0,4000000000,1\n", "--neurons", 0},
               {"0,5,1\n", "5 sources and 5 targets", 5},
               {"# nothing\n", "no synapses", 0}};
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        write_text(bad[k].text);
        CHECK_EACH(read_text(bad[k].neurons, false) != EBB_OK, "list %zu", k);
        CHECK_EACH(strstr(ebb_error_message(), bad[k].says) && !net,
                   "list %zu: %s", k, ebb_error_message());
        end();
    }
}
END_TEST

/* Text that can be read once. */
START_TEST(a_fifo_is_read_like_a_file)
{
    write_text("");
    unlink(path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    pid_t writer = fork();
    if (writer == 0) {
        FILE *file = fopen(path, "wb");
        fputs("1,0,0.5\n0,2,1.5\n", file);
        fclose(file);
        _exit(0);
    }
    ck_assert_msg(read_text(0, false) == EBB_OK, "%s", ebb_error_message());
    waitpid(writer, NULL, 0);
    ck_assert_uint_eq(find("synapses")->synapses, 2);
    ck_assert_uint_eq(find("synapses")->indices[0], 2);
    end();
}
END_TEST

/* Two populations and their edges, drawn at random, without doubles. */
static struct ebb_network *make(struct ebb_random *r)
{
    struct ebb_network *made;
    struct ebb_edge_neurons how = ebb_edge_neurons_default();
    size_t in = 0, out = 0, q = 0;
    ck_assert_int_eq(ebb_network_create(&made), EBB_OK);
    made->tick_s = 1e-3;
    ck_assert_int_eq(ebb_network_add_population(made, "axons", 9, true, &in),
                     EBB_OK);
    ck_assert_int_eq(ebb_edges_add_neurons(made, "cells", 7, &how, &out),
                     EBB_OK);
    for (size_t part = 0; part < 2; part++) {
        struct ebb_edges list = {.n = 0};
        for (uint32_t k = 0; k < 49; k++) {
            struct ebb_edge e = {k / 7, k % 7, (float)ebb_random_normal(r),
                                 2 + (uint32_t)part};
            if (k == 48 || ebb_random_uniform(r) < 0.4) {
                ck_assert_int_eq(ebb_edges_push(&list, e), EBB_OK);
            }
        }
        ck_assert_int_eq(ebb_edges_add(made, part ? "back" : "forth",
                                       part ? out : in, out, &list, &how),
                         EBB_OK);
        ebb_edges_finish(&list);
    }
    ck_assert_int_eq(ebb_network_add_projection(made, "z_all", in, out,
                                                EBB_PROJECTION_DENSE,
                                                EBB_FLOAT32, 0, &q),
                     EBB_OK);
    for (size_t k = 0; k < 63; k++) {
        ((float *)made->projections[q].weight)[k] = (float)k;
    }
    ck_assert_int_eq(ebb_edges_set_kernel(made, q, &how, 1), EBB_OK);
    ck_assert_int_eq(ebb_network_finish(made), EBB_OK);
    return made;
}

static ebb_status read_sonata(double weight, bool round, double tick_s)
{
    struct ebb_edge_neurons how = ebb_edge_neurons_default();
    struct ebb_sonata_options o = {.weight = weight, .round = round};
    how.tick_s = tick_s;
    return ebb_sonata_read(&net, path, &o, &how);
}

START_TEST(what_is_written_as_sonata_is_read_again)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 0);
        struct ebb_network *made = make(&r);
        begin();
        ck_assert_int_eq(ebb_sonata_write(path, made), EBB_OK);
        ck_assert(ebb_sonata_looks(path));
        ck_assert_msg(read_sonata(NAN, false, 1e-3) == EBB_OK, "%s",
                      ebb_error_message());
        ck_assert_uint_eq(net->populations[ebb_network_input(net)].n, 9);
        for (size_t k = 0; k < 3; k++) {
            ck_assert_int_eq(ebb_network_unpack(made, k), EBB_OK);
            const struct ebb_projection *p = &made->projections[k];
            const struct ebb_projection *q = find(p->name);
            CHECK_EACH(
                q->synapses == p->synapses &&
                    q->delay_ticks == p->delay_ticks &&
                    memcmp(q->weight, p->weight, p->synapses * sizeof(float)) ==
                        0 &&
                    (!p->indptr ||
                     (memcmp(q->indices, p->indices,
                             p->synapses * sizeof(uint32_t)) == 0 &&
                      memcmp(q->indptr, p->indptr,
                             (p->n_inputs + 1) * sizeof(uint64_t)) == 0)),
                "seed %llu: '%s' differs", (unsigned long long)seed, p->name);
        }
        ebb_network_destroy(made);
        end();
    }
}
END_TEST

/* Edges as others write them: text of variable length, a group index. */
struct foreign {
    double from[3], to[3], group[3], row[3], delay[3];
    size_t rows;
    bool weighted;
};

static const struct foreign fair = {
    {0, 1, 2}, {1, 2, 0}, {0, 0, 0}, {2, 1, 0}, {1.5, 2, 2}, 3, true};

static void put_nodes(hid_t at, const char *name, const double *v, size_t n)
{
    put_doubles(at, name, v, n);
    hid_t list = H5Dopen2(at, name, H5P_DEFAULT);
    put_variable_text(list, "node_population", "v1");
    H5Dclose(list);
}

static void write_foreign(const struct foreign *f)
{
    const double weight[] = {10, 20, 30};
    hid_t file, all, at, group;
    begin();
    ck_assert_int_eq(ebb_h5_begin(&file, path), EBB_OK);
    ck_assert_int_eq(ebb_h5_group_create(&all, file, "edges"), EBB_OK);
    ck_assert_int_eq(ebb_h5_group_create(&at, all, "v1_to_v1"), EBB_OK);
    put_nodes(at, "source_node_id", f->from, 3);
    put_nodes(at, "target_node_id", f->to, 3);
    put_doubles(at, "edge_group_id", f->group, 3);
    put_doubles(at, "edge_group_index", f->row, 3);
    ck_assert_int_eq(ebb_h5_group_create(&group, at, "0"), EBB_OK);
    if (f->weighted) {
        put_doubles(group, "syn_weight", weight, 3);
    }
    put_doubles(group, "delay", f->delay, f->rows);
    H5Gclose(group);
    H5Gclose(at);
    H5Gclose(all);
    ck_assert_int_eq(ebb_h5_commit(file, path), EBB_OK);
}

START_TEST(foreign_edges_are_read_through_their_group)
{
    write_foreign(&fair);
    ck_assert_msg(read_sonata(NAN, false, 5e-4) == EBB_OK, "%s",
                  ebb_error_message());
    const struct ebb_projection *q = find("v1_to_v1_3"); /* 1.5 ms */
    ck_assert_uint_eq(q->synapses, 1);
    ck_assert_uint_eq(q->indptr[3], 1);
    ck_assert_uint_eq(q->indptr[2], 0);
    ck_assert_double_eq(ebb_projection_weight(q, 0), 10);
    ck_assert_uint_eq(find("v1_to_v1_4")->synapses, 2);
    ck_assert_uint_eq(net->populations[ebb_network_input(net)].n, 3);
    ebb_network_destroy(net);
    ck_assert_int_eq(read_sonata(NAN, true, 1e-3), EBB_OK);
    ck_assert_uint_eq(find("v1_to_v1")->delay_ticks, 2);
    end();
}
END_TEST

/* More edges than are read at a time. */
START_TEST(group_rows_that_leap_about_are_found)
{
    enum { N = 600000, SOURCES = 1000, STEP = 7919 }; /* a prime */
    double *list = ebb_mem_calloc(3 * N, sizeof(*list));
    double *from = list, *to = list + N, *row = list + 2 * N;
    hid_t file, all, at, group;
    for (size_t k = 0; k < N; k++) {
        from[k] = (double)(k % SOURCES);
        to[k] = (double)(k / SOURCES);
        row[k] = (double)(k * STEP % N);
    }
    begin();
    ck_assert_int_eq(ebb_h5_begin(&file, path), EBB_OK);
    ck_assert_int_eq(ebb_h5_group_create(&all, file, "edges"), EBB_OK);
    ck_assert_int_eq(ebb_h5_group_create(&at, all, "e"), EBB_OK);
    put_nodes(at, "source_node_id", from, N);
    put_nodes(at, "target_node_id", to, N);
    put_doubles(at, "edge_group_index", row, N);
    for (size_t k = 0; k < N; k++) {
        row[k] = (double)k;
    }
    ck_assert_int_eq(ebb_h5_group_create(&group, at, "0"), EBB_OK);
    put_doubles(group, "syn_weight", row, N);
    H5Gclose(group);
    H5Gclose(at);
    H5Gclose(all);
    ck_assert_int_eq(ebb_h5_commit(file, path), EBB_OK);
    ebb_mem_free(list);
    ck_assert_msg(read_sonata(NAN, false, 1e-3) == EBB_OK, "%s",
                  ebb_error_message());
    const struct ebb_projection *q = find("e");
    ck_assert_uint_eq(q->synapses, N);
    for (size_t s = 0; s < N; s++) {
        size_t k = s / (N / SOURCES) + s % (N / SOURCES) * SOURCES;
        double wanted = (double)(k * STEP % N);
        CHECK_EACH(ebb_projection_weight(q, s) == wanted &&
                       q->indices[s] == k / SOURCES,
                   "synapse %zu weighs %g", s, ebb_projection_weight(q, s));
    }
    end();
}
END_TEST

START_TEST(bad_foreign_edges_are_refused)
{
    struct foreign bad[8];
    const char *says[] = {
        "more than one group", "has 3 rows", "--weight", "--round-delays",
        "'delay' holds 2",     "negative",   "asks for", "whole"};
    for (size_t k = 0; k < 8; k++) {
        bad[k] = fair;
        bad[k].delay[0] = 2;
    }
    bad[0].group[1] = 1;
    bad[1].row[1] = 3;
    bad[2].weighted = false;
    bad[3].delay[1] = 1.25;
    bad[4].rows = 2;
    bad[5].from[1] = -1;
    bad[6].from[1] = 4000000000;
    bad[7].from[1] = 0.5;
    for (size_t k = 0; k < 8; k++) {
        write_foreign(&bad[k]);
        CHECK_EACH(read_sonata(NAN, false, 1e-3) != EBB_OK, "edges %zu", k);
        CHECK_EACH(strstr(ebb_error_message(), says[k]) && !net,
                   "edges %zu: %s", k, ebb_error_message());
        end();
    }
    write_foreign(&bad[2]);
    ck_assert_int_eq(read_sonata(3, false, 1e-3), EBB_OK);
    ck_assert_double_eq(ebb_projection_weight(find("v1_to_v1"), 1), 3);
    end();
}
END_TEST

START_TEST(edges_survive_every_failed_allocation)
{
    ebb_status status = EBB_ERR_NOMEM;
    write_foreign(&fair);
    for (long nth = 1; status != EBB_OK; nth++) {
        ebb_mem_fail_nth(nth);
        status = read_sonata(NAN, true, 1e-3);
        ebb_mem_fail_nth(0);
        CHECK_EACH((net != NULL) == (status == EBB_OK), "allocation %ld", nth);
    }
    end();
}
END_TEST

RUN_SUITE("io", "import_network", a_matrix_of_anndata_becomes_sorted_rows,
          a_matrix_that_is_not_square_goes_forward, a_bad_matrix_is_refused,
          one_of_two_matrices_must_be_named,
          a_list_of_synapses_becomes_a_projection_a_delay,
          bad_lists_of_synapses_are_refused, a_fifo_is_read_like_a_file,
          what_is_written_as_sonata_is_read_again,
          foreign_edges_are_read_through_their_group,
          group_rows_that_leap_about_are_found, bad_foreign_edges_are_refused,
          edges_survive_every_failed_allocation)
